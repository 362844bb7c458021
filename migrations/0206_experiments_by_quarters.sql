-- Why: how an experiment stood at the end of each day of any time zone is told from notes by the quarter of an hour, which are kept as long
--   as those by the day of UTC.
-- Locks: experiment_history for a moment.
-- Undo: DELETE FROM experiment_history WHERE period <> date_trunc(grain, period, 'UTC'), and restore the constraint of
--   0108_experiment_history.sql.

ALTER TABLE experiment_history
    DROP CONSTRAINT experiment_history_check,
    ADD CONSTRAINT experiment_history_check CHECK (
        period = date_trunc('day', period, 'UTC') OR grain = 'hour' AND period = date_bin('15 minutes', period, 'epoch')
    ) NOT VALID;
ALTER TABLE experiment_history VALIDATE CONSTRAINT experiment_history_check;
COMMENT ON COLUMN experiment_history.period IS 'The day of UTC, or the quarter of an hour (of an earlier release the hour)';
