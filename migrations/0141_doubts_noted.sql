-- Why: a price that came to be doubted, or that a person vouched for, hours after it was observed stayed in, or out of, the market analysis
--   until the next day: nothing said when that was.
-- Locks: competitor_observations against writers while it is looked through for the index, which is empty then.
-- Undo: ALTER TABLE competitor_observations DROP COLUMN doubted_at.

-- When its doubt was noted or taken back last.
ALTER TABLE competitor_observations ADD COLUMN doubted_at timestamptz;
CREATE INDEX competitor_observations_doubted ON competitor_observations (doubted_at) WHERE doubted_at IS NOT NULL;
