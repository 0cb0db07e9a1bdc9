-- What the centre said stands there when it refused an edit because somebody else had changed the same preference.
ALTER TABLE queued_edit ADD COLUMN refused_theirs TEXT;       -- JSON; 'null' where it was removed
ALTER TABLE queued_edit ADD COLUMN refused_revision INTEGER;  -- of the document that it is from
