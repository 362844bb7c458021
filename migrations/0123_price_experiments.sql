-- Why: experiments on prices, by clusters of products and by stretches of time: who is treated when, the price each product had at the
--   start and has when it is treated, and which of the two the experiment has set last, so that a price that somebody else moved
--   is noticed and left alone. A decision may come from an experiment now.
-- Locks: price_decisions for the moment in which its check is replaced; rows are few.
-- Undo: DROP TABLE price_experiment_products, price_experiment_clusters, price_experiments; the check as it was.

ALTER TABLE price_decisions DROP CONSTRAINT price_decisions_origin_check;
ALTER TABLE price_decisions ADD CONSTRAINT price_decisions_origin_check
    CHECK (origin IN ('loop', 'person', 'roll_back', 'experiment')) NOT VALID;
ALTER TABLE price_decisions VALIDATE CONSTRAINT price_decisions_origin_check;

CREATE TABLE price_experiments (
    id            uuid PRIMARY KEY,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    note          text CHECK (length(note) <= 2000),
    state         text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'ended', 'stopped')),
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    design        text NOT NULL CHECK (design IN ('clusters', 'switchback')),
    -- NULL: the price decisions of treated products go on, those of the others rest.
    change_bp     integer CHECK (change_bp BETWEEN -5000 AND 5000 AND change_bp <> 0),
    metric        text NOT NULL CHECK (metric IN ('profit', 'revenue', 'units')),
    days          integer NOT NULL CHECK (days BETWEEN 1 AND 365),
    period_hours  integer NOT NULL CHECK (period_hours BETWEEN 1 AND 336),
    washout_hours integer NOT NULL CHECK (washout_hours BETWEEN 0 AND 168),
    before_days   integer NOT NULL CHECK (before_days BETWEEN 1 AND 365),
    seed          text NOT NULL,
    started_at    timestamptz,
    ends_at       timestamptz,
    reason        text CHECK (length(reason) <= 500),
    version       integer NOT NULL DEFAULT 1,
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL,
    changed_by    text NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT price_experiments_switchback CHECK (design = 'clusters' OR change_bp IS NOT NULL),
    CONSTRAINT price_experiments_times CHECK (
        (state = 'draft') = (started_at IS NULL) AND (started_at IS NULL) = (ends_at IS NULL) AND ends_at >= started_at
    ),
    CONSTRAINT price_experiments_reason CHECK (
        -- While it runs, a reason says that it is being stopped.
        CASE state WHEN 'stopped' THEN reason IS NOT NULL WHEN 'running' THEN true ELSE reason IS NULL END
    )
);
CREATE INDEX price_experiments_running ON price_experiments (id) WHERE state = 'running';

CREATE TABLE price_experiment_clusters (
    experiment_id uuid NOT NULL CONSTRAINT price_experiment_clusters_experiment
        REFERENCES price_experiments (id) ON DELETE CASCADE,
    -- From 0, in the order of the draft.
    number        smallint NOT NULL CHECK (number BETWEEN 0 AND 399),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    -- Of two clusters, from 1; NULL without a partner, and for a switchback.
    pair          smallint CHECK (pair > 0),
    -- Of a pair; NULL where the treatment switches back and forth.
    is_treated    boolean,
    -- What it sold before the start, in minor units or units; 0 for a draft.
    base_revenue  numeric NOT NULL DEFAULT 0,
    base_profit   numeric NOT NULL DEFAULT 0,
    base_units    numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (experiment_id, number),
    CONSTRAINT price_experiment_clusters_pair CHECK ((pair IS NULL) OR is_treated IS NOT NULL)
);

CREATE TABLE price_experiment_products (
    experiment_id uuid NOT NULL,
    product_id    uuid NOT NULL CONSTRAINT price_experiment_products_product REFERENCES products (id),
    cluster       smallint NOT NULL,
    exponent      smallint,
    control_minor bigint CHECK (control_minor > 0),
    treated_minor bigint CHECK (treated_minor > 0),
    cost_minor    bigint CHECK (cost_minor >= 0),
    -- What the experiment has set last; NULL where it sets nothing.
    set_minor     bigint,
    -- Why the price could not go back.
    not_restored  text,
    PRIMARY KEY (experiment_id, product_id),
    CONSTRAINT price_experiment_products_cluster FOREIGN KEY (experiment_id, cluster)
        REFERENCES price_experiment_clusters (experiment_id, number) ON DELETE CASCADE,
    CONSTRAINT price_experiment_products_set CHECK (set_minor IN (control_minor, treated_minor))
);
CREATE INDEX price_experiment_products_product ON price_experiment_products (product_id);
