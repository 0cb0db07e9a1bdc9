CREATE TABLE new_customer (
    -- Somebody who was entered at this till and whom the centre does not have yet. Their copy is like any other, and what
    -- was changed of it waits behind them. The key of the customer stands here once more, as in `queued_edit`.
    customer_id BLOB PRIMARY KEY NOT NULL REFERENCES customer (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,             -- a UUID that this till has chosen: they are made once under it
    document TEXT NOT NULL,            -- JSON
    made_at INTEGER NOT NULL,
    somebody_else TEXT NOT NULL DEFAULT '[]',  -- JSON; candidates whom the customer was asked about and is not
    refused_status INTEGER,            -- HTTP status; none while they wait
    candidates TEXT                    -- JSON; whom the centre knows already, where that is why
) STRICT;

CREATE TABLE queued_visit (
    -- An associate has written down that a customer was here, and the centre does not know it yet.
    id BLOB PRIMARY KEY NOT NULL,      -- UUID, the idempotency key
    customer_id BLOB NOT NULL REFERENCES customer (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    refused_status INTEGER             -- HTTP status; none while it waits
) STRICT;
CREATE INDEX queued_visit_customer ON queued_visit (customer_id, at);

-- All that waits for the centre and that a person may have to look at.
CREATE VIEW unsent AS
    SELECT customer_id, refused_status, made_at FROM queued_edit
    UNION ALL SELECT customer_id, refused_status, made_at FROM new_customer
    UNION ALL SELECT customer_id, refused_status, at FROM queued_visit;
