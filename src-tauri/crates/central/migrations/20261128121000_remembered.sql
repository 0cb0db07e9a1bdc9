-- Who is remembered at which store, by the newest act of each customer about it: what a store's tills may copy.
--
--   until -> none where it was taken back. The row stays, so that the store's tills are told to drop their copy.
CREATE TABLE remembered (
    store_id TEXT NOT NULL,
    subject TEXT NOT NULL REFERENCES customers (subject) ON DELETE CASCADE,
    -- The act: its id.
    act TEXT NOT NULL,
    until INTEGER,
    PRIMARY KEY (store_id, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX remembered_by_subject ON remembered (subject);

-- Withdrawal wins a tie. A yes that does not say for how long is good for a year.
INSERT INTO remembered (store_id, subject, act, until)
SELECT store, subject, id, iif(given, coalesce(until, at + 31536000000), NULL)
FROM (SELECT *, row_number() OVER (PARTITION BY store, subject ORDER BY at DESC, given, id DESC) AS place
      FROM consents WHERE purpose = 'remember_at_store' AND store IS NOT NULL)
WHERE place = 1;

CREATE TRIGGER remembering AFTER INSERT ON consents
WHEN new.purpose = 'remember_at_store' AND new.store IS NOT NULL BEGIN
    INSERT INTO remembered (store_id, subject, act, until)
    SELECT store, subject, id, iif(given, coalesce(until, at + 31536000000), NULL)
    FROM consents WHERE subject = new.subject AND purpose = new.purpose AND store = new.store
    ORDER BY at DESC, given, id DESC LIMIT 1
    ON CONFLICT (store_id, subject) DO UPDATE SET act = excluded.act, until = excluded.until;
END;

-- Tills that have carried out an erasure. It names subjects that are not there any more.
CREATE TABLE erasure_confirmations (
    subject TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES clients (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (subject, client_id)
) STRICT, WITHOUT ROWID;

-- An entry of somebody who is erased leaves the file, and not only the index.
INSERT INTO customer_search (customer_search, rank) VALUES ('secure-delete', 1);
