-- Why: rates of what was quoted were accepted quotes of a period over quotes issued in it: of two populations, and above 1 where quotes
--   were accepted in a later period than they were issued in, or were never counted as issued. The new columns are what makes accepted
--   quotes and orders count by the issue of their quote: rows of the period in which it was issued have 1 of each that happened in
--   another one, and rows of that one -1. What was counted before has 0, and counts when it was accepted, as before. The functions
--   that keep the cube `lines` name all columns, so they are made again.
-- Locks: analytics_orders for a moment, once whoever counts has committed; no row is written.
-- Undo: create both functions again as in 0137 without the columns; drop columns accepted_shift and orders_shift.

LOCK TABLE analytics_orders IN SHARE ROW EXCLUSIVE MODE;
ALTER TABLE analytics_orders
    ADD COLUMN accepted_shift bigint NOT NULL DEFAULT 0,
    ADD COLUMN orders_shift bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN analytics_orders.accepted_shift IS
    'Quotes issued in this period that were accepted in another, less those accepted in it that were issued in another, or whose issue was not counted';
COMMENT ON COLUMN analytics_orders.orders_shift IS 'The same of orders; those of flash sales have no quote';

DO $do$
DECLARE
    operation text;
    columns text;
    figures text;
    changed text;
    added text;
BEGIN
    SELECT string_agg(attname, ', ' ORDER BY attnum),
        string_agg(format('greatest(least(sum(sign * %1$I::numeric), 4500000000000000000), -4500000000000000000)::bigint', attname), ', '
            ORDER BY attnum),
        string_agg(format('%1$I = greatest(least(held.%1$I + excluded.%1$I, 4500000000000000000), -4500000000000000000)', attname), ', '
            ORDER BY attnum)
    INTO columns, figures, changed
    FROM pg_attribute
    WHERE attrelid = 'analytics_orders'::regclass AND attnum > 0 AND NOT attisdropped
        AND attname NOT IN ('cube', 'grain', 'period', 'hour', 'currency', 'key_a', 'key_b');
    FOREACH operation IN ARRAY ARRAY['insert', 'update'] LOOP
        added := CASE operation WHEN 'insert' THEN 'SELECT 1 AS sign, * FROM added'
            ELSE 'SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM replaced' END;
        EXECUTE format($function$
            CREATE OR REPLACE FUNCTION total_orders_lines_of_%1$s() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                IF EXISTS (SELECT FROM added WHERE cube = 'category') AND NOT EXISTS (SELECT FROM added WHERE cube = 'lines') THEN
                    -- No trigger needs to look at what this one writes.
                    PERFORM set_config('analytics.rows_are_moved', 'on', true);
                    INSERT INTO analytics_orders AS held (cube, grain, period, hour, currency, key_a, key_b, %2$s)
                    SELECT 'lines', grain, period, hour, currency, '', '', %3$s
                    FROM (%5$s) AS written WHERE cube = 'category' GROUP BY grain, period, hour, currency
                    ORDER BY grain, period, currency, hour
                    ON CONFLICT (cube, grain, period, key_a, key_b, currency, hour) DO UPDATE SET %4$s;
                    PERFORM set_config('analytics.rows_are_moved', 'off', true);
                END IF;
                RETURN NULL;
            END $body$
        $function$, operation, columns, figures, changed, added);
    END LOOP;
END $do$;
