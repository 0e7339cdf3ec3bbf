-- Files of this folder -> the Streamlit app ops.dashboard, which reads core and mart with the reader's rights and no
-- other; a second run puts the files there again and replaces the app, which holds no data. From the project's root:
-- snow sql -f snowflake/dashboard/create.sql -D database=TONEARM -D warehouse=TONEARM_WH
use role useradmin;

create role if not exists <% database %>_dashboard
comment = 'Tonearm: owns the dashboard, which asks with its rights.';

grant role <% database %>_reader to role <% database %>_dashboard;
grant role <% database %>_dashboard to role sysadmin;

use role sysadmin;

create stage if not exists <% database %>.ops.dashboard_files
comment = 'The files of the dashboard.';

put 'file://snowflake/dashboard/*.py' @<% database %>.ops.dashboard_files auto_compress = false overwrite = true; -- noqa
put 'file://snowflake/dashboard/environment.yml' @<% database %>.ops.dashboard_files auto_compress = false overwrite = true; -- noqa
put 'file://snowflake/dashboard/config.toml' @<% database %>.ops.dashboard_files/.streamlit auto_compress = false overwrite = true; -- noqa

grant usage on schema <% database %>.ops to role <% database %>_dashboard;
grant usage on schema <% database %>.ops to role <% database %>_reader;
grant read on stage <% database %>.ops.dashboard_files to role <% database %>_dashboard;
grant create streamlit on schema <% database %>.ops to role <% database %>_dashboard;

use role <% database %>_dashboard;

create or replace streamlit <% database %>.ops.dashboard -- noqa: PRS
from '@<% database %>.ops.dashboard_files'
main_file = 'streamlit_app.py'
query_warehouse = <% warehouse %>
title = 'Tonearm';

alter streamlit <% database %>.ops.dashboard add live version from last;

grant usage on streamlit <% database %>.ops.dashboard to role <% database %>_reader;
