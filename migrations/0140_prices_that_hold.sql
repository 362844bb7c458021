-- Why: a competitor's price that was said to be valid until a day counted behind it, as long as its source was not stale; and what a page
--   cost that its source does not lead to any more counted for the product of the page that it leads to now.
-- Locks: the two views for the moment in which they are made anew.
-- Undo: the views as 0111 has them; drop function competitor_price_holds.

-- Through the day that is told, in UTC; what is no date limits nothing.
CREATE FUNCTION competitor_price_holds(valid_until text, at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN valid_until IS NULL OR valid_until !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}'
        OR left(valid_until, 10) >= to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD');

CREATE OR REPLACE VIEW competitor_listings_shown AS
SELECT l.id, l.source_id, l.competitor_id, l.external_id, l.title, l.brand, l.gtin, l.sku, l.url,
    l.pack_quantity::text AS pack_quantity, l.pack_unit, l.match_state, l.match_method, l.product_id, l.variant_id,
    l.units::text AS units, l.proposals::text AS proposals, l.matched_by, l.version, l.created_at, l.updated_at, o.currency,
    o.price::text AS price, o.list_price::text AS list_price, o.shipping::text AS shipping, o.unit_price::text AS unit_price,
    o.availability, o.condition, o.valid_until, o.seller, o.observed_at, o.confirmed_at,
    o.confirmed_at > statement_timestamp() - make_interval(secs => s.stale_after_seconds)
        AND competitor_price_holds(o.valid_until, statement_timestamp())
        AND (s.kind <> 'page' OR l.external_id = s.settings ->> 'url') AS is_fresh,
    o.doubted_reason
FROM competitor_listings AS l
JOIN competitor_sources AS s ON s.id = l.source_id
LEFT JOIN competitor_offers AS o ON o.listing_id = l.id;

CREATE OR REPLACE VIEW competitor_prices_now AS
SELECT l.id AS listing_id, l.competitor_id, c.name AS competitor, l.product_id, l.variant_id, o.currency,
    o.price::text AS price, o.shipping::text AS shipping, l.units::text AS units, o.availability, o.condition, l.url,
    s.last_outcome AS outcome, o.observed_at, o.confirmed_at,
    o.confirmed_at > statement_timestamp() - make_interval(secs => s.stale_after_seconds)
        AND competitor_price_holds(o.valid_until, statement_timestamp())
        AND (s.kind <> 'page' OR l.external_id = s.settings ->> 'url') AS is_fresh,
    o.doubted_reason IS NOT NULL AS is_doubted, s.is_enabled AND c.is_active AS is_watched
FROM competitor_listings AS l
JOIN competitor_offers AS o ON o.listing_id = l.id
JOIN competitor_sources AS s ON s.id = l.source_id
JOIN competitors AS c ON c.id = l.competitor_id
WHERE l.product_id IS NOT NULL;
