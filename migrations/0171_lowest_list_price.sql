-- Why: a price that was cut long ago is no present reduction: the lowest list price of 30 days went by the time before a cut of
--   years ago, and was said to be a price that nobody had been asked for since.
-- Locks: none.
-- Undo: the function as 0061_catalog_prices.sql has it.

CREATE OR REPLACE FUNCTION lowest_price_30_days(item uuid, of_currency text, moment timestamptz) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH present AS (
        SELECT at, old_price, new_price FROM price_history
        WHERE item_id = item AND currency = of_currency AND at <= moment
        ORDER BY at DESC LIMIT 1
    ), hours AS (
        SELECT CASE WHEN is_cut THEN at ELSE moment END AS ended, is_cut AS is_reduction
        FROM (
            SELECT at, coalesce(new_price < old_price, false) AND at >= moment - interval '720 hours' AS is_cut
            FROM present WHERE new_price IS NOT NULL
        ) AS last_move
    )
    SELECT min(new_price) FROM (
        SELECT h.new_price FROM price_history AS h, hours
        WHERE h.item_id = item AND h.currency = of_currency
            AND h.at > hours.ended - interval '720 hours'
            AND (h.at < hours.ended OR (NOT hours.is_reduction AND h.at <= moment))
        UNION ALL
        (
            SELECT h.new_price FROM price_history AS h, hours
            WHERE h.item_id = item AND h.currency = of_currency AND h.at <= hours.ended - interval '720 hours'
            ORDER BY h.at DESC LIMIT 1
        )
    ) AS in_force
$$;
