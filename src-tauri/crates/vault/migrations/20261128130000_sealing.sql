-- What the edits of a customer are sealed to, as well as being here: JSON, public key and grant of the centre.
ALTER TABLE customer ADD COLUMN sealing TEXT;
