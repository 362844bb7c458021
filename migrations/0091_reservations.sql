-- Why: what a quote's price rests on can be kept for it, and is taken when it is accepted: units of stock, uses of coupons, and
--   discounts out of the budgets of their rules. A row of reservations is a quote that keeps them (held) or has kept them;
--   claimed_units and budget_spends say what of which item and of which budget a quote holds or has taken, and how much of it
--   has been given back. Uses of coupons are marked when they are given back, and are never removed.
--   budget_counters add up the spends of a rule, and of a rule and a customer, so that a budget is kept by one row's lock;
--   budget_exhaustions tell the rulebook what has been spent of those that are used up. As with coupons it is the figure and not
--   a verdict: another version may have another budget. A rule may have versions in several currencies, each with its own counts.
--   Whoever takes or gives back locks in one order: quotes, coupon_usage, budget_counters, inventory by item, products, the
--   rulebook.
-- Locks: coupon_uses for the moment in which it gets its column.
-- Undo: drop table budget_exhaustion_history, budget_exhaustions, budget_spends, budget_counters, claimed_units, reservations;
--   drop the functions below; drop column coupon_uses.given_back_at.

CREATE TABLE reservations (
    quote_id uuid CONSTRAINT reservations_pkey PRIMARY KEY,
    -- NULL where it is nobody's any more: the customer has been erased.
    customer_id uuid,
    status text NOT NULL DEFAULT 'held' CONSTRAINT reservations_status
        CHECK (status IN ('held', 'taken', 'released', 'expired')),
    -- The coupons of which it holds a use each, by rule.
    coupon_rules text[] NOT NULL,
    coupon_codes text[] NOT NULL,
    reserved_by text NOT NULL,
    reserved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    held_until timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT reservations_coupons CHECK (cardinality(coupon_rules) = cardinality(coupon_codes)),
    CONSTRAINT reservations_ended CHECK ((status = 'held') = (ended_at IS NULL))
);
CREATE INDEX reservations_due ON reservations (held_until) WHERE status = 'held';
CREATE INDEX reservations_held_by ON reservations (customer_id) WHERE status = 'held' AND customer_id IS NOT NULL;
CREATE INDEX reservations_customer ON reservations (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX reservations_ended ON reservations (ended_at) WHERE status <> 'held';

-- Holds the quotes until the transaction ends, whether anything is stored of them or not, and answers their reservations as
-- they are then: each statement of a volatile function sees what is committed when it starts.
CREATE FUNCTION hold_quotes(quote_ids uuid[]) RETURNS SETOF reservations LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(key)
    FROM (
        SELECT DISTINCT hashtextextended('quote ' || quote_id, 0) AS key FROM unnest(quote_ids) AS quote_id ORDER BY key
    ) AS sorted;
    RETURN QUERY SELECT * FROM reservations WHERE quote_id = ANY (quote_ids);
END $$;

-- Of lines whose stock is kept. Held units are part of inventory.reserved; taken ones are no longer part of its quantity.
CREATE TABLE claimed_units (
    quote_id uuid NOT NULL,
    -- From 0, as the pointers of problems count.
    line integer NOT NULL CHECK (line >= 0),
    item_id uuid NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    is_taken boolean NOT NULL,
    given_back integer NOT NULL DEFAULT 0,
    CONSTRAINT claimed_units_pkey PRIMARY KEY (quote_id, line),
    CONSTRAINT claimed_units_given_back CHECK (given_back BETWEEN 0 AND quantity AND (is_taken OR given_back = 0))
);

ALTER TABLE coupon_uses ADD COLUMN given_back_at timestamptz;

-- Whole minor units. customer_id NULL: the sum over all customers.
CREATE TABLE budget_counters (
    rule_name text NOT NULL CHECK (length(rule_name) BETWEEN 1 AND 200),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    customer_id uuid,
    spent_minor bigint NOT NULL CONSTRAINT budget_counters_spent CHECK (spent_minor >= 0),
    CONSTRAINT budget_counters_counter UNIQUE NULLS NOT DISTINCT (rule_name, currency, customer_id)
-- Room on each page for the next version of a row that many change.
) WITH (fillfactor = 50);

CREATE TABLE budget_spends (
    quote_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    rule_name text NOT NULL,
    currency text NOT NULL,
    -- NULL where nobody knew the customer, or the customer has been erased: then only the sum over all customers has it.
    customer_id uuid,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    given_back_minor bigint NOT NULL DEFAULT 0,
    is_taken boolean NOT NULL,
    CONSTRAINT budget_spends_pkey PRIMARY KEY (quote_id, rule_id),
    CONSTRAINT budget_spends_given_back CHECK (
        given_back_minor BETWEEN 0 AND amount_minor AND (is_taken OR given_back_minor = 0)
    )
);
CREATE INDEX budget_spends_customer ON budget_spends (customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE budget_exhaustions (
    rule_name text NOT NULL CHECK (length(rule_name) BETWEEN 1 AND 200),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    customer_id uuid,
    spent_minor bigint NOT NULL CHECK (spent_minor >= 0),
    changed_in bigint NOT NULL,
    CONSTRAINT budget_exhaustions_counter UNIQUE NULLS NOT DISTINCT (rule_name, currency, customer_id)
);
CREATE INDEX budget_exhaustions_changed_in ON budget_exhaustions (changed_in);

CREATE TABLE budget_exhaustion_history (
    replaced_in bigint NOT NULL,
    LIKE budget_exhaustions
);
CREATE INDEX budget_exhaustion_history_changed_in ON budget_exhaustion_history (changed_in, replaced_in);

CREATE FUNCTION stamp_budget_exhaustion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.rule_name, NEW.currency, NEW.customer_id)
        IS DISTINCT FROM (OLD.rule_name, OLD.currency, OLD.customer_id)
    THEN
        RAISE EXCEPTION 'an exhaustion never moves to another budget' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.changed_in := next_rulebook_version();
    RETURN NEW;
END $$;

CREATE FUNCTION keep_budget_exhaustion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO budget_exhaustion_history SELECT NEW.changed_in, OLD.*;
    RETURN NULL;
END $$;

CREATE TRIGGER lock_rulebook BEFORE INSERT OR UPDATE ON budget_exhaustions
    FOR EACH STATEMENT EXECUTE FUNCTION lock_rulebook();
CREATE TRIGGER stamp_change BEFORE INSERT OR UPDATE ON budget_exhaustions
    FOR EACH ROW EXECUTE FUNCTION stamp_budget_exhaustion();
CREATE TRIGGER keep_version AFTER UPDATE ON budget_exhaustions
    FOR EACH ROW WHEN (NEW.changed_in > OLD.changed_in) EXECUTE FUNCTION keep_budget_exhaustion();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON budget_exhaustions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON budget_exhaustion_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON budget_exhaustion_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
