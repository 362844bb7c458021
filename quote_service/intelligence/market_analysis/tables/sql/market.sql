-- name: days
SELECT currency, day, price_open, price_close, price_low, price_high, moves, lowest_30d, close_7d_ago, close_30d_ago,
    units, orders, revenue_minor, units_returned, units_7d, units_28d,
    rivals, rival_low, rival_q1, rival_median, rival_q3, rival_high, rival_sum, cheaper, equal, dearer
FROM market_days
WHERE product_id = $1 AND day >= $2 AND day <= $3 AND ($4::text IS NULL OR currency = $4)
ORDER BY currency, day;

-- name: days_of_products
SELECT product_id, currency, day, price_open, price_close, price_low, price_high, moves, lowest_30d, close_7d_ago,
    close_30d_ago, units, orders, revenue_minor, units_returned, units_7d, units_28d,
    rivals, rival_low, rival_q1, rival_median, rival_q3, rival_high, rival_sum, cheaper, equal, dearer
FROM market_days
WHERE product_id = ANY ($1::uuid[]) AND day >= $2 AND day <= $3 AND ($4::text IS NULL OR currency = $4)
ORDER BY product_id, currency, day;

-- name: distribution
SELECT d.currency, d.kind, d.key, c.name, d.listings, d.days, d.prices, d.low, d.q1, d.median, d.q3, d.high, d.sum, d.newest,
    d.cheaper, d.equal, d.dearer, d.compared, d.ours
FROM market_distribution AS d LEFT JOIN competitors AS c ON d.kind = 'competitor' AND c.id::text = d.key
WHERE d.product_id = $1 AND d.kind = $2 AND ($3::text IS NULL OR d.currency = $3)
ORDER BY d.currency, d.median, d.key;

-- name: totals
SELECT t.currency, t.kind, t.key, c.name, t.products, t.listings, t.prices, t.cheaper, t.equal, t.dearer, t.compared, t.ours
FROM market_totals AS t LEFT JOIN competitors AS c ON t.kind = 'competitor' AND c.id::text = t.key
WHERE t.kind = $1 AND ($2::text IS NULL OR t.currency = $2)
ORDER BY t.currency, t.products DESC, t.key;

-- name: volatility_of_product
SELECT v.currency, v.subject, v.key, c.name, v.window_days, v.days, v.low, v.high, v.sum, v.rises, v.falls, v.variation
FROM market_volatility AS v LEFT JOIN competitors AS c ON v.subject = 'competitor' AND c.id::text = v.key
WHERE v.product_id = $1 AND ($2::text IS NULL OR v.currency = $2)
ORDER BY v.currency, v.subject DESC, v.key, v.window_days;

-- name: most_volatile
SELECT v.product_id, p.sku, p.name, v.currency, v.days, v.low, v.high, v.sum, v.rises, v.falls, v.variation
FROM market_volatility AS v JOIN products AS p ON p.id = v.product_id
WHERE v.subject = $1 AND v.window_days = $2 AND ($3::text IS NULL OR v.currency = $3)
    AND ($4::numeric IS NULL OR (v.variation, v.product_id, v.currency) < ($4, $5::uuid, $6::text))
ORDER BY v.variation DESC, v.product_id DESC, v.currency DESC
LIMIT $7;

-- name: freshness
SELECT m.analysed_at, m.since, (SELECT day FROM market_runs WHERE status = 'done' ORDER BY started_at DESC LIMIT 1) AS day
FROM market_products AS m WHERE m.product_id = $1;

-- name: age
-- How long ago the last run that was done began; nothing where there was none.
SELECT extract(epoch FROM now() - max(started_at))::float8 FROM market_runs WHERE status = 'done';
