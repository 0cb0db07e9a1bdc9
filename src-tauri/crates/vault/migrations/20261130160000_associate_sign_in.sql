-- Associates who sign in at the store's identity provider: who they are there, what they are there, and when the provider last
-- said so. None of it for those who set a PIN at the till alone.
ALTER TABLE associate ADD COLUMN issuer TEXT;
ALTER TABLE associate ADD COLUMN subject TEXT;
ALTER TABLE associate ADD COLUMN role TEXT;
ALTER TABLE associate ADD COLUMN signed_in_at INTEGER;
CREATE UNIQUE INDEX associate_signed_in ON associate (issuer, subject) WHERE issuer IS NOT NULL;
