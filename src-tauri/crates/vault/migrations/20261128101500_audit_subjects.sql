-- Lines of the audit trail name a customer by a pseudonym. `audit::carry_over` writes the lines of before anew, and
-- removes their table, in the transaction of this migration.
DROP TRIGGER IF EXISTS audit_line_is_never_changed;
DROP TRIGGER IF EXISTS audit_line_is_never_removed;
ALTER TABLE audit_line RENAME TO audit_line_by_name;

CREATE TABLE audit_subject (
    -- Who is behind a pseudonym. Without this row nobody can tell any more whom a line is about; the chain stays whole.
    pseudonym BLOB PRIMARY KEY NOT NULL,  -- UUID, random
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    UNIQUE (issuer, subject)
) STRICT;

CREATE TABLE audit_line (
    -- Who did what to whom, when, why, and whether the centre could be reached. Lines are added and never touched.
    seq INTEGER PRIMARY KEY NOT NULL,  -- 1, 2, 3, ... without a gap
    at INTEGER NOT NULL,
    who BLOB,                          -- associate; none for the till itself, and for store IT
    whom BLOB,                         -- pseudonym of the customer; none where it is about nobody
    act TEXT NOT NULL,
    why TEXT NOT NULL,
    online INTEGER NOT NULL,
    note TEXT,                         -- what the act needs besides, such as who gave a command
    hash BLOB NOT NULL                 -- SHA-256 over the hash before and this line
) STRICT;

CREATE TRIGGER audit_line_is_never_changed BEFORE UPDATE ON audit_line
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_line_is_never_removed BEFORE DELETE ON audit_line
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
