-- Why: sums by the hour of UTC cannot be added up to the days of a zone that is half an hour or a quarter of one off. They are kept by
--   quarters of an hour, of which the days and hours of every time zone consist. What is there, and what the release before writes while
--   both run, is of whole hours and says so; that release reads days as before, and has finer points where it shows hours.
-- Locks: product_behaviour_hours for a moment.
-- Undo: add the quarters of an hour up, then DROP COLUMN is_whole_hour and restore the constraint of 0114_behaviour.sql.

ALTER TABLE product_behaviour_hours
    ADD COLUMN is_whole_hour boolean NOT NULL DEFAULT true,
    DROP CONSTRAINT product_behaviour_hours_hour_check,
    ADD CONSTRAINT product_behaviour_hours_hour_check CHECK (
        isfinite(hour) AND date_trunc('hour', hour, 'UTC') = hour
        OR NOT is_whole_hour AND isfinite(hour) AND date_bin('15 minutes', hour, 'epoch') = hour
    ) NOT VALID;
ALTER TABLE product_behaviour_hours VALIDATE CONSTRAINT product_behaviour_hours_hour_check;
COMMENT ON COLUMN product_behaviour_hours.hour IS 'When the quarter of an hour begins, or the hour where is_whole_hour';
COMMENT ON COLUMN product_behaviour_hours.is_whole_hour IS 'More than a quarter of an hour may be in it: an earlier release added to it';
