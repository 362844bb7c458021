-- Why: many prices are moved in one statement, each with a source of its own in its history: triggers read that from a setting
--   of the transaction, which is another one for each price.
-- Locks: none.
-- Undo: drop function move_current_price.

-- Sets a current price; a variant that had none of its own gets one.
CREATE FUNCTION move_current_price(item uuid, of_currency text, price numeric, source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('quote_service.price_source', source, true);
    UPDATE product_prices SET
        current_price = price,
        own = CASE WHEN variant_id IS NULL OR 'current_price' = ANY (own) THEN own ELSE own || 'current_price'::text END
    WHERE item_id = item AND currency = of_currency;
    IF NOT FOUND THEN
        INSERT INTO product_prices (
            product_id, variant_id, currency, base_price, current_price, min_price, cost_price, max_price, own
        )
        SELECT m.product_id, v.id, m.currency, m.base_price, price, m.min_price, m.cost_price, m.max_price, '{current_price}'
        FROM product_prices AS m JOIN product_variants AS v ON v.product_id = m.item_id
        WHERE v.id = item AND m.currency = of_currency;
    END IF;
END $$;
