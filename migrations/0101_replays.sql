-- Why: replays of accepted quotes: what is supposed, how far the work is, and what came of it. Whoever works on one holds its
--   lease; `tally` is what was counted up to `position`, so that another goes on from there when the lease runs out.
--   A rulebook of the past is made out of what changed since an earlier one, so histories are looked up by version.
-- Locks: writes to rates, rules and flags for the moment in which their histories are indexed.
-- Undo: drop table replays; drop the three indexes.

CREATE TABLE replays (
    id uuid PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    range_from timestamptz NOT NULL,
    range_to timestamptz NOT NULL,
    sample numeric NOT NULL CHECK (sample > 0 AND sample <= 1),
    -- json, not jsonb: a number stays as it was written.
    change json NOT NULL,
    change_set_id uuid,
    actor text NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'key', 'system')),
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    lease uuid,
    lease_until timestamptz,
    -- How often a process has begun or gone on: one that ends each of them is given up.
    attempts integer NOT NULL DEFAULT 0,
    quotes bigint,
    quotes_done bigint NOT NULL DEFAULT 0,
    position_at timestamptz,
    position_id uuid,
    tally bytea,
    result json,
    error_code text,
    error_detail text,
    CONSTRAINT replays_range CHECK (range_from < range_to),
    CONSTRAINT replays_finished CHECK ((status IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT replays_result CHECK ((status = 'done') = (result IS NOT NULL)),
    CONSTRAINT replays_error CHECK ((status = 'failed') = (error_code IS NOT NULL)),
    CONSTRAINT replays_leased CHECK ((status = 'running') = (lease IS NOT NULL))
);
CREATE INDEX replays_open ON replays (id) WHERE status IN ('queued', 'running');
CREATE INDEX replays_finished_at ON replays (finished_at) WHERE finished_at IS NOT NULL;

CREATE INDEX commission_rate_history_changed_in ON commission_rate_history (changed_in, replaced_in);
CREATE INDEX pricing_rule_history_changed_in ON pricing_rule_history (changed_in, replaced_in);
CREATE INDEX feature_flag_history_changed_in ON feature_flag_history (changed_in, replaced_in);
