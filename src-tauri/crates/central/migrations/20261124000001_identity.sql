-- The OpenID provider: keys, stores, clients, accounts, grants, tokens.
--
-- Times are seconds since 1970-01-01T00:00:00Z by the clock of the service. Codes, cookies and tokens are here as
-- SHA-256 hashes only.

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    -- PKCS #8, PEM.
    pem TEXT NOT NULL,
    -- next -> current -> retired; a retired key is published until the last token it signed has expired.
    state TEXT NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    since INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_signing_key_a_state ON signing_keys (state) WHERE state <> 'retired';

-- Random bytes made at first start, by what they are for.
CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE stores (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    brand TEXT NOT NULL
) STRICT;

CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('till', 'browser')),
    -- What a customer reads: "Till 1", "Marram web shop".
    name TEXT NOT NULL,
    brand TEXT NOT NULL,
    store_id TEXT REFERENCES stores (id),
    -- Space separated: what the client may ask for.
    scopes TEXT NOT NULL,
    CHECK ((kind = 'till') = (store_id IS NOT NULL))
) STRICT;

CREATE TABLE redirect_uris (
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    uri TEXT NOT NULL,
    PRIMARY KEY (client_id, uri)
) STRICT;

CREATE TABLE accounts (
    subject TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    -- Argon2id, PHC string. None: the customer signs in with a linked account only.
    password_hash TEXT,
    role TEXT NOT NULL CHECK (role IN ('customer', 'staff')),
    created_at INTEGER NOT NULL
) STRICT;

-- A browser that is signed in.
CREATE TABLE sessions (
    hash BLOB NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES accounts (subject) ON DELETE CASCADE,
    signed_in_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- A sign-in at a till (RFC 8628):
--
--   pending -> approved -> exchanged
--      |
--      +-----> denied                     each until expires_at, after which it answers expired_token
CREATE TABLE device_grants (
    id INTEGER NOT NULL PRIMARY KEY,
    device_code_hash BLOB NOT NULL UNIQUE,
    user_code_hash BLOB NOT NULL UNIQUE,
    client_id TEXT NOT NULL REFERENCES clients (id),
    scopes TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'exchanged')),
    -- When the phone page was first opened.
    scanned_at INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Set with the yes.
    subject TEXT REFERENCES accounts (subject) ON DELETE CASCADE,
    auth_time INTEGER,
    remember_until INTEGER,
    -- The two characters that phone and till both show.
    match_check TEXT,
    -- Set with the tokens.
    authorization_id INTEGER,
    CHECK ((state IN ('approved', 'exchanged')) = (subject IS NOT NULL)),
    CHECK ((subject IS NULL) = (auth_time IS NULL) AND (subject IS NULL) = (match_check IS NULL))
) STRICT;

CREATE INDEX device_grants_by_expiry ON device_grants (expires_at);

-- What a customer allowed a client: all tokens that come from one yes. Revoking deletes it, and them with it.
CREATE TABLE authorizations (
    id INTEGER NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (id),
    subject TEXT NOT NULL REFERENCES accounts (subject) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    -- How long refreshing goes on, where the customer let the store remember them.
    remember_until INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX authorizations_by_subject ON authorizations (subject);
CREATE INDEX authorizations_by_expiry ON authorizations (expires_at);

CREATE TABLE access_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    authorization_id INTEGER NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX access_tokens_by_authorization ON access_tokens (authorization_id);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

-- Used ones stay as long as their authorization, so that a second use is noticed.
CREATE TABLE refresh_tokens (
    hash BLOB NOT NULL PRIMARY KEY,
    authorization_id INTEGER NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    issued_at INTEGER NOT NULL,
    used_at INTEGER,
    -- Hash of the token that it was exchanged for.
    successor BLOB
) STRICT;

CREATE INDEX refresh_tokens_by_authorization ON refresh_tokens (authorization_id);

-- RFC 6749, section 4.1, with PKCE (RFC 7636, S256).
CREATE TABLE authorization_codes (
    hash BLOB NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (id),
    subject TEXT NOT NULL REFERENCES accounts (subject) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    nonce TEXT,
    auth_time INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Set when it was exchanged: a second use revokes what the first one gave.
    authorization_id INTEGER,
    used_at INTEGER
) STRICT;
