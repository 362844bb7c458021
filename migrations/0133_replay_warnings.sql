-- Why: a replay tells what of its suppositions changes nothing: rules, rates and flags that had ended, drafts that count for none of
--   its quotes. That is found when it is started, and stays with it.
-- Locks: replays, for the moment in which the column is made; its default rewrites no row.
-- Undo: ALTER TABLE replays DROP COLUMN warnings;

-- json, as the change is.
ALTER TABLE replays ADD COLUMN warnings json NOT NULL DEFAULT '[]';
