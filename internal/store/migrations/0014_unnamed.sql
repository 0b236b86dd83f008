-- How many ids an operation was given that name nobody and are only counted:
-- the first hundred of them are outcomes.
ALTER TABLE operations ADD COLUMN unnamed BIGINT NOT NULL DEFAULT 0;
