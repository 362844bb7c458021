-- Why: what was decided about prices, and by what. The guardrails stand here a second time, independent of the code that decides:
--   a decision is only applied where the catalog has the price that it goes by, and where floor, margins, ceiling, step, day and
--   cumulative change hold by what is in force at that moment; the history of prices takes no move of `intelligence` without an
--   applied decision of that very price.
-- Locks: price_history for the moment in which it gets its trigger.
-- Undo: DROP TRIGGER decided ON price_history; DROP TABLE price_decisions, price_decision_runs; DROP FUNCTION the four below.

CREATE TABLE price_decision_runs (
    id            uuid PRIMARY KEY,
    state         text NOT NULL CHECK (state IN ('running', 'finished', 'abandoned')),
    claim         uuid NOT NULL,
    -- Whoever runs it is at it until then; after that it is abandoned.
    claimed_until timestamptz NOT NULL,
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz,
    model_id      uuid,
    products      integer NOT NULL DEFAULT 0,
    applied       integer NOT NULL DEFAULT 0,
    suggested     integer NOT NULL DEFAULT 0,
    shadowed      integer NOT NULL DEFAULT 0,
    held          integer NOT NULL DEFAULT 0,
    unchanged     integer NOT NULL DEFAULT 0,
    failed        integer NOT NULL DEFAULT 0,
    breaker_open  boolean NOT NULL DEFAULT false,
    CONSTRAINT price_decision_runs_finished CHECK ((state = 'running') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX price_decision_runs_one ON price_decision_runs ((true)) WHERE state = 'running';
CREATE INDEX price_decision_runs_started ON price_decision_runs (started_at);

CREATE TABLE price_decisions (
    id                       uuid PRIMARY KEY,
    product_id               uuid NOT NULL CONSTRAINT price_decisions_product REFERENCES products (id),
    currency                 text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    exponent                 smallint NOT NULL CHECK (exponent BETWEEN 0 AND 4),
    mode                     text NOT NULL CHECK (mode IN ('shadow', 'suggest', 'auto', 'manual')),
    origin                   text NOT NULL CHECK (origin IN ('loop', 'person', 'roll_back')),
    state                    text NOT NULL CHECK (state IN (
        'unchanged', 'shadow', 'held', 'suggested', 'applied', 'rejected', 'superseded', 'rolled_back'
    )),
    run_id                   uuid,
    model_id                 uuid,
    current_minor            bigint NOT NULL CHECK (current_minor >= 0),
    proposed_minor           bigint CHECK (proposed_minor > 0),
    -- What was set, or is suggested; NULL where nothing is.
    price_minor              bigint CHECK (price_minor > 0),
    floor_minor              bigint,
    ceiling_minor            bigint,
    minimum_advertised_minor bigint,
    cost_minor               bigint,
    confirmed_minor          bigint,
    day_start_minor          bigint,
    lowest_margin_bp         integer NOT NULL,
    highest_margin_bp        integer NOT NULL,
    step_bp                  integer NOT NULL,
    day_bp                   integer NOT NULL,
    cumulative_bp            integer NOT NULL,
    -- A person decided on it: how far is up to them.
    by_person                boolean NOT NULL DEFAULT false,
    held_by                  text[] NOT NULL DEFAULT '{}',
    low_by                   text,
    high_by                  text,
    clamped_by               text,
    uses_behaviour           boolean NOT NULL DEFAULT false,
    -- Inputs, bounds, candidates, elasticity and competitors, as they are shown.
    details                  json NOT NULL,
    note                     text CHECK (length(note) <= 2000),
    version                  integer NOT NULL DEFAULT 1,
    created_by               text NOT NULL,
    created_at               timestamptz NOT NULL,
    decided_by               text,
    decided_at               timestamptz,
    applied_at               timestamptz,
    CONSTRAINT price_decisions_held CHECK (state <> 'held' OR cardinality(held_by) > 0),
    CONSTRAINT price_decisions_priced CHECK (
        price_minor IS NOT NULL OR state IN ('held', 'shadow', 'unchanged', 'superseded', 'rejected')
    ),
    CONSTRAINT price_decisions_applied CHECK ((state IN ('applied', 'rolled_back')) = (applied_at IS NOT NULL)),
    CONSTRAINT price_decisions_floor CHECK (
        state <> 'applied' OR (floor_minor > 0 AND price_minor >= floor_minor) IS TRUE
    ),
    CONSTRAINT price_decisions_ceiling CHECK (
        state <> 'applied' OR (price_minor > ceiling_minor) IS NOT TRUE
    ),
    CONSTRAINT price_decisions_minimum_advertised CHECK (
        state <> 'applied' OR (price_minor < minimum_advertised_minor) IS NOT TRUE
    ),
    CONSTRAINT price_decisions_margins CHECK (
        state <> 'applied' OR (
            cost_minor >= 0
            AND (price_minor - cost_minor) * 10000::numeric >= lowest_margin_bp * price_minor::numeric
            AND (highest_margin_bp = 10000
                OR (price_minor - cost_minor) * 10000::numeric <= highest_margin_bp * price_minor::numeric)
        ) IS TRUE
    ),
    CONSTRAINT price_decisions_step CHECK (
        state <> 'applied' OR by_person
        OR abs(price_minor - current_minor) * 10000::numeric <= step_bp * current_minor::numeric
    ),
    CONSTRAINT price_decisions_day CHECK (
        state <> 'applied' OR by_person
        OR (abs(price_minor - day_start_minor) * 10000::numeric <= day_bp * day_start_minor::numeric) IS TRUE
    ),
    CONSTRAINT price_decisions_cumulative CHECK (
        state <> 'applied' OR by_person
        OR (abs(price_minor - confirmed_minor) * 10000::numeric <= cumulative_bp * confirmed_minor::numeric) IS TRUE
    )
);
-- Of a price one thing at a time waits for a person.
CREATE UNIQUE INDEX price_decisions_waiting ON price_decisions (product_id, currency) WHERE state IN ('held', 'suggested');
-- A run decides on a price once.
CREATE UNIQUE INDEX price_decisions_of_run ON price_decisions (run_id, product_id, currency) WHERE run_id IS NOT NULL;
CREATE INDEX price_decisions_of_product ON price_decisions (product_id, id);
CREATE INDEX price_decisions_of_state ON price_decisions (state, id);
CREATE INDEX price_decisions_of_mode ON price_decisions (mode, id);

-- The price that a person last confirmed, and when; and the price that moves of a day are measured against: the one of 24 hours
-- ago, or the confirmed one where that is younger.
CREATE FUNCTION price_anchors(product uuid, of_currency text, OUT confirmed numeric, OUT confirmed_at timestamptz, OUT day_start numeric)
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    since timestamptz := statement_timestamp() - interval '24 hours';
BEGIN
    SELECT h.new_price, h.at INTO confirmed, confirmed_at FROM price_history AS h
    WHERE h.item_id = product AND h.currency = of_currency AND h.new_price IS NOT NULL AND (
        h.reason IN ('manual', 'import', 'schedule')
        OR h.reason = 'intelligence'
        AND EXISTS (SELECT 1 FROM price_decisions AS d WHERE d.id = h.source_id::uuid AND d.by_person)
    )
    ORDER BY h.at DESC LIMIT 1;
    IF confirmed_at >= since THEN
        day_start := confirmed;
        RETURN;
    END IF;
    SELECT h.new_price INTO day_start FROM price_history AS h
    WHERE h.item_id = product AND h.currency = of_currency AND h.at <= since
    ORDER BY h.at DESC LIMIT 1;
    day_start := coalesce(day_start, confirmed);
END $$;

CREATE FUNCTION refuse_price_decision(constraint_name text, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', why USING ERRCODE = 'check_violation', TABLE = 'price_decisions', CONSTRAINT = constraint_name;
END $$;

CREATE FUNCTION guard_price_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held price_policies_in_force;
    anchors record;
    price bigint := NEW.price_minor;
    scale numeric := 10::numeric ^ NEW.exponent;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.product_id, NEW.currency, NEW.origin) <> (OLD.id, OLD.product_id, OLD.currency, OLD.origin)
            OR NEW.state <> OLD.state AND NOT (
                OLD.state IN ('suggested', 'held') AND NEW.state IN ('applied', 'rejected', 'superseded')
                OR OLD.state = 'applied' AND NEW.state = 'rolled_back'
            )
        THEN
            RAISE EXCEPTION 'price decision % is %', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.state <> 'applied' OR OLD.state = 'applied' THEN
            RETURN NEW;
        END IF;
    END IF;
    SELECT * INTO held FROM price_policies_in_force WHERE product_id = NEW.product_id AND currency = NEW.currency;
    SELECT * INTO anchors FROM price_anchors(NEW.product_id, NEW.currency);
    IF held.product_id IS NULL OR NOT held.is_active THEN
        PERFORM refuse_price_decision('price_decisions_sold', 'the product is not sold');
    END IF;
    IF held.current_units IS DISTINCT FROM NEW.current_minor THEN
        PERFORM refuse_price_decision('price_decisions_moved', 'the price has moved since');
    END IF;
    IF (price >= held.floor_minor) IS NOT TRUE OR price < held.minimum_advertised_minor OR price > held.ceiling_minor
        OR ((price - held.cost_minor) * 10000::numeric >= held.lowest_margin_bp * price::numeric) IS NOT TRUE
        OR held.highest_margin_bp < 10000 AND (price - held.cost_minor) * 10000::numeric > held.highest_margin_bp * price::numeric
    THEN
        PERFORM refuse_price_decision('price_decisions_bounds', 'the price is past a bound of the policy in force');
    END IF;
    IF NOT NEW.by_person THEN
        IF held.mode <> 'auto' OR held.claimed_by IS NOT NULL THEN
            PERFORM refuse_price_decision('price_decisions_mode', 'prices of the product are not set by themselves');
        END IF;
        IF abs(price - NEW.current_minor) * 10000::numeric > held.step_bp * NEW.current_minor::numeric
            OR (abs(price - anchors.day_start * scale) * 10000 <= held.day_bp * anchors.day_start * scale) IS NOT TRUE
            OR (abs(price - anchors.confirmed * scale) * 10000 <= held.cumulative_bp * anchors.confirmed * scale) IS NOT TRUE
        THEN
            PERFORM refuse_price_decision('price_decisions_far', 'the price moves further than the policy in force allows');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_changed BEFORE UPDATE ON price_decisions FOR EACH ROW EXECUTE FUNCTION guard_price_decision();
CREATE TRIGGER guard_applied BEFORE INSERT ON price_decisions
    FOR EACH ROW WHEN (NEW.state = 'applied') EXECUTE FUNCTION guard_price_decision();
CREATE TRIGGER refuse_truncation BEFORE TRUNCATE ON price_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- What decisions move is what was decided. Variants that follow their product are held to bounds of their own.
CREATE FUNCTION require_price_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM price_decisions AS d
        WHERE d.id = NEW.source_id::uuid AND d.product_id = NEW.product_id AND d.currency = NEW.currency
            AND d.state = 'applied' AND d.price_minor = NEW.new_price * 10::numeric ^ d.exponent
    ) THEN
        RAISE EXCEPTION 'no applied price decision for this price'
            USING ERRCODE = 'check_violation', TABLE = 'price_history', CONSTRAINT = 'price_history_decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided BEFORE INSERT ON price_history
    FOR EACH ROW WHEN (NEW.reason = 'intelligence' AND NEW.variant_id IS NULL) EXECUTE FUNCTION require_price_decision();
