-- name: given_windows
-- In the order of keys, so that two batches wait for each other and never both.
INSERT INTO market_windows AS w (
    engine, subject, width_seconds, product_id, currency, starts_at, events, newest_at, first_mark, last_mark, low, high, listings,
    counted, removed, doubted, applied, views, searches, carts, cart_units, purchases, purchase_units
)
SELECT $1, $2, $3, product_id, currency, starts_at, events, newest_at, first_mark, last_mark, low, high,
    string_to_array(listings, ',')::uuid[], counted, removed, doubted, applied, views, searches, carts, cart_units, purchases,
    purchase_units
FROM unnest(
    $4::uuid[], $5::text[], $6::timestamptz[], $7::bigint[], $8::timestamptz[], $9::text[], $10::text[], $11::numeric[],
    $12::numeric[], $13::text[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[],
    $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[]
) AS given (
    product_id, currency, starts_at, events, newest_at, first_mark, last_mark, low, high, listings, counted, removed, doubted,
    applied, views, searches, carts, cart_units, purchases, purchase_units
)
ORDER BY starts_at, product_id, currency;

-- name: add_to_windows
-- What a batch came to is added to what there is.
:given_windows
ON CONFLICT (engine, starts_at, width_seconds, product_id, currency, subject) DO UPDATE SET
    events = w.events + excluded.events,
    newest_at = greatest(w.newest_at, excluded.newest_at),
    first_mark = least(w.first_mark, excluded.first_mark),
    last_mark = greatest(w.last_mark, excluded.last_mark),
    low = least(w.low, excluded.low),
    high = greatest(w.high, excluded.high),
    listings = ARRAY(SELECT unnest(w.listings) UNION SELECT unnest(excluded.listings) ORDER BY 1),
    counted = w.counted + excluded.counted,
    removed = w.removed + excluded.removed,
    doubted = w.doubted + excluded.doubted,
    applied = w.applied + excluded.applied,
    views = w.views + excluded.views,
    searches = w.searches + excluded.searches,
    carts = w.carts + excluded.carts,
    cart_units = w.cart_units + excluded.cart_units,
    purchases = w.purchases + excluded.purchases,
    purchase_units = w.purchase_units + excluded.purchase_units;

-- name: replace_windows
-- Whole windows of a stream take the place of what there is: however often, and never a part of one that of the whole.
:given_windows
ON CONFLICT (engine, starts_at, width_seconds, product_id, currency, subject) DO UPDATE SET
    (events, newest_at, first_mark, last_mark, low, high, listings, counted, removed, doubted, applied, views, searches, carts,
    cart_units, purchases, purchase_units) = (
        excluded.events, excluded.newest_at, excluded.first_mark, excluded.last_mark, excluded.low, excluded.high,
        excluded.listings, excluded.counted, excluded.removed, excluded.doubted, excluded.applied, excluded.views,
        excluded.searches, excluded.carts, excluded.cart_units, excluded.purchases, excluded.purchase_units
    )
WHERE excluded.events > w.events;

-- name: forget_windows
DELETE FROM market_windows WHERE ctid = ANY (ARRAY(
    SELECT w.ctid FROM unnest(ARRAY['postgresql', 'spark']) AS engines (engine) CROSS JOIN LATERAL (
        SELECT ctid FROM market_windows
        WHERE engine = engines.engine AND starts_at < statement_timestamp() - make_interval(days => $1)
        ORDER BY starts_at LIMIT $2
    ) AS w
));

-- name: page_of_windows
-- Grouped in the order of the primary key, read from its end.
SELECT starts_at, width_seconds, product_id, currency,
    jsonb_object_agg(subject, jsonb_build_object(
        'counted', counted, 'first_mark', first_mark, 'last_mark', last_mark, 'low', low::text, 'high', high::text,
        'listings', cardinality(listings), 'removed', removed, 'doubted', doubted, 'applied', applied, 'views', views,
        'searches', searches, 'carts', carts, 'cart_units', cart_units, 'purchases', purchases, 'purchase_units', purchase_units
    ))::text AS subjects
FROM market_windows
WHERE engine = $1 AND starts_at >= $2 AND starts_at < $3 AND ($4::uuid IS NULL OR product_id = $4)
    AND ($5::text IS NULL OR currency IN ($5, ''))
    AND ($6::timestamptz IS NULL OR (starts_at, width_seconds, product_id, currency) < ($6, $7::integer, $8::uuid, $9::text))
GROUP BY engine, starts_at, width_seconds, product_id, currency
ORDER BY starts_at DESC, width_seconds DESC, product_id DESC, currency DESC
LIMIT $10;
