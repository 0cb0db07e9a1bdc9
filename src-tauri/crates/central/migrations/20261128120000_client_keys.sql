-- Clients that sign who they are (RFC 7523), and what a till is given for itself (RFC 6749, section 4.4).

-- The public key (RFC 7517), JSON. A client that has one is believed only with its signature.
ALTER TABLE clients ADD COLUMN key TEXT;

-- They speak for a till and its store, and for no customer.
CREATE TABLE store_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (id),
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX store_tokens_by_expiry ON store_tokens (expires_at);
