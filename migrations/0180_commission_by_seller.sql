-- Why: a rate of scope ORDER pooled the lines of all sellers, so what one of them paid hung on what others sold beside it. ORDER is
--   each seller's lines now, and QUOTE what ORDER was. Rows that are there mean QUOTE, in the history too, and none is written: a
--   row of scope ORDER (or TIERED without one) is read as ORDER where by_seller is true, and as QUOTE where it is not. So the
--   release before prices what is there as it did, and what it writes means what it meant. It charges a rate that was written
--   as ORDER by this release on all sellers together, until it is replaced. The column stands last in both tables: a version is
--   copied into the history as it is.
-- Locks: commission_rates and commission_rate_history for a moment; no row is written, however many there are.
-- Undo: drop column commission_rates.by_seller and column commission_rate_history.by_seller; drop function scope_of_rate.

ALTER TABLE commission_rates ADD COLUMN by_seller boolean NOT NULL DEFAULT false;
ALTER TABLE commission_rate_history ADD COLUMN by_seller boolean NOT NULL DEFAULT false;

CREATE FUNCTION scope_of_rate(scope text, commission_type text, by_seller boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN NOT by_seller AND (scope = 'ORDER' OR (scope IS NULL AND commission_type = 'TIERED')) THEN 'QUOTE'
        ELSE scope
    END
$$;
