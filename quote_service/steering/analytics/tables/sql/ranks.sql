-- name: remove_order_ranks
DELETE FROM analytics_order_ranks;

-- name: remove_quotes
DELETE FROM analytics_quote_ranks;

-- name: make_orders_again
-- Weeks are of the days that are kept, quarters of what months have; months that are older than a rebuild may be by another time
-- zone, and no part of a quarter. Days and months are as they stand: nothing is added up.
WITH state AS (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state), own AS (
    INSERT INTO analytics_order_ranks
    SELECT cube, grain, period, currency, key_a, key_b, bounded_minor(total_minor), orders, units, accepted, clamped,
        bounded_minor(seller_discount_minor::numeric + platform_discount_minor),
        bounded_minor(seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor),
        bounded_minor(reversed_seller_commission_minor::numeric + reversed_category_commission_minor
            + reversed_logistics_commission_minor)
    FROM analytics_orders WHERE grain IN ('day', 'month') AND cube <> 'lines'
)
INSERT INTO analytics_order_ranks
SELECT cube, as_grain, CASE as_grain WHEN 'week' THEN week_of_month(period, zone) ELSE date_trunc('quarter', period, zone) END,
    currency, key_a, key_b,
    bounded_minor(sum(total_minor)), sum(orders), sum(units), sum(accepted), sum(clamped),
    bounded_minor(sum(seller_discount_minor::numeric + platform_discount_minor)),
    bounded_minor(sum(seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor)),
    bounded_minor(sum(reversed_seller_commission_minor::numeric + reversed_category_commission_minor
        + reversed_logistics_commission_minor))
FROM analytics_orders CROSS JOIN state JOIN (VALUES ('day', 'week'), ('month', 'quarter')) AS of (grain, as_grain) USING (grain)
WHERE cube <> 'lines' AND (as_grain <> 'quarter' OR period = date_trunc('month', period, zone))
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6;

-- name: make_quotes_again
WITH state AS (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state), own AS (
    INSERT INTO analytics_quote_ranks
    SELECT cube, grain, period, currency, key_a, key_b, quotes, priced + lines, bounded_minor(total_minor)
    FROM analytics_quotes WHERE grain IN ('day', 'month') AND cube <> 'lines'
)
INSERT INTO analytics_quote_ranks
SELECT cube, as_grain, CASE as_grain WHEN 'week' THEN week_of_month(period, zone) ELSE date_trunc('quarter', period, zone) END,
    currency, key_a, key_b, sum(quotes), sum(priced + lines), bounded_minor(sum(total_minor))
FROM analytics_quotes CROSS JOIN state JOIN (VALUES ('day', 'week'), ('month', 'quarter')) AS of (grain, as_grain) USING (grain)
WHERE cube <> 'lines' AND (as_grain <> 'quarter' OR period = date_trunc('month', period, zone))
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6;
