-- What each customer agreed to leave here. Whoever agreed before there was a choice was told of everything.
ALTER TABLE copy ADD COLUMN scopes TEXT NOT NULL DEFAULT '["contact","preferences","activity","loyalty"]';
-- The act of consent at the centre, which is the id of its receipt; none where the provider does not name it.
ALTER TABLE copy ADD COLUMN act TEXT;
