-- What waits at tills is sealed to these (HPKE, RFC 9180). Old keys stay: what was sealed to them may come late.
CREATE TABLE sealing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    -- X25519.
    secret BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

-- Sealed edits that were opened and not applied: a person decides about each.
CREATE TABLE kept_edits (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- Idempotency key.
    id TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES clients (id),
    subject TEXT NOT NULL REFERENCES accounts (subject) ON DELETE CASCADE,
    -- JSON Merge Patch.
    change TEXT NOT NULL,
    -- By the clock of the till.
    made_at INTEGER NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('changed_since', 'invalid', 'yes_is_over')),
    kept_at INTEGER NOT NULL,
    UNIQUE (id, client_id, subject)
) STRICT;

CREATE INDEX kept_edits_by_subject ON kept_edits (subject);
