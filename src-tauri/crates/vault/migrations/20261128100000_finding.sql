-- Finding somebody among a million. The index stands in the order in which customers were at this counter: read from
-- its end, it gives whoever was here last first, however many others have the same name, and nothing is sorted.
--
-- A customer who was never at this counter has the place of their `seq`. Whoever was has a place above 2^40, one more
-- than the last one.
ALTER TABLE copy ADD COLUMN place INTEGER NOT NULL DEFAULT 0;  -- the rowid of `customer_search` too
UPDATE copy SET place = (1 << 40) + seen.nth
FROM (SELECT customer, row_number() OVER (ORDER BY last_seen, customer) AS nth FROM copy) seen
WHERE seen.customer = copy.customer;
CREATE UNIQUE INDEX copy_place ON copy (place);
DROP INDEX copy_last_seen;

-- As before, but for the places, and 'pgsz': a page of the index fits into one page of the file, of which SQLCipher
-- takes 80 bytes. By default each would have taken two.
CREATE VIRTUAL TABLE placed_search USING fts5 (
    name, email, phone, member,
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'",
    prefix = '1 2 3 4'
);
INSERT INTO placed_search (placed_search, rank) VALUES ('secure-delete', 1), ('pgsz', 3900);
INSERT INTO placed_search (rowid, name, email, phone, member)
SELECT c.place, s.name, s.email, s.phone, s.member
FROM customer_search s JOIN copy c ON c.customer = s.rowid ORDER BY c.place;
DROP TABLE customer_search;
ALTER TABLE placed_search RENAME TO customer_search;

CREATE TABLE spelling (
    -- The words of the names in the index, and each of them with one letter left out: a word that is typed with one
    -- mistake in it shares one of these with the word that was meant.
    spelling TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (spelling, word)
) STRICT, WITHOUT ROWID;
WITH RECURSIVE
    piece (word, rest) AS (
        SELECT '', name || ' ' FROM customer_search
        UNION
        SELECT substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM piece WHERE rest <> ''
    ),
    word (word) AS (
        SELECT DISTINCT word FROM piece WHERE length(word) BETWEEN 3 AND 32 AND word NOT GLOB '*[0-9]*'
    ),
    without (spelling, word, nth) AS (
        SELECT word, word, 0 FROM word
        UNION ALL
        SELECT substr(word, 1, nth) || substr(word, nth + 2), word, nth + 1 FROM without WHERE nth < length(word)
    )
INSERT OR IGNORE INTO spelling (spelling, word) SELECT spelling, word FROM without;

CREATE TABLE remembered (
    -- How many copies there are: counting a million takes longer than finding one of them.
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    copies INTEGER NOT NULL
) STRICT;
INSERT INTO remembered (one, copies) SELECT 1, count(*) FROM copy;
CREATE TRIGGER copy_is_counted AFTER INSERT ON copy BEGIN UPDATE remembered SET copies = copies + 1; END;
CREATE TRIGGER copy_is_counted_out AFTER DELETE ON copy BEGIN UPDATE remembered SET copies = copies - 1; END;
