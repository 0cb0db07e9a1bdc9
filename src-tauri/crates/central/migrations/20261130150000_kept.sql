-- Whatever a till handed over and could not be applied, not edits alone: somebody new whom the service may know already has no
-- account yet, so nothing here refers to one. Erasing somebody takes these along: see customers::erase.
CREATE TABLE kept (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- Idempotency key.
    id TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES clients (id),
    subject TEXT NOT NULL,
    -- What was sealed, in JSON.
    what TEXT NOT NULL,
    -- By the clock of the till.
    made_at INTEGER NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('changed_since', 'invalid', 'yes_is_over', 'maybe_known', 'behind_a_customer')),
    kept_at INTEGER NOT NULL,
    UNIQUE (id, client_id, subject)
) STRICT;

-- Each had one value of one preference in it.
INSERT INTO kept (number, id, client_id, subject, what, made_at, why, kept_at)
SELECT e.number, e.id, e.client_id, e.subject,
    json_object('kind', 'edit', 'base', 0, 'change', json_object(
        'group', grouped.key, 'key', preference.key, 'value', json(e.change -> grouped.key -> preference.key))),
    e.made_at, e.why, e.kept_at
FROM kept_edits e, json_each(e.change) grouped, json_each(grouped.value) preference;

DROP TABLE kept_edits;
CREATE INDEX kept_by_subject ON kept (subject);
