CREATE TABLE queued_edit (
    -- An edit that the centre does not have yet. The key of the customer stands here once more, so that the queue can
    -- be saved from a file whose other pages are damaged.
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id BLOB NOT NULL UNIQUE,           -- UUID, the idempotency key
    customer_id BLOB NOT NULL REFERENCES customer (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    edit TEXT NOT NULL,                -- JSON
    before TEXT,                       -- JSON; what stood there, for undo
    base_revision INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    refused_status INTEGER             -- HTTP status; none while it waits
) STRICT;
CREATE INDEX queued_edit_customer ON queued_edit (customer_id, seq);
