-- Customers: the parts that the profile document is computed from, what changes them, and the feed of changes.
--
-- Times are milliseconds since 1970-01-01T00:00:00Z by the clock of the service. Words (channels, kinds, purposes) are
-- written as in the profile API. Deleting an account deletes all of this with it, but for the line in the feed that
-- tells every till to do the same.

CREATE TABLE customers (
    id INTEGER NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL UNIQUE REFERENCES accounts (subject) ON DELETE CASCADE,
    -- Rises with each change of the document.
    revision INTEGER NOT NULL,
    display_name TEXT NOT NULL,
    given_name TEXT,
    family_name TEXT,
    name_order TEXT NOT NULL,
    email TEXT,
    email_verified INTEGER NOT NULL,
    -- E.164.
    phone TEXT,
    locale TEXT,
    -- YYYY-MM-DD.
    birthday TEXT,
    member_since INTEGER NOT NULL
) STRICT;

CREATE TABLE identities (
    id INTEGER NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES customers (subject) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    label TEXT,
    linked_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

CREATE INDEX identities_by_subject ON identities (subject);

CREATE TABLE loyalty (
    subject TEXT NOT NULL PRIMARY KEY REFERENCES customers (subject) ON DELETE CASCADE,
    number TEXT NOT NULL UNIQUE,
    tier TEXT NOT NULL,
    points INTEGER NOT NULL,
    next_tier_at INTEGER
) STRICT;

CREATE TABLE preferences (
    subject TEXT NOT NULL REFERENCES customers (subject) ON DELETE CASCADE,
    group_name TEXT NOT NULL,
    key TEXT NOT NULL,
    -- JSON; none where the preference was removed, which is a change like any other.
    value TEXT,
    channel TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    -- The customer's revision that this change made.
    revision INTEGER NOT NULL,
    PRIMARY KEY (subject, group_name, key)
) STRICT, WITHOUT ROWID;

-- Acts of consent are added, never changed.
CREATE TABLE consents (
    id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES customers (subject) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    given INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    channel TEXT NOT NULL,
    wording TEXT NOT NULL,
    store TEXT
) STRICT;

CREATE INDEX consents_by_subject ON consents (subject, at);

CREATE TRIGGER consents_are_never_changed BEFORE UPDATE ON consents BEGIN
    SELECT raise(ABORT, 'an act of consent is never changed');
END;

-- The key is the order of the pages: a cursor stays good while newer rows come in.
CREATE TABLE activity (
    subject TEXT NOT NULL REFERENCES customers (subject) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    brand TEXT,
    store TEXT,
    amount_minor INTEGER,
    currency TEXT,
    PRIMARY KEY (subject, at, id),
    CHECK ((amount_minor IS NULL) = (currency IS NULL))
) STRICT, WITHOUT ROWID;

--   open (ended_at is null) -> ended
CREATE TABLE visits (
    id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES customers (subject) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    ended_at INTEGER,
    how TEXT,
    CHECK ((ended_at IS NULL) = (how IS NULL))
) STRICT;

CREATE INDEX visits_by_subject ON visits (subject);

-- Requests that were carried out, for the same request coming again.
CREATE TABLE idempotency (
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL REFERENCES customers (subject) ON DELETE CASCADE,
    key TEXT NOT NULL,
    -- SHA-256 of what was asked.
    request BLOB NOT NULL,
    -- Identifier of what it made.
    made TEXT,
    done_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, subject, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_subject ON idempotency (subject);
CREATE INDEX idempotency_by_age ON idempotency (done_at);

-- The feed. It names subjects that are not there any more, so it refers to none.
CREATE TABLE changes (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('changed', 'erased'))
) STRICT;

CREATE INDEX changes_by_subject ON changes (subject, seq);

-- Name, address, phone and member number, folded by the service; the row is the customer's.
CREATE VIRTUAL TABLE customer_search USING fts5 (words, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 0');

CREATE TRIGGER erasure AFTER DELETE ON customers BEGIN
    DELETE FROM customer_search WHERE rowid = old.id;
    INSERT INTO changes (subject, kind) VALUES (old.subject, 'erased');
END;
