-- Why: a price that was observed while its listing was none of our products, or another, or while nobody watched its source, was not
--   looked at. It is noted for whoever looks when that changes, in the same transaction, and decides nothing before.
-- Locks: competitor_listings, competitor_sources and competitors for the moment in which their triggers are made.
-- Undo: drop functions note_match_for_signals, note_watching_for_signals cascade.

CREATE FUNCTION note_match_for_signals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO signals_pending (source, item_id, object_id)
    SELECT 'observation', o.listing_id, o.observation_id::text FROM competitor_offers AS o
    WHERE o.listing_id = NEW.id AND NOT EXISTS (
        SELECT FROM signals_pending AS n
        WHERE n.item_id = NEW.id AND n.source = 'observation' AND n.object_id = o.observation_id::text
    );
    RETURN NULL;
END $$;
CREATE TRIGGER note_match_for_signals AFTER UPDATE OF product_id, variant_id, units ON competitor_listings
    FOR EACH ROW WHEN (
        NEW.product_id IS NOT NULL
        AND (NEW.product_id, NEW.variant_id, NEW.units) IS DISTINCT FROM (OLD.product_id, OLD.variant_id, OLD.units)
    ) EXECUTE FUNCTION note_match_for_signals();

CREATE FUNCTION note_watching_for_signals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO signals_pending (source, item_id, object_id)
    SELECT 'observation', o.listing_id, o.observation_id::text
    FROM competitor_listings AS l JOIN competitor_offers AS o ON o.listing_id = l.id
    WHERE l.product_id IS NOT NULL
        AND CASE TG_TABLE_NAME WHEN 'competitors' THEN l.competitor_id = NEW.id ELSE l.source_id = NEW.id END
    ORDER BY o.observed_at, o.listing_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_watching_for_signals AFTER UPDATE OF is_enabled ON competitor_sources
    FOR EACH ROW WHEN (NEW.is_enabled AND NOT OLD.is_enabled) EXECUTE FUNCTION note_watching_for_signals();
CREATE TRIGGER note_watching_for_signals AFTER UPDATE OF is_active ON competitors
    FOR EACH ROW WHEN (NEW.is_active AND NOT OLD.is_active) EXECUTE FUNCTION note_watching_for_signals();
