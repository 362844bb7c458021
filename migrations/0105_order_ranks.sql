-- Why: reports tell the largest groups (products, or pairs of dimensions) of a period, and had to add up the 50 columns of all of
--   them, day by day, to find these. analytics_order_ranks has what is sorted by alone, and weeks between days and months, so that
--   a month and a half is some weeks and days. A trigger keeps it: whoever writes analytics_orders writes it, in the same
--   transaction. Rows are removed by who removes those of analytics_orders, since a month outlives its days.
-- Locks: analytics_orders, so that nobody counts while its days and months are copied: seconds for millions of rows.
-- Undo: DROP TABLE analytics_order_ranks; DROP FUNCTION rank_orders, bounded_minor, week_of_month CASCADE.

CREATE TABLE analytics_order_ranks (
    cube text NOT NULL,
    grain text NOT NULL CONSTRAINT analytics_order_ranks_grain CHECK (grain IN ('day', 'week', 'month')),
    period timestamptz NOT NULL,
    currency text NOT NULL,
    key_a text NOT NULL,
    key_b text NOT NULL,
    total_minor bigint NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    accepted bigint NOT NULL,
    clamped bigint NOT NULL,
    discount_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    reversed_commission_minor bigint NOT NULL,
    CONSTRAINT analytics_order_ranks_pkey PRIMARY KEY (cube, grain, period, currency, key_a, key_b)
-- Room on each page for the next figures of its rows.
) WITH (fillfactor = 80);
COMMENT ON TABLE analytics_order_ranks IS 'What groups are sorted by, of analytics_orders; nobody is named in it';
COMMENT ON COLUMN analytics_order_ranks.grain IS
    'day, week, month. Weeks are those of a month: they begin on its 1st, 8th, 15th and 22nd day, the last one ends with it';
COMMENT ON COLUMN analytics_order_ranks.discount_minor IS 'Both discounts; a sum too large for a column stays at its bound';
COMMENT ON COLUMN analytics_order_ranks.commission_minor IS 'Commission of sellers, categories and logistics';
COMMENT ON COLUMN analytics_order_ranks.reversed_commission_minor IS 'What of such commission was given back in the period';

CREATE FUNCTION bounded_minor(amount numeric) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN greatest(least(amount, 9000000000000000000), -9000000000000000000)::bigint;

-- Truncated from its noon, as days are, wherever clocks change.
CREATE FUNCTION week_of_month(day timestamptz, zone text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN date_trunc('day', (
        date_trunc('month', day AT TIME ZONE zone) + interval '12 hours'
        + least((extract(day FROM day AT TIME ZONE zone)::integer - 1) / 7, 3) * interval '7 days'
    ) AT TIME ZONE zone, zone);

CREATE FUNCTION rank_orders() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    -- What days became more by, of which weeks and months become more by the same.
    EXECUTE format($query$
        WITH days AS (
            SELECT cube, period, currency, key_a, key_b, sum(sign * total_minor) AS total_minor, sum(sign * orders) AS orders,
                sum(sign * units) AS units, sum(sign * accepted) AS accepted, sum(sign * clamped) AS clamped,
                sum(sign * (seller_discount_minor::numeric + platform_discount_minor)) AS discount_minor,
                sum(sign * (seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor))
                    AS commission_minor,
                sum(sign * (reversed_seller_commission_minor::numeric + reversed_category_commission_minor
                    + reversed_logistics_commission_minor)) AS reversed_commission_minor
            FROM (%s) AS changed WHERE grain = 'day' GROUP BY cube, period, currency, key_a, key_b
        ), periods AS (
            SELECT period, grain, begin
            FROM (SELECT DISTINCT period FROM days) AS each
                CROSS JOIN (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state) AS state
                CROSS JOIN LATERAL (VALUES
                    ('day', period), ('week', week_of_month(period, zone)), ('month', date_trunc('month', period, zone))
                ) AS of (grain, begin)
        ), grains AS (
            SELECT cube, grain, begin, currency, key_a, key_b, sum(total_minor) AS total_minor, sum(orders) AS orders,
                sum(units) AS units, sum(accepted) AS accepted, sum(clamped) AS clamped, sum(discount_minor) AS discount_minor,
                sum(commission_minor) AS commission_minor, sum(reversed_commission_minor) AS reversed_commission_minor
            FROM days JOIN periods USING (period) GROUP BY cube, grain, begin, currency, key_a, key_b
        )
        INSERT INTO analytics_order_ranks AS held
        SELECT cube, grain, begin, currency, key_a, key_b, bounded_minor(total_minor), orders, units, accepted, clamped,
            bounded_minor(discount_minor), bounded_minor(commission_minor), bounded_minor(reversed_commission_minor)
        FROM grains ORDER BY cube, grain, begin, currency, key_a, key_b
        ON CONFLICT (cube, grain, period, currency, key_a, key_b) DO UPDATE SET
            total_minor = bounded_minor(held.total_minor::numeric + excluded.total_minor),
            orders = held.orders + excluded.orders,
            units = held.units + excluded.units,
            accepted = held.accepted + excluded.accepted,
            clamped = held.clamped + excluded.clamped,
            discount_minor = bounded_minor(held.discount_minor::numeric + excluded.discount_minor),
            commission_minor = bounded_minor(held.commission_minor::numeric + excluded.commission_minor),
            reversed_commission_minor = bounded_minor(held.reversed_commission_minor::numeric + excluded.reversed_commission_minor)
    $query$, CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT 1 AS sign, * FROM added'
        ELSE 'SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM replaced'
    END);
    RETURN NULL;
END $function$;

CREATE TRIGGER rank_added AFTER INSERT ON analytics_orders
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION rank_orders();
CREATE TRIGGER rank_changed AFTER UPDATE ON analytics_orders
    REFERENCING NEW TABLE AS added OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION rank_orders();

INSERT INTO analytics_order_ranks
SELECT cube, as_grain, CASE as_grain WHEN 'week' THEN week_of_month(period, zone) ELSE period END, currency, key_a, key_b,
    bounded_minor(sum(total_minor)), sum(orders), sum(units), sum(accepted), sum(clamped),
    bounded_minor(sum(seller_discount_minor::numeric + platform_discount_minor)),
    bounded_minor(sum(seller_commission_minor::numeric + category_commission_minor + logistics_commission_minor)),
    bounded_minor(sum(reversed_seller_commission_minor::numeric + reversed_category_commission_minor
        + reversed_logistics_commission_minor))
FROM analytics_orders
    CROSS JOIN (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state) AS state
    JOIN (VALUES ('day', 'day'), ('day', 'week'), ('month', 'month')) AS of (grain, as_grain) USING (grain)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6;
