-- name: sale_times
-- A sale that was called off before it began keeps the end that was announced.
SELECT state, starts_at,
    CASE WHEN state <> 'scheduled' AND NOT (state = 'cancelled' AND ends_at > changed_at)
        THEN greatest(least(ends_at, clock_timestamp()), starts_at)
    END AS on_sale_until, clock_timestamp() AS at
FROM flash_sales WHERE id = $1;

-- name: viewed_items
SELECT item.id, item.product_id, item.currency, item.allocated,
    coalesce((SELECT sum(views) FROM flash_sale_views WHERE item_id = item.id), 0)::bigint AS views
FROM flash_sale_items item WHERE item.sale_id = $1 ORDER BY item.id;

-- name: outcomes
SELECT item_id, status, count(*) AS purchases, sum(quantity) AS units,
    sum(quantity * unit_price_minor::numeric) AS amount_minor
FROM flash_sale_purchases WHERE item_id = ANY ($1::bigint[]) GROUP BY item_id, status;

-- name: buyers
-- The row without an item is of the sale as a whole: a customer of two products is one.
SELECT item_id, count(DISTINCT customer_id) AS customers, min(reserved_at) AS first_at, max(reserved_at) AS last_at
FROM flash_sale_purchases WHERE item_id = ANY ($1::bigint[]) AND status = 'confirmed'
GROUP BY GROUPING SETS ((item_id), ());

-- name: days
SELECT item_id, width_bucket(reserved_at, $2::timestamptz[]) - 1 AS day, count(*) AS purchases,
    sum(quantity) AS units, sum(quantity * unit_price_minor::numeric) AS amount_minor
FROM flash_sale_purchases WHERE item_id = ANY ($1::bigint[]) AND status = 'confirmed'
GROUP BY 1, 2;

-- name: peaks
WITH minutes AS MATERIALIZED (
    SELECT item_id, date_bin('1 minute', reserved_at, '2000-01-01T00:00:00Z') AS minute, count(*) AS purchases,
        sum(quantity) AS units
    FROM flash_sale_purchases WHERE item_id = ANY ($1::bigint[]) AND status = 'confirmed'
    GROUP BY 1, 2
), spans AS (
    SELECT 'minute' AS span, item_id, minute AS starts_at, purchases, units FROM minutes
    UNION ALL
    SELECT 'hour', item_id, ($2::timestamptz[])[width_bucket(minute, $2::timestamptz[])], purchases, units FROM minutes
), summed AS (
    SELECT span, item_id, starts_at, sum(purchases) AS purchases, sum(units) AS units
    FROM spans GROUP BY GROUPING SETS ((span, item_id, starts_at), (span, starts_at))
)
SELECT DISTINCT ON (span, item_id) span, item_id, starts_at, purchases, units
FROM summed ORDER BY span, item_id, units DESC, starts_at;

-- name: earlier_sales
SELECT wanted.id, min(purchase.reserved_at) AS first_at, count(*) AS purchases, sum(purchase.quantity) AS units,
    sum(purchase.quantity * purchase.unit_price_minor::numeric) AS amount_minor
FROM flash_sale_items wanted
JOIN flash_sale_items earlier
    ON earlier.product_id = wanted.product_id AND earlier.currency = wanted.currency AND earlier.id <> wanted.id
JOIN flash_sale_purchases purchase
    ON purchase.item_id = earlier.id AND purchase.reserved_at >= $2 AND purchase.reserved_at < $3
        AND purchase.status = 'confirmed'
WHERE wanted.id = ANY ($1::bigint[])
GROUP BY wanted.id;

-- name: accepted_quotes
-- A line at a sale's price becomes a purchase of that sale, and is counted there.
SELECT wanted.id, min(line.accepted_at) AS first_at, count(*) AS purchases, sum(line.quantity) AS units,
    sum(line.net_minor) AS amount_minor
FROM flash_sale_items wanted
JOIN accepted_quote_lines line
    ON line.product_id = wanted.product_id AND line.accepted_at >= $2 AND line.accepted_at < $3
        AND line.currency = wanted.currency AND line.price_source <> 'flash_sale'
WHERE wanted.id = ANY ($1::bigint[])
GROUP BY wanted.id;
