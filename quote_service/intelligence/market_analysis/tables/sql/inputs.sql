-- name: changed_products
-- Products whose figures may have changed since an instant, and those that have none yet. Sales have no instant of their own:
-- those of yesterday and today are looked at each time.
SELECT DISTINCT product_id FROM (
    SELECT product_id FROM price_history WHERE at >= $1
    UNION ALL
    SELECT l.product_id FROM competitor_observations AS o JOIN competitor_listings AS l ON l.id = o.listing_id
    WHERE o.received_at >= $1
    UNION ALL
    SELECT l.product_id FROM competitor_observations AS o JOIN competitor_listings AS l ON l.id = o.listing_id
    WHERE o.doubted_at >= $1
    UNION ALL
    SELECT product_id FROM competitor_listings WHERE updated_at >= $1
    UNION ALL
    SELECT p.id FROM analytics_orders AS a JOIN products AS p ON p.id::text = a.key_a
    WHERE a.cube = 'product' AND a.grain = 'day' AND a.period >= $1::timestamptz - interval '2 days'
    UNION ALL
    SELECT p.id FROM products AS p WHERE NOT EXISTS (SELECT FROM market_products AS m WHERE m.product_id = p.id)
) AS changed
WHERE product_id IS NOT NULL
ORDER BY product_id;

-- name: all_products
SELECT id FROM products ORDER BY id;

-- name: known_products
SELECT product_id, since FROM market_products WHERE product_id = ANY ($1::uuid[]);

-- name: prices
-- Moves of the products' own prices from an instant on, and the one before it.
SELECT product_id::text AS product_id, currency, epoch_us(at) AS at_us,
    CASE WHEN new_price < 1000000000000 THEN new_price::numeric(18, 6) END AS price
FROM (
    (SELECT product_id, currency, at, new_price FROM price_history
    WHERE product_id = ANY ($1::uuid[]) AND variant_id IS NULL AND at >= $2 AND at <= $3)
    UNION ALL
    (SELECT DISTINCT ON (product_id, currency) product_id, currency, at, new_price FROM price_history
    WHERE product_id = ANY ($1::uuid[]) AND variant_id IS NULL AND at < $2
    ORDER BY product_id, currency, at DESC)
) AS moves;

-- name: sales
SELECT key_a AS product_id, currency, epoch_us(period) AS at_us, units, orders,
    gross_minor - seller_discount_minor - platform_discount_minor AS revenue_minor, reversed_units AS units_returned
FROM analytics_orders
WHERE cube = 'product' AND grain = 'day' AND key_a = ANY ($1::uuid[]::text[]) AND period >= $2 AND period <= $3;

-- name: offers
-- What was observed of listings that are matched to the products, as the price of one unit of ours. What cannot be bought, or
-- is not new, ends the price before it; what is doubted never was. A price holds until the next one, or until its source
-- would count as stale: an offer that stays as it is is noted once a day.
SELECT l.product_id::text AS product_id, l.id::text AS listing_id, l.competitor_id::text AS competitor,
    CASE
        WHEN s.kind = 'api' AND s.settings ->> 'connector' <> 'json' THEN s.settings ->> 'connector'
        ELSE coalesce(
            nullif(regexp_replace(lower(substring(coalesce(l.url, c.website) FROM '^https?://([^/:?#]+)')), '^www\.', ''), ''),
            s.kind
        )
    END AS platform,
    o.currency, epoch_us(o.observed_at) AS at_us,
    CASE
        WHEN o.availability IN ('out_of_stock', 'discontinued') OR o.condition IN ('used', 'refurbished', 'damaged') THEN NULL
        WHEN o.price < 1000000000000 AND o.price / l.units < 1000000000000 THEN round(o.price / l.units, 6)
    END AS price,
    epoch_us(
        greatest(o.observed_at + interval '1 day', now.confirmed_at) + make_interval(secs => s.stale_after_seconds)
    ) AS holds_until_us
FROM competitor_listings AS l
JOIN competitor_sources AS s ON s.id = l.source_id
JOIN competitors AS c ON c.id = l.competitor_id
JOIN competitor_observations AS o ON o.listing_id = l.id
LEFT JOIN competitor_offers AS now ON now.listing_id = l.id AND now.observation_id = o.id
WHERE l.product_id = ANY ($1::uuid[]) AND o.doubted_reason IS NULL AND o.observed_at <= $3
    AND (o.observed_at >= $2::timestamptz - make_interval(secs => s.stale_after_seconds, days => 1) OR now.confirmed_at IS NOT NULL);
