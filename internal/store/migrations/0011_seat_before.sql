-- The seat that a change of people took somebody from, so that it can be taken
-- back; empty where it stayed, and in all that was recorded before.
ALTER TABLE outcomes ADD COLUMN seat_before {{text}} NOT NULL DEFAULT '';
