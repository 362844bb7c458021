-- Why: rollups begin by the hour of one time zone, so that reports by another, half an hour or a quarter of one off, have nothing to add
--   their days up of. The same figures by quarters of an hour, of which the days of every time zone consist, stand in tables of their
--   own: the release before reads and writes its tables as they were. Who writes rollups without quarters (that release, while both run)
--   is noticed by a trigger, which notes from when on they are whole again.
-- Locks: analytics_quotes, analytics_orders and analytics_state for a moment, once whoever counts has committed.
-- Undo: DROP FUNCTION note_missing_quarters CASCADE; DROP TABLE analytics_quote_quarter_hours, analytics_order_quarter_hours;
--   ALTER TABLE analytics_state DROP COLUMN quote_quarters_since, DROP COLUMN order_quarters_since;

DO $do$
DECLARE
    rollup text;
BEGIN
    FOREACH rollup IN ARRAY ARRAY['quote', 'order'] LOOP
        EXECUTE format($table$
            CREATE TABLE analytics_%1$s_quarter_hours (LIKE analytics_%1$ss INCLUDING DEFAULTS INCLUDING COMMENTS);
            ALTER TABLE analytics_%1$s_quarter_hours
                DROP COLUMN grain, DROP COLUMN hour, SET (fillfactor = 80),
                ADD CONSTRAINT analytics_%1$s_quarter_hours_pkey PRIMARY KEY (cube, period, key_a, key_b, currency);
            CREATE INDEX analytics_%1$s_quarter_hours_key_a
                ON analytics_%1$s_quarter_hours (cube, key_a, period) WHERE key_b = '';
            CREATE INDEX analytics_%1$s_quarter_hours_key_b
                ON analytics_%1$s_quarter_hours (cube, key_b, period) WHERE key_b <> '';
            COMMENT ON TABLE analytics_%1$s_quarter_hours IS 'Rollups of analytics_%1$ss by quarters of an hour, and of the cube lines';
            COMMENT ON COLUMN analytics_%1$s_quarter_hours.period IS 'When the quarter of an hour begins';
        $table$, rollup);
    END LOOP;
END $do$;

ALTER TABLE analytics_state ADD COLUMN quote_quarters_since timestamptz, ADD COLUMN order_quarters_since timestamptz;
COMMENT ON COLUMN analytics_state.quote_quarters_since IS
    'Hours of quotes that begin then or later have all their quarters; NULL where all hours have';
COMMENT ON COLUMN analytics_state.order_quarters_since IS 'The same of orders';

-- From the first whole hour on that nobody can have counted in before: clocks of processes may be some minutes fast.
CREATE FUNCTION note_missing_quarters() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    since timestamptz := date_trunc('hour', statement_timestamp() + interval '70 minutes', 'UTC');
BEGIN
    IF TG_TABLE_NAME = 'analytics_quotes' THEN
        UPDATE analytics_state SET quote_quarters_since = since WHERE quote_quarters_since IS DISTINCT FROM since;
    ELSE
        UPDATE analytics_state SET order_quarters_since = since WHERE order_quarters_since IS DISTINCT FROM since;
    END IF;
    RETURN NULL;
END $$;

-- Rows that are moved, and sums of categories, are of what is counted already.
CREATE TRIGGER note_missing_quarters AFTER INSERT OR DELETE ON analytics_quotes FOR EACH STATEMENT
    WHEN (current_setting('analytics.has_quarters', true) IS DISTINCT FROM 'on'
        AND current_setting('analytics.rows_are_moved', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION note_missing_quarters();
CREATE TRIGGER note_missing_quarters AFTER INSERT OR DELETE ON analytics_orders FOR EACH STATEMENT
    WHEN (current_setting('analytics.has_quarters', true) IS DISTINCT FROM 'on'
        AND current_setting('analytics.rows_are_moved', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION note_missing_quarters();

UPDATE analytics_state SET
    quote_quarters_since = CASE WHEN EXISTS (SELECT FROM analytics_quotes)
        THEN date_trunc('hour', statement_timestamp() + interval '70 minutes', 'UTC') END,
    order_quarters_since = CASE WHEN EXISTS (SELECT FROM analytics_orders)
        THEN date_trunc('hour', statement_timestamp() + interval '70 minutes', 'UTC') END;
