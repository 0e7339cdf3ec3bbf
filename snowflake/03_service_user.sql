-- A public key -> the service user the pipeline signs in as: key pair only, no password (type = service); a second
-- run sets the key given this time, which is how a key is rotated.
use role useradmin;

create user if not exists <% database %>_service
    type = service
    default_role = <% database %>_loader
    default_warehouse = <% warehouse %>
    comment = 'Tonearm pipeline; signs in with a key pair.';

alter user <% database %>_service set
    rsa_public_key = '<% rsa_public_key %>'
    default_role = <% database %>_loader
    default_warehouse = <% warehouse %>;

grant role <% database %>_loader to user <% database %>_service;
