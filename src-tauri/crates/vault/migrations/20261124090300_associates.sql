CREATE TABLE associate (
    -- The people who work at this till.
    id BLOB PRIMARY KEY NOT NULL,      -- UUID
    name TEXT NOT NULL,
    pin_hash TEXT NOT NULL,            -- argon2id, PHC format
    wrong INTEGER NOT NULL DEFAULT 0,  -- wrong PINs since the last right one
    blocked_until INTEGER,
    added_at INTEGER NOT NULL
) STRICT;
