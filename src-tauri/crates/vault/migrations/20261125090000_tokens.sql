CREATE TABLE refresh_in_flight (
    -- Customers whose refresh token was sent to the provider and has not been answered for: it may be used up. Written
    -- before it is sent. The token itself is never in this file.
    customer_id BLOB PRIMARY KEY NOT NULL,
    sent_at INTEGER NOT NULL           -- microseconds since 1970, UTC
) STRICT;

CREATE TABLE queued_revocation (
    -- Tokens that must still be ended at the provider. They are in the keyring, under this id.
    id BLOB PRIMARY KEY NOT NULL,      -- UUID
    queued_at INTEGER NOT NULL
) STRICT;
