-- name: drop_days
DELETE FROM market_days WHERE product_id = ANY ($1::uuid[]) AND day >= $2;

-- name: drop_distribution
DELETE FROM market_distribution WHERE product_id = ANY ($1::uuid[]);

-- name: drop_volatility
DELETE FROM market_volatility WHERE product_id = ANY ($1::uuid[]);

-- name: note_products
INSERT INTO market_products (product_id, since, analysed_at)
SELECT product_id, $2, clock_timestamp() FROM unnest($1::uuid[]) AS product_id
ON CONFLICT (product_id) DO UPDATE SET since = least(market_products.since, excluded.since), analysed_at = excluded.analysed_at;

-- name: drop_totals
DELETE FROM market_totals;

-- name: add_totals
INSERT INTO market_totals (currency, kind, key, products, listings, prices, cheaper, equal, dearer, compared, ours)
SELECT currency, kind, key, count(*), sum(listings), sum(prices), sum(cheaper), sum(equal), sum(dearer), sum(compared), sum(ours)
FROM market_distribution GROUP BY currency, kind, key;

-- name: forget_days
DELETE FROM market_days WHERE ctid = ANY (ARRAY(SELECT ctid FROM market_days WHERE day < $1 LIMIT $2));
