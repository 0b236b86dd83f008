-- How far a step is: 1, it has begun; 2, this Roster and older ones may use it; 3, older ones
-- may not any more. README.md says how steps are written from here on.
ALTER TABLE schema_versions ADD COLUMN stage BIGINT NOT NULL DEFAULT 3;
