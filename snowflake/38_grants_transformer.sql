-- Objects of landing -> what the transformer needs to build and refresh core and marts from them; a second run changes
-- nothing. Change tracking of the landing tables is on in their own files: only an owner can switch it on.
use role sysadmin;

grant usage on database <% database %> to role <% database %>_transformer;
grant usage on warehouse <% warehouse %> to role <% database %>_transformer;
grant usage on schema <% database %>.landing to role <% database %>_transformer;
grant usage on schema <% database %>.core to role <% database %>_transformer;
grant usage on schema <% database %>.mart to role <% database %>_transformer;
grant select on all tables in schema <% database %>.landing to role <% database %>_transformer;
grant create dynamic table on schema <% database %>.core to role <% database %>_transformer;
grant create view on schema <% database %>.core to role <% database %>_transformer;
grant create view on schema <% database %>.mart to role <% database %>_transformer;
