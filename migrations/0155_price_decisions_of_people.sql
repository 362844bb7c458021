-- Why: the price that a person last confirmed is what decisions may move away from so far, and what a roll back goes to. Moves of a
--   price experiment were taken for it, there and back, so that an experiment let prices go further than their bounds and left
--   nothing to roll back; nor are they what a day's moves are measured against. And a price that is finer than its currency, which
--   only a person can decide about, could not be decided about by one: a decision of a person goes by it as it is cut down.
-- Undo: the functions as 0121_price_decisions.sql has them.

CREATE OR REPLACE FUNCTION price_anchors(
    product uuid, of_currency text, OUT confirmed numeric, OUT confirmed_at timestamptz, OUT day_start numeric
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    since timestamptz := statement_timestamp() - interval '24 hours';
BEGIN
    SELECT h.new_price, h.at INTO confirmed, confirmed_at FROM price_history AS h
    WHERE h.item_id = product AND h.currency = of_currency AND h.new_price IS NOT NULL AND (
        h.reason IN ('manual', 'import', 'schedule')
        OR h.reason = 'intelligence'
        AND EXISTS (
            SELECT 1 FROM price_decisions AS d WHERE d.id = h.source_id::uuid AND d.by_person AND d.origin <> 'experiment'
        )
    )
    ORDER BY h.at DESC LIMIT 1;
    IF confirmed_at >= since THEN
        day_start := confirmed;
        RETURN;
    END IF;
    SELECT h.new_price INTO day_start FROM price_history AS h
    WHERE h.item_id = product AND h.currency = of_currency AND h.at <= since AND NOT (
        h.reason = 'intelligence'
        AND EXISTS (SELECT 1 FROM price_decisions AS d WHERE d.id = h.source_id::uuid AND d.origin = 'experiment')
    )
    ORDER BY h.at DESC LIMIT 1;
    day_start := coalesce(day_start, confirmed);
END $$;

CREATE OR REPLACE FUNCTION guard_price_decision() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF (CASE WHEN NEW.by_person THEN trunc(held.current_units) ELSE held.current_units END) IS DISTINCT FROM NEW.current_minor THEN
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
