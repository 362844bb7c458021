-- Why: reports sorted by what was quoted added up the 25 columns of every product or pair of dimensions, day by day, to find the
--   largest (130 to 390 ms of PostgreSQL). analytics_quote_ranks has what they are sorted by alone, as analytics_order_ranks does of
--   orders. Both get quarters besides, so that a year is not a dozen months of every product. whole_sum adds whole numbers up without
--   going through numeric, a quarter of the time of such a ranking. Each cube of what is not rolled up yet is a view of its own:
--   a statement that names one of the 29 branches of analytics_quotes_unfolded is planned for 2.5 ms.
--   The indexes of the first key are for cubes of one dimension: a pair is looked up by the primary key, and was not always.
-- Locks: analytics_quotes and analytics_orders, so that nobody counts while their days and months are copied: a minute for ten
--   millions of rows.
-- Undo: DROP TABLE analytics_quote_ranks; DROP FUNCTION rank_quotes CASCADE; DROP AGGREGATE whole_sum (bigint);
--   DELETE FROM analytics_order_ranks WHERE grain = 'quarter'; create rank_orders as 0105 has it; drop the views
--   analytics_unfolded_... and the four statistics; make both indexes of 0099 and 0100 again.

CREATE AGGREGATE whole_sum (bigint) (sfunc = int8pl, stype = bigint, combinefunc = int8pl, parallel = safe);
COMMENT ON AGGREGATE whole_sum (bigint) IS 'sum() that fails where the sum would not fit: quicker where there are many groups';

DROP INDEX analytics_quotes_key_a, analytics_orders_key_a;
CREATE INDEX analytics_quotes_key_a ON analytics_quotes (cube, grain, key_a, period) WHERE key_b = '';
CREATE INDEX analytics_orders_key_a ON analytics_orders (cube, grain, key_a, period) WHERE key_b = '';

-- A cube has its own number of rows of each grain: told of neither alone, PostgreSQL expects a tenth of them.
CREATE STATISTICS analytics_quotes_cubes (mcv) ON cube, grain FROM analytics_quotes;
CREATE STATISTICS analytics_orders_cubes (mcv) ON cube, grain FROM analytics_orders;

CREATE TABLE analytics_quote_ranks (
    cube text NOT NULL,
    grain text NOT NULL CONSTRAINT analytics_quote_ranks_grain CHECK (grain IN ('day', 'week', 'month', 'quarter')),
    period timestamptz NOT NULL,
    currency text NOT NULL,
    key_a text NOT NULL,
    key_b text NOT NULL,
    quotes bigint NOT NULL,
    quoted bigint NOT NULL,
    total_minor bigint NOT NULL,
    CONSTRAINT analytics_quote_ranks_pkey PRIMARY KEY (cube, grain, period, currency, key_a, key_b)
-- Room on each page for the next figures of its rows.
) WITH (fillfactor = 80);
COMMENT ON TABLE analytics_quote_ranks IS 'What groups are sorted by, of analytics_quotes; nobody is named in it';
COMMENT ON COLUMN analytics_quote_ranks.grain IS 'As those of analytics_order_ranks';
COMMENT ON COLUMN analytics_quote_ranks.quotes IS 'Answers with a quote; 0 in cubes of category, seller, product and rule';
COMMENT ON COLUMN analytics_quote_ranks.quoted IS 'Quotes issued, and lines: one of them is what a report counts';
COMMENT ON COLUMN analytics_quote_ranks.total_minor IS 'What customers would pay; a sum too large for a column stays at its bound';

CREATE STATISTICS analytics_quote_ranks_cubes (mcv) ON cube, grain FROM analytics_quote_ranks;
CREATE STATISTICS analytics_order_ranks_cubes (mcv) ON cube, grain FROM analytics_order_ranks;

ALTER TABLE analytics_order_ranks DROP CONSTRAINT analytics_order_ranks_grain,
    ADD CONSTRAINT analytics_order_ranks_grain CHECK (grain IN ('day', 'week', 'month', 'quarter'));
COMMENT ON COLUMN analytics_order_ranks.grain IS
    'day, week, month, quarter. Weeks are those of a month: they begin on its 1st, 8th, 15th and 22nd day, the last one ends with it';

CREATE OR REPLACE FUNCTION rank_orders() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    -- What days became more by, of which weeks, months and quarters become more by the same.
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
                    ('day', period), ('week', week_of_month(period, zone)), ('month', date_trunc('month', period, zone)),
                    ('quarter', date_trunc('quarter', period, zone))
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

CREATE FUNCTION rank_quotes() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    EXECUTE format($query$
        WITH days AS (
            SELECT cube, period, currency, key_a, key_b, sum(sign * quotes) AS quotes, sum(sign * (priced + lines)) AS quoted,
                sum(sign * total_minor) AS total_minor
            FROM (%s) AS changed WHERE grain = 'day' GROUP BY cube, period, currency, key_a, key_b
        ), periods AS (
            SELECT period, grain, begin
            FROM (SELECT DISTINCT period FROM days) AS each
                CROSS JOIN (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state) AS state
                CROSS JOIN LATERAL (VALUES
                    ('day', period), ('week', week_of_month(period, zone)), ('month', date_trunc('month', period, zone)),
                    ('quarter', date_trunc('quarter', period, zone))
                ) AS of (grain, begin)
        ), grains AS (
            SELECT cube, grain, begin, currency, key_a, key_b, sum(quotes) AS quotes, sum(quoted) AS quoted,
                sum(total_minor) AS total_minor
            FROM days JOIN periods USING (period) GROUP BY cube, grain, begin, currency, key_a, key_b
        )
        INSERT INTO analytics_quote_ranks AS held
        SELECT cube, grain, begin, currency, key_a, key_b, quotes, quoted, bounded_minor(total_minor)
        FROM grains ORDER BY cube, grain, begin, currency, key_a, key_b
        ON CONFLICT (cube, grain, period, currency, key_a, key_b) DO UPDATE SET
            quotes = held.quotes + excluded.quotes,
            quoted = held.quoted + excluded.quoted,
            total_minor = bounded_minor(held.total_minor::numeric + excluded.total_minor)
    $query$, CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT 1 AS sign, * FROM added'
        ELSE 'SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM replaced'
    END);
    RETURN NULL;
END $function$;

CREATE TRIGGER rank_added AFTER INSERT ON analytics_quotes
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION rank_quotes();
CREATE TRIGGER rank_changed AFTER UPDATE ON analytics_quotes
    REFERENCING NEW TABLE AS added OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION rank_quotes();

LOCK TABLE analytics_orders IN SHARE ROW EXCLUSIVE MODE;

-- A quarter is of months by the same time zone: those that are older than the last rebuild may be of another.
INSERT INTO analytics_order_ranks
SELECT cube, 'quarter', date_trunc('quarter', period, zone), currency, key_a, key_b, bounded_minor(sum(total_minor)), sum(orders),
    sum(units), sum(accepted), sum(clamped), bounded_minor(sum(discount_minor)), bounded_minor(sum(commission_minor)),
    bounded_minor(sum(reversed_commission_minor))
FROM analytics_order_ranks
    CROSS JOIN (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state) AS state
WHERE grain = 'month' AND period = date_trunc('month', period, zone)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6;

INSERT INTO analytics_quote_ranks
SELECT cube, as_grain, CASE as_grain WHEN 'week' THEN week_of_month(period, zone)
        WHEN 'quarter' THEN date_trunc('quarter', period, zone) ELSE period END,
    currency, key_a, key_b, sum(quotes), sum(priced + lines), bounded_minor(sum(total_minor))
FROM analytics_quotes
    CROSS JOIN (SELECT coalesce(time_zone, 'UTC') AS zone FROM analytics_state) AS state
    JOIN (VALUES ('day', 'day'), ('day', 'week'), ('month', 'month'), ('month', 'quarter')) AS of (grain, as_grain) USING (grain)
WHERE as_grain <> 'quarter' OR period = date_trunc('month', period, zone)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6;

-- analytics_unfolded_region_product of region+product, analytics_unfolded_ of all together.
DO $$
DECLARE
    branch text;
    columns text := (
        SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = 'analytics_quotes_unfolded'::regclass AND attnum > 0
    );
BEGIN
    FOR branch IN
        SELECT regexp_split_to_table(trim(pg_get_viewdef('analytics_quotes_unfolded'::regclass), ' ;'), '\s+UNION ALL\s+')
    LOOP
        EXECUTE format('CREATE VIEW %I (%s) AS %s',
            'analytics_unfolded_' || replace(substring(branch FROM '''([a-z+]*)''::text'), '+', '_'), columns, branch);
    END LOOP;
END $$;
