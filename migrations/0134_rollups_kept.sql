-- Why: what of rollups has been forgotten is known by the settings alone, so that a report of a time for which less was kept once
--   tells nothing of it as 0 when more is kept from then on. Now it is written down beside the rollups.
-- Locks: analytics_state, which has one row.
-- Undo: ALTER TABLE analytics_state DROP COLUMN hours_since, DROP COLUMN days_since;

ALTER TABLE analytics_state ADD COLUMN hours_since timestamptz, ADD COLUMN days_since timestamptz;
COMMENT ON COLUMN analytics_state.hours_since IS 'Rollups by the hour that began before this are forgotten; NULL while none is';
COMMENT ON COLUMN analytics_state.days_since IS 'The same by the day, and by the hour of the day over months';
