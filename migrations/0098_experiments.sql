-- Why: experiments. Who was shown which arm of which version of a flag, what came of it, and the sums that guardrails decide by;
--   the guardrails of a flag, and what showed harm where one was rolled back.
--   What processes have seen waits in the two tables `..._waiting` and is counted by one of them at a time, so that a customer counts
--   once and sums are exact. Accepted quotes and purchases tell of themselves, in their own transaction, whoever writes them.
--   Values are whole millionths of the metric's unit.
-- Locks: feature_flags and its history for a moment, and against writers while the partial index is built (flags are few);
--   accepted_quotes and orders for the moment in which their triggers are made. The release before writes neither column.
-- Undo: drop the triggers observe_*; drop functions observe_accepted_quotes, observe_purchases, splits_customers; drop tables
--   experiment_metric_reports, experiment_outcomes_waiting, experiment_exposures_waiting, experiment_figures, experiment_outcomes,
--   experiment_arms, experiment_exposures, experiments; drop index feature_flags_splitting; drop columns guardrails, rollback.

-- In the same order in both: what the trigger keeps of a version is the row as it stands.
ALTER TABLE feature_flags
    ADD COLUMN guardrails json CHECK (json_typeof(guardrails) = 'array'),
    ADD COLUMN rollback json CHECK (json_typeof(rollback) = 'object'),
    ADD CONSTRAINT feature_flags_rollback_is_told CHECK (rollback IS NULL OR state = 'ROLLED_BACK');
ALTER TABLE feature_flag_history ADD COLUMN guardrails json, ADD COLUMN rollback json;

CREATE FUNCTION splits_customers(type text, rollout json) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN type = 'PERCENTAGE' OR coalesce(
        (rollout -> 'percentage') IS NOT NULL OR (rollout -> 'schedule') IS NOT NULL OR (rollout -> 'variants') IS NOT NULL,
        false
    );
-- While there is no such flag, whoever accepts a quote looks into an empty index and writes nothing.
CREATE INDEX feature_flags_splitting ON feature_flags (id)
    WHERE is_enabled AND NOT is_archived AND state = 'ACTIVE' AND splits_customers(type, rollout);

-- A version of a flag, or a stage of its ramp: while it lasts, no customer changes sides.
CREATE TABLE experiments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flag_id uuid NOT NULL REFERENCES feature_flags (id),
    version integer NOT NULL,
    stage integer NOT NULL,
    -- [["off", 1], ["on", 1]]: the arms with their planned weights, the control first.
    arms json NOT NULL CHECK (json_typeof(arms) = 'array'),
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    UNIQUE (flag_id, version, stage)
);
CREATE INDEX experiments_running ON experiments (flag_id) WHERE ended_at IS NULL;

CREATE TABLE experiment_exposures (
    experiment_id bigint NOT NULL REFERENCES experiments (id),
    customer_id uuid NOT NULL,
    arm text NOT NULL,
    exposed_at timestamptz NOT NULL,
    PRIMARY KEY (experiment_id, customer_id)
);
CREATE INDEX experiment_exposures_customer ON experiment_exposures (customer_id);

CREATE TABLE experiment_arms (
    experiment_id bigint NOT NULL REFERENCES experiments (id),
    arm text NOT NULL,
    exposures bigint NOT NULL,
    PRIMARY KEY (experiment_id, arm)
);

CREATE TABLE experiment_outcomes (
    experiment_id bigint NOT NULL REFERENCES experiments (id),
    customer_id uuid NOT NULL,
    metric text NOT NULL,
    observations bigint NOT NULL CHECK (observations > 0),
    total numeric NOT NULL,
    PRIMARY KEY (experiment_id, customer_id, metric)
);
CREATE INDEX experiment_outcomes_customer ON experiment_outcomes (customer_id);

-- events: customers with an outcome. Sums and squares of what each customer has in all, and of each customer's mean.
CREATE TABLE experiment_figures (
    experiment_id bigint NOT NULL REFERENCES experiments (id),
    arm text NOT NULL,
    metric text NOT NULL,
    events bigint NOT NULL,
    totals numeric NOT NULL,
    squares_of_totals numeric NOT NULL,
    means numeric NOT NULL,
    squares_of_means numeric NOT NULL,
    PRIMARY KEY (experiment_id, arm, metric)
);

CREATE TABLE experiment_exposures_waiting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flag_id uuid NOT NULL,
    version integer NOT NULL,
    stage integer NOT NULL,
    customer_id uuid NOT NULL,
    arm text NOT NULL,
    exposed_at timestamptz NOT NULL
);
CREATE INDEX experiment_exposures_waiting_customer ON experiment_exposures_waiting (customer_id);

-- due_at: when the exposures that it may belong to have been written by whichever process saw them.
CREATE TABLE experiment_outcomes_waiting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id uuid NOT NULL,
    metric text NOT NULL,
    observations bigint NOT NULL DEFAULT 1,
    total numeric NOT NULL,
    at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX experiment_outcomes_waiting_customer ON experiment_outcomes_waiting (customer_id);

-- Ids of reported outcomes, so that one that is sent again counts once.
CREATE TABLE experiment_metric_reports (
    reported_by text NOT NULL,
    id text NOT NULL CHECK (length(id) <= 200),
    received_at timestamptz NOT NULL,
    PRIMARY KEY (reported_by, id)
);
CREATE INDEX experiment_metric_reports_received ON experiment_metric_reports (received_at);

CREATE FUNCTION observe_accepted_quotes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM feature_flags
        WHERE is_enabled AND NOT is_archived AND state = 'ACTIVE' AND splits_customers(type, rollout)
    ) THEN
        INSERT INTO experiment_outcomes_waiting (customer_id, metric, total, at, due_at)
        SELECT accepted.customer_id, outcome.metric, outcome.total, accepted.accepted_at, clock_timestamp() + interval '1 second'
        FROM accepted
        CROSS JOIN LATERAL (
            VALUES
                ('conversion', 1000000::numeric),
                ('revenue.' || accepted.currency, accepted.total_minor * 10::numeric ^ (6 - accepted.exponent))
        ) AS outcome (metric, total)
        WHERE accepted.customer_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER observe_accepted_quotes AFTER INSERT ON accepted_quotes
    REFERENCING NEW TABLE AS accepted FOR EACH STATEMENT EXECUTE FUNCTION observe_accepted_quotes();

-- An order of a purchase comes without a quote; every other one has an accepted quote, which has told already.
CREATE FUNCTION observe_purchases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM feature_flags
        WHERE is_enabled AND NOT is_archived AND state = 'ACTIVE' AND splits_customers(type, rollout)
    ) THEN
        INSERT INTO experiment_outcomes_waiting (customer_id, metric, total, at, due_at)
        SELECT placed.customer_id, outcome.metric, outcome.total, placed.placed_at, clock_timestamp() + interval '1 second'
        FROM placed
        CROSS JOIN LATERAL (
            VALUES
                ('conversion', 1000000::numeric),
                ('revenue.' || placed.currency, placed.total_minor * 10::numeric ^ (6 - placed.exponent))
        ) AS outcome (metric, total)
        WHERE placed.purchase_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER observe_purchases AFTER INSERT ON orders
    REFERENCING NEW TABLE AS placed FOR EACH STATEMENT EXECUTE FUNCTION observe_purchases();
