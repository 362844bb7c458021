-- name: counts
SELECT (SELECT count(*) FROM analytics_orders WHERE cube = '' AND grain = 'hour') AS hours,
    (SELECT count(*) FROM analytics_orders) AS rows,
    (SELECT count(*) FROM analytics_uncounted) AS waiting;

-- name: trigger
SELECT format('%s has no trigger that has its rows counted', name) AS detail
FROM unnest(ARRAY['accepted_quotes', 'orders', 'order_refunds', 'order_events']) AS name
WHERE NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = name::regclass AND tgname = 'count_later' AND tgenabled IN ('O', 'A')
)
ORDER BY 1 LIMIT $1;

-- name: accepted
WITH zone AS (
    SELECT coalesce(time_zone, 'UTC') AS name FROM analytics_state
), wanted AS (
    SELECT date_trunc('day', accepted_at, zone.name) AS day, currency, count(*) AS accepted, sum(total_minor) AS total
    FROM accepted_quotes AS q CROSS JOIN zone
    WHERE NOT EXISTS (SELECT FROM analytics_uncounted AS u WHERE u.kind = 'quote' AND u.source_id = q.quote_id)
    GROUP BY 1, 2
), found AS (
    SELECT period AS day, currency, accepted, accepted_total_minor AS total FROM analytics_orders
    WHERE cube = '' AND grain = 'day' AND (accepted, accepted_total_minor) <> (0, 0)
)
SELECT format('%s %s: %s quotes for %s are counted, and %s for %s were accepted', day, currency, coalesce(f.accepted, 0),
    coalesce(f.total, 0), coalesce(w.accepted, 0), coalesce(w.total, 0)) AS detail
FROM wanted AS w FULL JOIN found AS f USING (day, currency)
WHERE (w.accepted, w.total) IS DISTINCT FROM (f.accepted, f.total)
ORDER BY 1 LIMIT $1;

-- name: orders
WITH zone AS (
    SELECT coalesce(time_zone, 'UTC') AS name FROM analytics_state
), changes AS (
    SELECT placed_at AS at, currency, quantity, item_total_minor, discount_minor, delivery_fee_minor,
        small_basket_fee_minor, exclusive_tax_minor, inclusive_tax_minor, total_minor, 1 AS orders, 0 AS cancellations,
        0::bigint AS cancelled
    FROM orders AS o
    WHERE NOT EXISTS (SELECT FROM analytics_uncounted AS u WHERE u.kind = 'order' AND u.source_id = o.id)
    UNION ALL
    SELECT cancelled_at, currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, total_minor
    FROM orders AS o
    WHERE status = 'cancelled'
        AND NOT EXISTS (SELECT FROM analytics_uncounted AS u WHERE u.kind = 'cancellation' AND u.source_id = o.id)
), wanted AS (
    SELECT date_trunc('day', at, zone.name) AS day, currency,
        ARRAY[sum(orders), sum(quantity), sum(item_total_minor), sum(discount_minor), sum(delivery_fee_minor),
            sum(small_basket_fee_minor), sum(exclusive_tax_minor), sum(inclusive_tax_minor), sum(total_minor),
            sum(cancellations), sum(cancelled)] AS figures
    FROM changes CROSS JOIN zone GROUP BY 1, 2
), found AS (
    SELECT period AS day, currency,
        ARRAY[orders, units, gross_minor, seller_discount_minor::numeric + platform_discount_minor, delivery_fee_minor,
            small_basket_fee_minor, exclusive_tax_minor, inclusive_tax_minor, total_minor, cancellations,
            cancelled_total_minor] AS figures
    FROM analytics_orders WHERE cube = '' AND grain = 'day' AND (orders, cancellations) <> (0, 0)
)
SELECT format('%s %s: counted are %s, and orders say %s', day, currency, coalesce(f.figures::text, 'none'),
    coalesce(w.figures::text, 'none')) AS detail
FROM wanted AS w FULL JOIN found AS f USING (day, currency)
WHERE w.figures IS DISTINCT FROM f.figures
ORDER BY 1 LIMIT $1;

-- name: refunds
WITH zone AS (
    SELECT coalesce(time_zone, 'UTC') AS name FROM analytics_state
), wanted AS (
    SELECT date_trunc('day', r.refunded_at, zone.name) AS day, o.currency, count(*)::numeric AS refunds,
        sum(r.total_minor) AS total
    FROM order_refunds AS r JOIN orders AS o ON o.id = r.order_id CROSS JOIN zone
    WHERE NOT EXISTS (SELECT FROM analytics_uncounted AS u WHERE u.kind = 'refund' AND u.source_id = r.id)
    GROUP BY 1, 2
), found AS (
    SELECT period AS day, currency, refunds::numeric, reversed_total_minor::numeric - cancelled_total_minor AS total
    FROM analytics_orders WHERE cube = '' AND grain = 'day' AND refunds <> 0
)
SELECT format('%s %s: %s refunds of %s are counted, and %s of %s were made', day, currency, coalesce(f.refunds, 0),
    coalesce(f.total, 0), coalesce(w.refunds, 0), coalesce(w.total, 0)) AS detail
FROM wanted AS w FULL JOIN found AS f USING (day, currency)
WHERE (w.refunds, w.total) IS DISTINCT FROM (f.refunds, f.total)
ORDER BY 1 LIMIT $1;

-- name: ledger
-- By currency and seller, over all time: what is counted and given back, and the entries of orders, refunds and cancellations.
WITH wanted AS (
    SELECT line.currency, line.party_id::text AS seller, line.account, sum(line.amount_minor) AS amount
    FROM ledger_transactions AS t CROSS JOIN LATERAL unnest(t.accounts, t.party_ids, t.currencies, t.amounts_minor)
        AS line (account, party_id, currency, amount_minor)
    WHERE t.kind IN ('order', 'refund', 'cancellation') AND line.account <> 'customer' AND line.party_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM analytics_uncounted AS u WHERE u.kind = t.kind AND u.source_id = t.source_id)
    GROUP BY 1, 2, 3 HAVING sum(line.amount_minor) <> 0
), found AS (
    SELECT currency, key_a AS seller, part.account, sum(part.amount) AS amount
    FROM analytics_orders AS a CROSS JOIN LATERAL (VALUES
        ('seller', payout_minor::numeric - reversed_payout_minor),
        ('commission', seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor
            - inclusive_commission_tax_minor - reversed_seller_commission_minor - reversed_category_commission_minor
            - reversed_logistics_commission_minor + reversed_inclusive_commission_tax_minor),
        ('commission_tax', commission_tax_minor::numeric - reversed_commission_tax_minor),
        ('sales_tax', exclusive_tax_minor::numeric - reversed_exclusive_tax_minor),
        ('platform_discounts', reversed_platform_discount_minor::numeric - platform_discount_minor)
    ) AS part (account, amount)
    WHERE a.cube = 'seller' AND a.grain = 'month'
    GROUP BY 1, 2, 3 HAVING sum(part.amount) <> 0
)
SELECT format('%s of seller %s in %s: %s is counted, and the ledger has %s', account, seller, currency,
    coalesce(f.amount, 0), coalesce(w.amount, 0)) AS detail
FROM wanted AS w FULL JOIN found AS f USING (currency, seller, account)
WHERE w.amount IS DISTINCT FROM f.amount
ORDER BY 1 LIMIT $1;

-- name: cubes
-- Dimensions of which a line, or an order, has one value each: their keys add up to the whole.
WITH sums AS (
    SELECT cube, period, currency, sum(units) AS units, sum(gross_minor) AS gross, sum(reversed_units) AS reversed_units,
        sum(seller_discount_minor::numeric + platform_discount_minor) AS discount,
        sum(seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor) AS commission
    FROM analytics_orders WHERE grain = 'day' AND cube !~ 'rule|flag' GROUP BY 1, 2, 3
)
SELECT format('%s %s: %s adds up to %s units for %s, and all are %s for %s', part.period, part.currency, part.cube,
    part.units, part.gross, whole.units, whole.gross) AS detail
FROM sums AS part LEFT JOIN sums AS whole
    ON whole.cube = '' AND whole.period = part.period AND whole.currency = part.currency
WHERE part.cube <> '' AND (part.units, part.gross, part.reversed_units, part.discount, part.commission)
    IS DISTINCT FROM (whole.units, whole.gross, whole.reversed_units, whole.discount, whole.commission)
ORDER BY 1 LIMIT $1;

-- name: grains
-- Of the oldest day whose hours are kept, some may have been removed, unless it is the oldest day of all; so with months.
WITH rollups AS (
    SELECT 'orders' AS of, grain, cube, period, currency, key_a, key_b,
        ARRAY[accepted, orders, units, total_minor, payout_minor, reversed_total_minor, reversed_payout_minor] AS figures
    FROM analytics_orders
    UNION ALL
    SELECT 'quotes', grain, cube, period, currency, key_a, key_b,
        ARRAY[quotes, priced, lines, units, gross_minor, total_minor, latency_us]
    FROM analytics_quotes
), parts AS (
    SELECT of, grain, CASE grain WHEN 'hour' THEN 'day' ELSE 'month' END AS whole, cube,
        date_trunc(CASE grain WHEN 'hour' THEN 'day' ELSE 'month' END, period, coalesce(time_zone, 'UTC')) AS period,
        currency, key_a, key_b,
        ARRAY[sum(figures[1]), sum(figures[2]), sum(figures[3]), sum(figures[4]), sum(figures[5]), sum(figures[6]),
            sum(figures[7])] AS figures
    FROM rollups CROSS JOIN analytics_state WHERE grain <> 'month'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), first AS (
    SELECT of, min(period) FILTER (WHERE grain = 'hour') AS day_of_hours, min(period) FILTER (WHERE grain = 'day') AS month_of_days
    FROM parts GROUP BY of
), oldest AS (
    SELECT of, min(period) FILTER (WHERE grain = 'day') AS day, min(period) FILTER (WHERE grain = 'month') AS month
    FROM rollups GROUP BY of
)
SELECT format('%s of %s in %s, %s %s %s: each %s adds up to %s, and the %s has %s', p.of, p.cube, p.period, p.currency, p.key_a,
    p.key_b, p.grain, p.figures, p.whole, coalesce(w.figures::text, 'nothing')) AS detail
FROM parts AS p
    JOIN first ON first.of = p.of
    JOIN oldest ON oldest.of = p.of
    LEFT JOIN rollups AS w ON w.of = p.of AND w.grain = p.whole AND w.cube = p.cube AND w.period = p.period
        AND w.currency = p.currency AND w.key_a = p.key_a AND w.key_b = p.key_b
WHERE w.figures IS DISTINCT FROM p.figures::bigint[]
    AND (p.grain <> 'hour' OR p.period > first.day_of_hours OR oldest.day = first.day_of_hours)
    AND (p.grain <> 'day' OR p.period > first.month_of_days OR oldest.month = first.month_of_days)
ORDER BY 1 LIMIT $1;

-- name: quarters
-- Of hours that have all of them, and have not been forgotten.
WITH bounds AS (
    SELECT coalesce(time_zone, 'UTC') AS zone, greatest(hours_since, quote_quarters_since, '-infinity') AS quotes_from,
        greatest(hours_since, order_quarters_since, '-infinity') AS orders_from
    FROM analytics_state
), found AS (
    SELECT 'orders' AS of, cube, date_trunc('hour', period, zone) AS period, currency, key_a, key_b, ARRAY[sum(accepted), sum(orders),
        sum(units), sum(total_minor), sum(payout_minor), sum(reversed_total_minor), sum(reversed_payout_minor)] AS figures
    FROM analytics_order_quarter_hours CROSS JOIN bounds GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    SELECT 'quotes', cube, date_trunc('hour', period, zone), currency, key_a, key_b, ARRAY[sum(quotes), sum(priced),
        sum(lines), sum(units), sum(gross_minor), sum(total_minor), sum(latency_us)]
    FROM analytics_quote_quarter_hours CROSS JOIN bounds GROUP BY 1, 2, 3, 4, 5, 6
), wanted AS (
    SELECT 'orders' AS of, cube, period, currency, key_a, key_b, ARRAY[accepted::numeric, orders, units, total_minor, payout_minor,
        reversed_total_minor, reversed_payout_minor] AS figures
    FROM analytics_orders WHERE grain = 'hour'
    UNION ALL
    SELECT 'quotes', cube, period, currency, key_a, key_b, ARRAY[quotes::numeric, priced, lines, units, gross_minor, total_minor,
        latency_us]
    FROM analytics_quotes WHERE grain = 'hour'
)
SELECT format('%s of %s in %s, %s %s %s: quarters of the hour add up to %s, and the hour has %s', of, cube, period, currency, key_a,
    key_b, coalesce(f.figures::text, 'nothing'), coalesce(w.figures::text, 'nothing')) AS detail
FROM wanted AS w FULL JOIN found AS f USING (of, cube, period, currency, key_a, key_b) CROSS JOIN bounds
WHERE coalesce(f.figures, array_fill(0::numeric, ARRAY[7])) <> coalesce(w.figures, array_fill(0::numeric, ARRAY[7]))
    AND period >= CASE of WHEN 'orders' THEN orders_from ELSE quotes_from END
ORDER BY 1 LIMIT $1;

-- name: ranks
WITH wanted AS (
    SELECT 'orders' AS of, cube, as_grain AS grain, CASE as_grain WHEN 'week' THEN week_of_month(period, zone)
            WHEN 'quarter' THEN date_trunc('quarter', period, zone) ELSE period END AS period,
        currency, key_a, key_b, ARRAY[
            sum(total_minor), sum(orders), sum(units), sum(accepted), sum(clamped),
            sum(seller_discount_minor::numeric + platform_discount_minor),
            sum(seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor),
            sum(reversed_seller_commission_minor::numeric + reversed_category_commission_minor
                + reversed_logistics_commission_minor)
        ] AS figures
    FROM analytics_orders
        CROSS JOIN (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state) AS state
        JOIN (VALUES ('day', 'day'), ('day', 'week'), ('month', 'month'), ('month', 'quarter'))
            AS of (grain, as_grain) USING (grain)
    WHERE cube <> 'lines' AND (as_grain <> 'quarter' OR period = date_trunc('month', period, zone))
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    UNION ALL
    SELECT 'quotes', cube, as_grain, CASE as_grain WHEN 'week' THEN week_of_month(period, zone)
            WHEN 'quarter' THEN date_trunc('quarter', period, zone) ELSE period END,
        currency, key_a, key_b, ARRAY[sum(quotes), sum(priced + lines), sum(total_minor)]
    FROM analytics_quotes
        CROSS JOIN (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state) AS state
        JOIN (VALUES ('day', 'day'), ('day', 'week'), ('month', 'month'), ('month', 'quarter'))
            AS of (grain, as_grain) USING (grain)
    WHERE cube <> 'lines' AND (as_grain <> 'quarter' OR period = date_trunc('month', period, zone))
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), found AS (
    SELECT 'orders' AS of, cube, grain, period, currency, key_a, key_b, ARRAY[total_minor::numeric, orders, units, accepted, clamped,
        discount_minor, commission_minor, reversed_commission_minor] AS figures
    FROM analytics_order_ranks WHERE cube <> 'lines'
    UNION ALL
    SELECT 'quotes', cube, grain, period, currency, key_a, key_b, ARRAY[quotes::numeric, quoted, total_minor]
    FROM analytics_quote_ranks WHERE cube <> 'lines'
)
SELECT format('%s of %s, %s in %s, %s %s %s: sorted by %s, and counted are %s', grain, of, cube, period, currency, key_a, key_b,
    coalesce(f.figures::text, 'nothing'), coalesce(w.figures::text, 'nothing')) AS detail
FROM wanted AS w FULL JOIN found AS f USING (of, cube, grain, period, currency, key_a, key_b)
WHERE w.figures IS DISTINCT FROM f.figures
ORDER BY 1 LIMIT $1;

-- name: honoured
WITH wanted AS (
    SELECT date_bin('15 minutes', accepted_at, '2000-01-01T00:00:00Z') AS quarter, currency, count(*) AS accepted
    FROM accepted_quotes AS q
    WHERE NOT EXISTS (SELECT FROM honoured_unchecked AS u WHERE u.quote_id = q.quote_id)
    GROUP BY 1, 2
), made AS (
    SELECT quarter, currency, sum(total_minor) AS total, sum(commission_minor) AS commission
    FROM honoured_effects GROUP BY 1, 2
)
SELECT detail FROM (
    SELECT 'accepted_quotes has no trigger that has its rows compared' AS detail
    WHERE NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'accepted_quotes'::regclass AND tgname = 'keep_unchecked' AND tgenabled IN ('O', 'A')
    )
    UNION ALL
    SELECT format('%s %s: %s quotes are compared, and %s were accepted', quarter, currency, coalesce(h.accepted, 0),
        coalesce(w.accepted, 0))
    FROM wanted AS w FULL JOIN honoured_quotes AS h USING (quarter, currency)
    WHERE w.accepted IS DISTINCT FROM h.accepted
    UNION ALL
    SELECT format('%s %s: the changes make %s and commission %s, and the quotes %s and %s', quarter, currency,
        coalesce(m.total, 0), coalesce(m.commission, 0), coalesce(h.gain_minor - h.cost_minor, 0),
        coalesce(h.commission_minor, 0))
    FROM honoured_quotes AS h FULL JOIN made AS m USING (quarter, currency)
    WHERE coalesce(m.total, 0) <> coalesce(h.gain_minor - h.cost_minor, 0)
        OR coalesce(m.commission, 0) <> coalesce(h.commission_minor, 0)
    UNION ALL
    SELECT format('%s %s: quarters of the day add up to %s, and the day has %s', day, currency, w.figures, h.figures)
    FROM (
        SELECT date_bin('1 day', quarter, '2000-01-01T00:00:00Z') AS day, currency, ARRAY[sum(accepted),
            sum(not_compared), sum(changed), sum(dearer), sum(cheaper), sum(cost_minor), sum(gain_minor),
            sum(commission_minor)] AS figures
        FROM honoured_quotes GROUP BY 1, 2
    ) AS w FULL JOIN (
        SELECT day, currency, ARRAY[accepted::numeric, not_compared, changed, dearer, cheaper, cost_minor, gain_minor,
            commission_minor] AS figures
        FROM honoured_quote_days
    ) AS h USING (day, currency)
    WHERE w.figures IS DISTINCT FROM h.figures
    UNION ALL
    SELECT format('%s %s: quarters of the day add up to %s by %s %s, and the day has %s', day, currency, w.figures, kind, key,
        h.figures)
    FROM (
        SELECT date_bin('1 day', quarter, '2000-01-01T00:00:00Z') AS day, currency, kind, key,
            ARRAY[sum(quotes), sum(total_minor), sum(commission_minor)] AS figures
        FROM honoured_effects GROUP BY 1, 2, 3, 4
    ) AS w FULL JOIN (
        SELECT day, currency, kind, key, ARRAY[quotes::numeric, total_minor, commission_minor] AS figures
        FROM honoured_effect_days
    ) AS h USING (day, currency, kind, key)
    WHERE w.figures IS DISTINCT FROM h.figures
) AS found
ORDER BY 1 LIMIT $1;
