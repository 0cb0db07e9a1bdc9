CREATE TABLE till_sealing (
    -- What is sealed that waits of customers who have never signed in at this till: JSON, public key and the till's own grant.
    issuer TEXT PRIMARY KEY NOT NULL,
    sealing TEXT NOT NULL
) STRICT, WITHOUT ROWID;
