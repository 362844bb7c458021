-- Why: products are added after the listings that are them: what has no match is looked for again, once a day.
-- Locks: competitor_listings against writers for the moment in which a column is added and the index is made.
-- Undo: DROP INDEX competitor_listings_looked; ALTER TABLE competitor_listings DROP COLUMN looked_at.

ALTER TABLE competitor_listings ADD COLUMN looked_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX competitor_listings_looked ON competitor_listings (looked_at)
    WHERE match_state IN ('unmatched', 'proposed') AND NOT is_match_due;
