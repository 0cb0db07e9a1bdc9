CREATE TABLE customer (
    -- Somebody who is remembered here, or whose edits still wait for the centre.
    seq INTEGER PRIMARY KEY NOT NULL,  -- the rowid of `customer_search` too
    id BLOB NOT NULL UNIQUE,           -- UUID; means nothing outside this till
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    UNIQUE (issuer, subject)
) STRICT;

CREATE TABLE copy (
    -- What the centre last said of a customer who agreed to be remembered. Times are microseconds since 1970, UTC.
    customer INTEGER PRIMARY KEY NOT NULL REFERENCES customer (seq),
    until INTEGER NOT NULL,            -- the date the customer agreed to
    copied_at INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,        -- when the customer was last at this counter
    revision INTEGER NOT NULL,         -- of the document
    older TEXT,                        -- cursor where older activity starts
    profile TEXT NOT NULL,             -- JSON, without the edits that wait
    activity TEXT NOT NULL             -- JSON array, newest first
) STRICT;
CREATE INDEX copy_until ON copy (until);
CREATE INDEX copy_last_seen ON copy (last_seen);

-- Folded text, not the customer's own spelling. Marks count as letters (Indic vowels); 'secure-delete' removes an
-- entry from the index at once instead of at the next merge.
CREATE VIRTUAL TABLE customer_search USING fts5 (
    name, email, phone, member,
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'",
    prefix = '2 3'
);
INSERT INTO customer_search (customer_search, rank) VALUES ('secure-delete', 1);

CREATE TABLE dead_token (
    -- Customers whose refresh token must still be removed from the keyring. The token itself is never in this file.
    customer_id BLOB PRIMARY KEY NOT NULL
) STRICT;
