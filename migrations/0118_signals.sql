-- Why: what somebody should look at, raised from observed prices, own prices, stock, sales and sources; who acknowledged it; and
--   from which figure on each kind is raised. A signal names what it goes by, and refers to nothing that is swept earlier.
--   signal_states: what the next figure of a subject is held against, written in the transaction that takes the figure in.
--   signals_pending: what has happened and nobody has looked at yet; whoever looks removes it in the same transaction, so that
--   each is looked at once, whenever a process is killed.
-- Locks: none; the tables are new.
-- Undo: drop tables signals_pending, signal_states, signals, signal_thresholds.

CREATE TABLE signal_thresholds (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL,
    product_id      uuid,
    category_id     uuid,
    is_enabled      boolean NOT NULL,
    threshold       numeric(19, 6),
    count           integer,
    window_seconds  integer,
    rearm_percent   numeric(9, 6) NOT NULL,
    expires_seconds integer NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL,
    changed_by      text NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT signal_thresholds_kind CHECK (
        kind IN (
            'competitor_price_drop', 'competitor_price_rise', 'price_change', 'demand_surge', 'low_inventory', 'price_anomaly',
            'source_stale', 'price_war'
        )
    ),
    CONSTRAINT signal_thresholds_one_scope CHECK (product_id IS NULL OR category_id IS NULL),
    CONSTRAINT signal_thresholds_once UNIQUE NULLS NOT DISTINCT (kind, product_id, category_id),
    -- NaN sorts above every number, so each upper bound refuses it too.
    CONSTRAINT signal_thresholds_figures CHECK (
        threshold > 0 AND threshold <= 10000 AND count BETWEEN 2 AND 10000
        AND window_seconds BETWEEN 60 AND 2592000 AND rearm_percent BETWEEN 0 AND 100
        AND expires_seconds BETWEEN 60 AND 31536000
    )
);
CREATE INDEX signal_thresholds_product ON signal_thresholds (product_id) WHERE product_id IS NOT NULL;

CREATE TABLE signals (
    id                uuid PRIMARY KEY,
    kind              text NOT NULL,
    -- What it is about: of one kind and subject one signal is open at a time.
    subject           text NOT NULL CHECK (length(subject) <= 200),
    status            text NOT NULL DEFAULT 'open',
    product_id        uuid,
    variant_id        uuid,
    competitor_id     uuid,
    listing_id        uuid,
    source_id         uuid,
    currency          text CHECK (currency ~ '^[A-Z]{3}$'),
    previous_price    numeric(19, 6) CHECK (previous_price >= 0 AND previous_price < 10::numeric ^ 13),
    price             numeric(19, 6) CHECK (price >= 0 AND price < 10::numeric ^ 13),
    -- In the unit of its threshold: percent, units, times the usual, undercuts.
    measured          numeric(25, 6),
    threshold         numeric(19, 6),
    evidence          json NOT NULL CHECK (json_typeof(evidence) = 'array'),
    occurrences       integer NOT NULL DEFAULT 1 CHECK (occurrences >= 1),
    raised_at         timestamptz NOT NULL CHECK (isfinite(raised_at)),
    last_at           timestamptz NOT NULL CHECK (isfinite(last_at)),
    expires_at        timestamptz NOT NULL CHECK (isfinite(expires_at)),
    resolved_at       timestamptz,
    acknowledged_at   timestamptz,
    acknowledged_by   text,
    note              text NOT NULL DEFAULT '' CHECK (length(note) <= 1000),
    verdict           text CHECK (verdict IN ('genuine', 'wrong')),
    version           integer NOT NULL DEFAULT 1,
    updated_at        timestamptz NOT NULL,
    CONSTRAINT signals_kind CHECK (
        kind IN (
            'competitor_price_drop', 'competitor_price_rise', 'price_change', 'demand_surge', 'low_inventory', 'price_anomaly',
            'source_stale', 'price_war'
        )
    ),
    CONSTRAINT signals_status CHECK (status IN ('open', 'acknowledged', 'resolved', 'expired')),
    CONSTRAINT signals_acknowledged CHECK (
        (status = 'acknowledged') = (acknowledged_at IS NOT NULL) AND (acknowledged_at IS NULL) = (acknowledged_by IS NULL)
    ),
    CONSTRAINT signals_resolved CHECK (status <> 'resolved' OR resolved_at IS NOT NULL),
    CONSTRAINT signals_verdict CHECK (verdict IS NULL OR (status = 'acknowledged' AND kind = 'price_anomaly')),
    CONSTRAINT signals_last CHECK (last_at >= raised_at)
);
CREATE UNIQUE INDEX signals_open_once ON signals (kind, subject) WHERE status = 'open';
CREATE INDEX signals_subject ON signals (kind, subject, id);
CREATE INDEX signals_product_page ON signals (product_id, id) WHERE product_id IS NOT NULL;
CREATE INDEX signals_status_page ON signals (status, id);
CREATE INDEX signals_expiring ON signals (expires_at) WHERE status = 'open';
CREATE INDEX signals_updated ON signals (updated_at);

CREATE TABLE signal_states (
    machine    text NOT NULL,
    subject    text NOT NULL,
    state      json NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (machine, subject)
) WITH (fillfactor = 80);
CREATE INDEX signal_states_updated ON signal_states (updated_at);

CREATE TABLE signals_pending (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source     text NOT NULL CONSTRAINT signals_pending_source CHECK (source IN ('observation', 'vouched', 'price', 'stock')),
    -- Of the listing and its observation; of the item whose price moved and the number of the move; of the item with the stock.
    item_id    uuid NOT NULL,
    object_id  text NOT NULL,
    pending_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX signals_pending_item ON signals_pending (item_id);
