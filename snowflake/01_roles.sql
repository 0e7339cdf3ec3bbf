-- Nothing -> three roles under sysadmin: loader (follows and repairs loads), transformer (owns core and marts),
-- reader (reads them). A second run changes nothing. What each may do is granted in 90_grants.sql, once the
-- objects are there.
use role useradmin;

create role if not exists <% database %>_loader
comment = 'Tonearm: follows the pipes, reloads what they missed, counts landing rows.';

create role if not exists <% database %>_transformer
comment = 'Tonearm: owns the core and mart objects and refreshes them.';

create role if not exists <% database %>_reader
comment = 'Tonearm: reads core and marts.';

grant role <% database %>_loader to role sysadmin;
grant role <% database %>_transformer to role sysadmin;
grant role <% database %>_reader to role sysadmin;
