-- Why: a fetch of a marketplace takes many requests. What came of each is kept with the fetch, and a fetch that had to stop, or whose
--   process ended, goes on where it was. Where goods are delivered to says which of the prices of delivery counts.
-- Locks: competitor_sources and competitor_fetches for the moment in which columns are added.
-- Undo: ALTER TABLE competitor_sources DROP COLUMN next_batch, DROP COLUMN country; ALTER TABLE competitor_fetches DROP COLUMN batches.

ALTER TABLE competitor_sources
    ADD COLUMN next_batch integer NOT NULL DEFAULT 0 CHECK (next_batch >= 0),
    ADD COLUMN country text CHECK (country ~ '^[A-Z]{2}$');
ALTER TABLE competitor_fetches ADD COLUMN batches json NOT NULL DEFAULT '[]';
