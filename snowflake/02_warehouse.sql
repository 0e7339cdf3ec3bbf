-- Nothing -> one extra-small warehouse that sleeps after half a minute; a second run sets the same properties again, so
-- a change made by hand is undone. Loading needs no warehouse (Snowpipe is serverless); refreshes and questions do.
-- Each wake is billed a minute at least and then the seconds awake, so a short sleep costs nothing and saves the rest.
-- A statement that runs for an hour is ended: Snowflake's own limit is two days.
use role sysadmin;

create warehouse if not exists <% warehouse %>
    warehouse_size = xsmall
    auto_suspend = 30
    auto_resume = true
    initially_suspended = true;

alter warehouse <% warehouse %> set
    auto_suspend = 30
    auto_resume = true
    statement_timeout_in_seconds = 3600
    comment = 'Tonearm: refreshes core and answers questions.';
