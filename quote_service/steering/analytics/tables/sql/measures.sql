-- name: read_sold
SELECT currency, sum(orders)::bigint AS orders, sum(total_minor::numeric - reversed_total_minor) AS revenue_minor,
    sum(seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor
        - inclusive_commission_tax_minor - reversed_seller_commission_minor - reversed_category_commission_minor
        - reversed_logistics_commission_minor + reversed_inclusive_commission_tax_minor) AS commission_minor
FROM analytics_orders WHERE cube = '' AND grain = 'month'
GROUP BY currency ORDER BY currency;

-- name: take_rates
SELECT currency, sum(seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor)
    / sum(commission_base_minor) AS rate
FROM analytics_orders
WHERE cube = '' AND grain = 'hour' AND period > now() - interval '1 day'
GROUP BY currency HAVING sum(commission_base_minor) > 0
ORDER BY currency;

-- name: count_shown_flags
SELECT key_a AS flag, sum(quotes)::bigint AS quotes FROM analytics_quotes
WHERE cube = 'flag' AND grain = 'hour' AND period > now() - interval '1 day'
GROUP BY key_a ORDER BY 2 DESC, 1 LIMIT $1;

-- name: count_waiting
-- Enough to see that it grows: what piles up while nobody counts is not counted here either.
SELECT count(*) FROM (SELECT FROM analytics_uncounted LIMIT 10000) AS waiting;

-- name: read_ages
SELECT source, greatest(extract(epoch FROM now() - folded_at), 0)::float8 AS seconds FROM analytics_folds ORDER BY source;
