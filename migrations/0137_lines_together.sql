-- Why: reports of categories, sellers and products tell figures of lines, and their totals by day or hour were added up of all categories: 42 600
--   rows for a year, more than all else that such a report reads. The cube `lines` has what lines come to together, a row for each
--   period and currency. Triggers keep it, whoever writes those of categories, of this release or the one before. Whoever writes
--   rows of `lines` as well (a rebuild out of hours) is taken at his word. What groups are sorted by has none of it.
-- Locks: analytics_quotes and analytics_orders, while their categories are added up: seconds for a year of 10 000 000 quotes.
-- Undo: drop the functions total_..._lines_... CASCADE; DELETE FROM analytics_quotes, analytics_orders WHERE cube = 'lines'.

LOCK TABLE analytics_quotes, analytics_orders IN SHARE ROW EXCLUSIVE MODE;

DO $do$
DECLARE
    rollup text;
    operation text;
    columns text;
    figures text;
    changed text;
    added text;
BEGIN
    FOREACH rollup IN ARRAY ARRAY['quotes', 'orders'] LOOP
        SELECT string_agg(attname, ', ' ORDER BY attnum),
            string_agg(format('greatest(least(sum(sign * %1$I::numeric), 4500000000000000000), -4500000000000000000)::bigint', attname), ', '
                ORDER BY attnum),
            string_agg(format('%1$I = greatest(least(held.%1$I + excluded.%1$I, 4500000000000000000), -4500000000000000000)', attname), ', '
                ORDER BY attnum)
        INTO columns, figures, changed
        FROM pg_attribute
        WHERE attrelid = format('analytics_%s', rollup)::regclass AND attnum > 0 AND NOT attisdropped
            AND attname NOT IN ('cube', 'grain', 'period', 'hour', 'currency', 'key_a', 'key_b');
        FOREACH operation IN ARRAY ARRAY['insert', 'update'] LOOP
            added := CASE operation WHEN 'insert' THEN 'SELECT 1 AS sign, * FROM added'
                ELSE 'SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM replaced' END;
            EXECUTE format($function$
                CREATE FUNCTION total_%1$s_lines_of_%2$s() RETURNS trigger LANGUAGE plpgsql AS $body$
                BEGIN
                    IF EXISTS (SELECT FROM added WHERE cube = 'category') AND NOT EXISTS (SELECT FROM added WHERE cube = 'lines') THEN
                        -- No trigger needs to look at what this one writes.
                        PERFORM set_config('analytics.rows_are_moved', 'on', true);
                        INSERT INTO analytics_%1$s AS held (cube, grain, period, hour, currency, key_a, key_b, %3$s)
                        SELECT 'lines', grain, period, hour, currency, '', '', %4$s
                        FROM (%6$s) AS written WHERE cube = 'category' GROUP BY grain, period, hour, currency
                        ORDER BY grain, period, currency, hour
                        ON CONFLICT (cube, grain, period, key_a, key_b, currency, hour) DO UPDATE SET %5$s;
                        PERFORM set_config('analytics.rows_are_moved', 'off', true);
                    END IF;
                    RETURN NULL;
                END $body$
            $function$, rollup, operation, columns, figures, changed, added);
            EXECUTE format($trigger$
                CREATE TRIGGER total_lines_of_%2$s AFTER %2$s ON analytics_%1$s REFERENCING NEW TABLE AS added %3$s
                    FOR EACH STATEMENT WHEN (current_setting('analytics.rows_are_moved', true) IS DISTINCT FROM 'on')
                    EXECUTE FUNCTION total_%1$s_lines_of_%2$s()
            $trigger$, rollup, operation, CASE operation WHEN 'update' THEN 'OLD TABLE AS replaced' ELSE '' END);
        END LOOP;
        -- What groups are sorted by does not look at rows of `lines`, which have nothing to be sorted.
        EXECUTE format($trigger$
            CREATE OR REPLACE TRIGGER rank_changed AFTER UPDATE ON analytics_%1$s
                REFERENCING NEW TABLE AS added OLD TABLE AS replaced FOR EACH STATEMENT
                WHEN (current_setting('analytics.rows_are_moved', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION rank_%1$s()
        $trigger$, rollup);
        PERFORM set_config('analytics.rows_are_moved', 'on', true);
        EXECUTE format($filled$
            INSERT INTO analytics_%1$s (cube, grain, period, hour, currency, key_a, key_b, %2$s)
            SELECT 'lines', grain, period, hour, currency, '', '', %3$s
            FROM (SELECT 1 AS sign, * FROM analytics_%1$s) AS held WHERE cube = 'category' GROUP BY grain, period, hour, currency
            ORDER BY grain, period, currency, hour
        $filled$, rollup, columns, figures);
        PERFORM set_config('analytics.rows_are_moved', 'off', true);
    END LOOP;
END $do$;
