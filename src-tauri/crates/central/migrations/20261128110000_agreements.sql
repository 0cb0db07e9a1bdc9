-- What a yes to being remembered covers, until when, and at which till it was given.
ALTER TABLE consents ADD COLUMN till TEXT;
-- JSON list of words; none where everything was meant.
ALTER TABLE consents ADD COLUMN scopes TEXT;
ALTER TABLE consents ADD COLUMN until INTEGER;
