-- A number of credits -> the warehouse stops when it has used so many in a calendar month; a second run sets the same
-- again. The file is left out where no quota is asked for. At 80 percent the account's administrators are told, at 100
-- percent what runs may end and nothing new starts: core is not refreshed and runs end red until the month is over or
-- the quota is raised.
use role accountadmin;

create resource monitor if not exists <% database %>_quota with
    credit_quota = <% credit_quota %>
    triggers
    on 80 percent do notify
    on 100 percent do suspend;

alter resource monitor <% database %>_quota set credit_quota = <% credit_quota %>;

alter warehouse <% warehouse %> set resource_monitor = <% database %>_quota;
