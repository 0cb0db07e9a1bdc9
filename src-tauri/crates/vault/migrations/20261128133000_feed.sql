CREATE TABLE feed (
    -- How far this till has followed the centre; no row before the first page of a snapshot was taken over.
    --   nowhere --first page--> snapshot --last page--> following --the centre does not know `since`--> nowhere
    issuer TEXT PRIMARY KEY NOT NULL,
    since INTEGER NOT NULL,            -- the change that the feed goes on after
    -- During a snapshot: customers come in the order of their subjects.
    cursor TEXT,                       -- where the next page starts; none once the snapshot is whole
    upto TEXT NOT NULL,                -- the last subject that was taken over
    begun_at INTEGER NOT NULL,         -- microseconds since 1970, UTC
    done INTEGER NOT NULL,
    total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure (
    -- Who was erased at the centre and here, until the centre knows that.
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
