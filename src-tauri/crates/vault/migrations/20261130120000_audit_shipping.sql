CREATE TABLE audit_shipping (
    -- How much of the audit trail the centre has.
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    trail BLOB NOT NULL,       -- what the trail is called there: UUID, random
    lines INTEGER NOT NULL     -- so many of it, as far as is known here
) STRICT;
INSERT INTO audit_shipping (one, trail, lines) VALUES (1, randomblob(16), 0);
