-- Nothing -> one extra-small warehouse that sleeps after a minute; a second run sets the same properties again, so
-- a change made by hand is undone. Loading needs no warehouse (Snowpipe is serverless); refreshes and questions
-- do.
use role sysadmin;

create warehouse if not exists <% warehouse %>
    warehouse_size = xsmall
    auto_suspend = 60
    auto_resume = true
    initially_suspended = true;

alter warehouse <% warehouse %> set
    auto_suspend = 60
    auto_resume = true
    comment = 'Tonearm: refreshes core and answers questions.';
