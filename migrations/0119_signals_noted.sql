-- Why: observations of competitors' prices, moves of our own prices, and changes of stock that is low are noted for whoever raises
--   signals, in the transaction that writes them, whoever does. Of stock only what a threshold could concern is noted, so that
--   most orders note nothing.
-- Locks: competitor_observations, price_history and inventory for the moment in which their triggers are made.
-- Undo: drop functions note_observations_for_signals, note_prices_for_signals, note_stock_for_signals cascade; drop indexes
--   signal_thresholds_stock, signals_wars.

CREATE INDEX signal_thresholds_stock ON signal_thresholds (threshold) WHERE kind = 'low_inventory' AND is_enabled;

-- They end by the clock, acknowledged or not.
CREATE INDEX signals_wars ON signals (expires_at) WHERE kind = 'price_war' AND resolved_at IS NULL;

CREATE FUNCTION note_observations_for_signals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO signals_pending (source, item_id, object_id)
    SELECT 'observation', listing_id, id::text FROM added ORDER BY observed_at, id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_for_signals AFTER INSERT ON competitor_observations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_observations_for_signals();

CREATE FUNCTION note_prices_for_signals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO signals_pending (source, item_id, object_id)
    SELECT 'price', coalesce(variant_id, product_id), id::text FROM added
    WHERE old_price IS NOT NULL AND new_price IS NOT NULL ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_for_signals AFTER INSERT ON price_history
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_prices_for_signals();

-- Up to twice the highest threshold: what was low is armed again above it. 10 is the built-in one.
CREATE FUNCTION note_stock_for_signals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.quantity - NEW.reserved <= 2 * (
        SELECT greatest(10, max(threshold)) FROM signal_thresholds WHERE kind = 'low_inventory' AND is_enabled
    ) OR TG_OP = 'UPDATE' AND EXISTS (
        SELECT FROM signal_states WHERE machine = 'stock' AND subject = NEW.item_id::text
    ) THEN
        INSERT INTO signals_pending (source, item_id, object_id) VALUES ('stock', NEW.item_id, NEW.item_id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_added_for_signals AFTER INSERT ON inventory
    FOR EACH ROW WHEN (NEW.version > 0 AND NEW.quantity - NEW.reserved <= 20000) EXECUTE FUNCTION note_stock_for_signals();
CREATE TRIGGER note_for_signals AFTER UPDATE ON inventory
    FOR EACH ROW WHEN (
        -- No threshold is above 10 000.
        NEW.version > 0 AND least(NEW.quantity - NEW.reserved, OLD.quantity - OLD.reserved) <= 20000
        AND (NEW.quantity - NEW.reserved <> OLD.quantity - OLD.reserved OR OLD.version = 0)
    ) EXECUTE FUNCTION note_stock_for_signals();
