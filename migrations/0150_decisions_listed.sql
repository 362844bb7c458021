-- Why: the admin lists price decisions by who made them (people, experiments, roll backs), of which there are few among many, and by
--   the run that made them, which lie together: without an index each such page reads all decisions from the newest on until it
--   has found enough, which may be all there are.
-- Locks: writes of price_decisions while the indexes are built, some seconds for a million rows.
-- Undo: drop indexes price_decisions_of_origin, price_decisions_listed_of_run.

CREATE INDEX price_decisions_of_origin ON price_decisions (origin, id);
CREATE INDEX price_decisions_listed_of_run ON price_decisions (run_id, id) WHERE run_id IS NOT NULL;
