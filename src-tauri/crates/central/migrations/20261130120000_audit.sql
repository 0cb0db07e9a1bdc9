-- The audit trails of tills: what was done there, by whom, to whom. Lines are added and never touched.
CREATE TABLE audit_trails (
    number INTEGER NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients (id),
    -- What the till calls it: a UUID. One whose memory is new has another trail, and so has one whose trail is not the one
    -- that is here.
    trail TEXT NOT NULL,
    -- Number and hash of the last line.
    lines INTEGER NOT NULL,
    hash TEXT NOT NULL,
    -- The first line that did not fit when it came, and what was wrong with it.
    broken_line INTEGER,
    broken_fault TEXT,
    first_heard INTEGER NOT NULL,
    last_heard INTEGER NOT NULL,
    UNIQUE (client_id, trail)
) STRICT;

CREATE TABLE audit_lines (
    trail INTEGER NOT NULL REFERENCES audit_trails (number),
    seq INTEGER NOT NULL,
    -- Microseconds, by the clock of the till.
    at INTEGER NOT NULL,
    -- The associate, a UUID; none for the till itself, and for store IT.
    who TEXT,
    -- Pseudonym of the customer, a UUID; none where it is about nobody.
    whom TEXT,
    act TEXT NOT NULL,
    why TEXT NOT NULL,
    online INTEGER NOT NULL,
    note TEXT,
    hash TEXT NOT NULL,
    PRIMARY KEY (trail, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_lines_are_never_changed BEFORE UPDATE ON audit_lines
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_lines_are_never_removed BEFORE DELETE ON audit_lines
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;

-- Who is behind a pseudonym. Without this row nobody can tell any more whom a line is about. A till may have it before
-- the centre has the customer.
CREATE TABLE audit_subjects (
    trail INTEGER NOT NULL REFERENCES audit_trails (number),
    whom TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (trail, whom)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_subjects_by_subject ON audit_subjects (subject);

CREATE TRIGGER audit_subjects_go_with_the_account AFTER DELETE ON accounts
BEGIN DELETE FROM audit_subjects WHERE subject = old.subject; END;
