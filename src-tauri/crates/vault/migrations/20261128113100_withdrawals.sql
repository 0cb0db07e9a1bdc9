CREATE TABLE queued_withdrawal (
    -- A customer took back at this till what they agreed to, and the centre does not know it yet. The key of the customer
    -- stands here once more, as in `queued_edit`.
    id BLOB PRIMARY KEY NOT NULL,      -- UUID, the act's
    customer_id BLOB NOT NULL REFERENCES customer (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    act TEXT,                          -- the act that is taken back, where it is known
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX queued_withdrawal_customer ON queued_withdrawal (customer_id);
