-- Who is erased, in the order in which a till that has lost its place asks for everybody.
CREATE INDEX changes_by_erased ON changes (subject) WHERE kind = 'erased';
