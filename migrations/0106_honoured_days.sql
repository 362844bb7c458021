-- Why: what honouring prices cost over a year was added up of 35 000 quarters of an hour in each currency, and of every change in each
--   of these. Sums of whole days in UTC stand beside them, which nearly all of a long period consists of, whatever its time zone: only
--   its edges are read by the quarter. Triggers keep them, whoever writes.
-- Locks: honoured_quotes and honoured_effects, so that nobody compares quotes while their days are added up.
-- Undo: DROP TABLE honoured_quote_days, honoured_effect_days; DROP FUNCTION add_honoured_quotes, add_honoured_effects CASCADE.

CREATE TABLE honoured_quote_days (
    day timestamptz NOT NULL,
    currency text NOT NULL,
    accepted bigint NOT NULL,
    not_compared bigint NOT NULL,
    changed bigint NOT NULL,
    dearer bigint NOT NULL,
    cheaper bigint NOT NULL,
    cost_minor bigint NOT NULL,
    gain_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    CONSTRAINT honoured_quote_days_pkey PRIMARY KEY (day, currency)
);
COMMENT ON TABLE honoured_quote_days IS 'What rows of honoured_quotes add up to by the day in UTC';

CREATE TABLE honoured_effect_days (
    day timestamptz NOT NULL,
    currency text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    quotes bigint NOT NULL,
    total_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    CONSTRAINT honoured_effect_days_pkey PRIMARY KEY (day, currency, kind, key)
);
COMMENT ON TABLE honoured_effect_days IS 'What rows of honoured_effects add up to by the day in UTC';

CREATE FUNCTION add_honoured_quotes() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    EXECUTE format($query$
        INSERT INTO honoured_quote_days AS held
        SELECT date_bin('1 day', quarter, '2000-01-01T00:00:00Z'), currency, sum(sign * accepted), sum(sign * not_compared),
            sum(sign * changed), sum(sign * dearer), sum(sign * cheaper), sum(sign * cost_minor), sum(sign * gain_minor),
            sum(sign * commission_minor)
        FROM (%s) AS written GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (day, currency) DO UPDATE SET
            accepted = held.accepted + excluded.accepted,
            not_compared = held.not_compared + excluded.not_compared,
            changed = held.changed + excluded.changed,
            dearer = held.dearer + excluded.dearer,
            cheaper = held.cheaper + excluded.cheaper,
            cost_minor = held.cost_minor + excluded.cost_minor,
            gain_minor = held.gain_minor + excluded.gain_minor,
            commission_minor = held.commission_minor + excluded.commission_minor
    $query$, CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT 1 AS sign, * FROM added'
        WHEN 'UPDATE' THEN 'SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM removed'
        ELSE 'SELECT -1 AS sign, * FROM removed'
    END);
    IF TG_OP = 'DELETE' THEN
        DELETE FROM honoured_quote_days WHERE accepted = 0;
    END IF;
    RETURN NULL;
END $function$;

CREATE FUNCTION add_honoured_effects() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    EXECUTE format($query$
        INSERT INTO honoured_effect_days AS held
        SELECT date_bin('1 day', quarter, '2000-01-01T00:00:00Z'), currency, kind, key, sum(sign * quotes),
            sum(sign * total_minor), sum(sign * commission_minor)
        FROM (%s) AS written GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (day, currency, kind, key) DO UPDATE SET
            quotes = held.quotes + excluded.quotes,
            total_minor = held.total_minor + excluded.total_minor,
            commission_minor = held.commission_minor + excluded.commission_minor
    $query$, CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT 1 AS sign, * FROM added'
        WHEN 'UPDATE' THEN 'SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM removed'
        ELSE 'SELECT -1 AS sign, * FROM removed'
    END);
    IF TG_OP = 'DELETE' THEN
        DELETE FROM honoured_effect_days WHERE quotes = 0;
    END IF;
    RETURN NULL;
END $function$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['quotes', 'effects'] LOOP
        EXECUTE format('CREATE TRIGGER days_added AFTER INSERT ON honoured_%1$s REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION add_honoured_%1$s()', name);
        EXECUTE format('CREATE TRIGGER days_changed AFTER UPDATE ON honoured_%1$s
            REFERENCING NEW TABLE AS added OLD TABLE AS removed
            FOR EACH STATEMENT EXECUTE FUNCTION add_honoured_%1$s()', name);
        EXECUTE format('CREATE TRIGGER days_removed AFTER DELETE ON honoured_%1$s REFERENCING OLD TABLE AS removed
            FOR EACH STATEMENT EXECUTE FUNCTION add_honoured_%1$s()', name);
    END LOOP;
END $$;

INSERT INTO honoured_quote_days
SELECT date_bin('1 day', quarter, '2000-01-01T00:00:00Z'), currency, sum(accepted), sum(not_compared), sum(changed),
    sum(dearer), sum(cheaper), sum(cost_minor), sum(gain_minor), sum(commission_minor)
FROM honoured_quotes GROUP BY 1, 2;

INSERT INTO honoured_effect_days
SELECT date_bin('1 day', quarter, '2000-01-01T00:00:00Z'), currency, kind, key, sum(quotes), sum(total_minor),
    sum(commission_minor)
FROM honoured_effects GROUP BY 1, 2, 3, 4;
