-- Roles and objects -> what loader and reader may do; a second run changes nothing. The loader follows pipes
-- (monitor), refreshes them (operate) and repeats a COPY for files too old for that. At the end of a run it has core
-- refreshed and the purge started, and counts what core has of the run; it cannot change or read what they hold. The
-- reader sees core and marts, also those to come.
use role sysadmin;

grant usage on database <% database %> to role <% database %>_loader;
grant usage on warehouse <% warehouse %> to role <% database %>_loader;
grant usage on schema <% database %>.landing to role <% database %>_loader;
grant usage on stage <% database %>.landing.curated to role <% database %>_loader;
grant usage on file format <% database %>.landing.parquet_files to role <% database %>_loader;
grant select, insert on all tables in schema <% database %>.landing to role <% database %>_loader;
grant usage on schema <% database %>.core to role <% database %>_loader;
grant usage on schema <% database %>.ops to role <% database %>_loader;
grant monitor, operate on all tasks in schema <% database %>.ops to role <% database %>_loader;

grant usage on database <% database %> to role <% database %>_reader;
grant usage on warehouse <% warehouse %> to role <% database %>_reader;
grant usage on schema <% database %>.core to role <% database %>_reader;
grant usage on schema <% database %>.mart to role <% database %>_reader;

use role securityadmin;

grant select on all dynamic tables in schema <% database %>.core to role <% database %>_reader;
grant select on future dynamic tables in schema <% database %>.core to role <% database %>_reader;
grant monitor, operate on all dynamic tables in schema <% database %>.core to role <% database %>_loader;
grant monitor, operate on future dynamic tables in schema <% database %>.core to role <% database %>_loader;
grant select on view <% database %>.core.rows_by_run to role <% database %>_loader;
grant select on all views in schema <% database %>.mart to role <% database %>_reader;
grant select on future views in schema <% database %>.mart to role <% database %>_reader;
