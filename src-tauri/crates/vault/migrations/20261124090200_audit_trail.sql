CREATE TABLE audit_line (
    -- Who did what to whom, when, why, and whether the centre could be reached. Lines are added and never touched.
    seq INTEGER PRIMARY KEY NOT NULL,  -- 1, 2, 3, ... without a gap
    at INTEGER NOT NULL,
    who BLOB,                          -- associate; none for the till itself
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    act TEXT NOT NULL,
    why TEXT NOT NULL,
    online INTEGER NOT NULL,
    hash BLOB NOT NULL                 -- SHA-256 over the hash before and this line
) STRICT;

CREATE TABLE audit_head (
    -- How long the trail is and how it ends, so that a line missing at the end shows.
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    lines INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_head (one, lines, hash) VALUES (1, 0, zeroblob(32));

CREATE TRIGGER audit_line_is_never_changed BEFORE UPDATE ON audit_line
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_line_is_never_removed BEFORE DELETE ON audit_line
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
