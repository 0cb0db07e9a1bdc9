CREATE TABLE time_seen (
    -- The latest time that was believed, so that a clock which is wrong neither keeps nobody for ever nor removes
    -- everybody at once. Microseconds since 1970, UTC.
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    at INTEGER NOT NULL,
    doubted_at INTEGER                 -- what the clock said when it was first found to be far ahead
) STRICT;
