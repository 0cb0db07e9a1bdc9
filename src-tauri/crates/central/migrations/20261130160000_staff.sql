-- What somebody who works in a store is there, and what they are called: they have no profile.
ALTER TABLE accounts ADD COLUMN staff_role TEXT CHECK (staff_role IN ('associate', 'manager', 'it'));
ALTER TABLE accounts ADD COLUMN staff_name TEXT;
UPDATE accounts SET staff_role = 'associate' WHERE role = 'staff';
