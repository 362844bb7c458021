-- Why: a change to how somebody signs in asks for the password again where the last proof of it is old; so a session keeps when its
--   person last gave one. Null is when the session was begun. The release before does not look at it.
-- Locks: refresh_families for a moment; the column is added without touching its rows.
-- Undo: ALTER TABLE refresh_families DROP COLUMN proven_at.

ALTER TABLE refresh_families ADD COLUMN proven_at timestamptz;
