-- Why: how the figures of an experiment came about. A background process notes the sums that there are every minute; of each hour
--   and of each day (UTC) the last note stays, so that intervals can be drawn over time. No customer is in it.
-- Locks: none that anybody waits for; the table is new.
-- Undo: DROP TABLE experiment_history.

-- Every arm is noted with every metric, so that what stands at one moment is an arm's figures whole.
CREATE TABLE experiment_history (
    experiment_id bigint NOT NULL REFERENCES experiments (id),
    grain text NOT NULL CHECK (grain IN ('hour', 'day')),
    metric text NOT NULL,
    period timestamptz NOT NULL CHECK (period = date_trunc(grain, period, 'UTC')),
    arm text NOT NULL,
    noted_at timestamptz NOT NULL CHECK (noted_at >= period),
    exposures bigint NOT NULL CHECK (exposures >= 0),
    events bigint NOT NULL CHECK (events >= 0),
    totals numeric NOT NULL,
    squares_of_totals numeric NOT NULL,
    means numeric NOT NULL,
    squares_of_means numeric NOT NULL,
    PRIMARY KEY (experiment_id, grain, metric, period, arm)
);
-- What is to be forgotten.
CREATE INDEX experiment_history_period ON experiment_history (grain, period);
