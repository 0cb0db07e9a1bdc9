-- A snapshot has a number, and a copy that is made at this counter has that of the newest one: so no clock says who was
-- here since it was begun. A snapshot that is under way begins anew.
ALTER TABLE copy ADD COLUMN snapshot INTEGER NOT NULL DEFAULT 0;

CREATE TABLE numbered_feed (
    -- How far this till has followed the centre; no row before the first page of a snapshot was taken over.
    --   nowhere --first page--> snapshot --last page--> following --the centre does not know `since`--> nowhere
    issuer TEXT PRIMARY KEY NOT NULL,
    snapshot INTEGER NOT NULL,         -- number of the newest one
    since INTEGER,                     -- the change that the feed goes on after; none where it is nowhere
    -- During a snapshot: customers come in the order of their subjects.
    cursor TEXT,                       -- where the next page starts; none once the snapshot is whole
    upto TEXT,                         -- the last subject that was taken over
    done INTEGER NOT NULL,
    total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO numbered_feed (issuer, snapshot, since, done, total)
SELECT issuer, 1, iif(cursor IS NULL, since, NULL), done, total FROM feed;
DROP TABLE feed;
ALTER TABLE numbered_feed RENAME TO feed;
