-- Why: a history that is put in afterwards tells when it happened and not when it was written: quote_service.price_at and
--   quote_service.stock_at, settings of the transaction, stand in for the clock. What is told lies never in the future, and
--   prices still move strictly one after the other.
-- Locks: inventory_movements for the moment in which its default changes.
-- Undo: put next_price_instant of 0061 and the default of 0070 back; drop function told_instant.

CREATE FUNCTION told_instant(setting text) RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT least(nullif(current_setting(setting, true), '')::timestamptz, clock_timestamp())
$$;

CREATE OR REPLACE FUNCTION next_price_instant(item uuid, of_currency text) RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT greatest(told_instant('quote_service.price_at'), max(at) + interval '1 microsecond')
    FROM price_history WHERE item_id = item AND currency = of_currency
$$;

ALTER TABLE inventory_movements ALTER COLUMN at SET DEFAULT told_instant('quote_service.stock_at');
