-- Why: stock does not move a price while a campaign does: each would take the other's move for somebody's decision, and
--   neither would ever take its own back. What stock became meanwhile counts once the campaign is over, in its transaction.
--   Whoever makes a campaign active or ends it holds the product's row, as whoever moves prices by stock does.
-- Locks: campaigns for the moment in which it gets its column and triggers.
-- Undo: put move_prices_by_stock back as in 0071; drop triggers note_stock and catch_up_with_stock of campaigns, the
--   functions below, and column campaigns.stock_level.

-- How prices took the stock of the item when the campaign began.
ALTER TABLE campaigns ADD COLUMN stock_level text CHECK (stock_level IN ('low', 'normal', 'high'));

CREATE FUNCTION stock_level_for_prices(item uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT CASE WHEN is_dynamic THEN level ELSE 'normal' END FROM inventory WHERE item_id = item), 'normal'
    )
$$;

-- As in 0071, of the prices in some currencies.
CREATE FUNCTION move_prices_by_stock(stock inventory, source text, currencies text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    level text := CASE WHEN stock.is_dynamic THEN stock.level ELSE 'normal' END;
    percent numeric := CASE level WHEN 'low' THEN stock.low_adjust_percent WHEN 'high' THEN -stock.high_adjust_percent ELSE 0 END;
    reason_told text := current_setting('quote_service.price_reason', true);
    source_told text := current_setting('quote_service.price_source', true);
    actor_told text := current_setting('quote_service.price_actor', true);
    note_told text := current_setting('quote_service.price_note', true);
    price record;
    start numeric;
    target numeric;
BEGIN
    PERFORM set_config('quote_service.price_reason', 'inventory', true),
        set_config('quote_service.price_source', source, true),
        set_config('quote_service.price_actor', stock_actor(), true),
        set_config('quote_service.price_note', 'stock is ' || level, true);
    FOR price IN
        WITH held AS (
            DELETE FROM inventory_price_moves WHERE item_id = stock.item_id AND currency = ANY (currencies)
            RETURNING currency, price_before, price_after
        )
        SELECT p.currency, p.current_price, p.min_price, p.max_price, held.price_before, held.price_after
        FROM product_prices AS p LEFT JOIN held ON held.currency = p.currency
        -- A price that is not the variant's own is its product's, and follows that.
        WHERE p.item_id = stock.item_id AND p.currency = ANY (currencies)
            AND (p.variant_id IS NULL OR 'current_price' = ANY (p.own))
        ORDER BY p.currency
    LOOP
        start := CASE WHEN price.price_after = price.current_price THEN price.price_before ELSE price.current_price END;
        target := start;
        IF percent <> 0 THEN
            -- A change of stock never fails because its price would become too large to be one.
            target := least(round(start * (100 + percent) * 0.01, currency_digits(price.currency)), 9999999999999);
        END IF;
        target := greatest(least(target, price.max_price), price.min_price);
        IF target <> price.current_price THEN
            UPDATE product_prices SET current_price = target WHERE item_id = stock.item_id AND currency = price.currency;
        END IF;
        IF percent <> 0 AND target <> start THEN
            INSERT INTO inventory_price_moves VALUES (stock.item_id, price.currency, start, target);
        END IF;
    END LOOP;
    -- What else this transaction moves, it moves for reasons of its own.
    PERFORM set_config('quote_service.price_reason', coalesce(reason_told, ''), true),
        set_config('quote_service.price_source', coalesce(source_told, ''), true),
        set_config('quote_service.price_actor', coalesce(actor_told, ''), true),
        set_config('quote_service.price_note', coalesce(note_told, ''), true);
END $$;

CREATE OR REPLACE FUNCTION move_prices_by_stock(stock inventory, source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Before its prices, as everybody does who changes them: two that lock in different orders would wait for each other.
    PERFORM 1 FROM products WHERE id = stock.product_id FOR NO KEY UPDATE;
    -- Asked behind the lock: until then a campaign may begin or end.
    PERFORM move_prices_by_stock(stock, source, ARRAY(
        SELECT p.currency FROM product_prices AS p
        WHERE p.item_id = stock.item_id AND NOT EXISTS (
            SELECT 1 FROM campaigns AS c
            WHERE c.item_id = p.item_id AND c.currency = p.currency AND c.status = 'active'
        )
    ));
END $$;

CREATE FUNCTION note_stock_of_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Not NEW.item_id: it is generated after this.
    NEW.stock_level := stock_level_for_prices(coalesce(NEW.variant_id, NEW.product_id));
    RETURN NEW;
END $$;
CREATE TRIGGER note_stock BEFORE UPDATE ON campaigns
    FOR EACH ROW WHEN (NEW.status = 'active' AND OLD.status <> 'active') EXECUTE FUNCTION note_stock_of_campaign();

CREATE FUNCTION catch_up_with_stock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stock inventory;
BEGIN
    IF stock_level_for_prices(OLD.item_id) IS DISTINCT FROM OLD.stock_level THEN
        SELECT * INTO stock FROM inventory WHERE item_id = OLD.item_id;
        -- Whoever ends the campaign brings it about; the name is kept for this transaction only.
        PERFORM set_config('quote_service.stock_actor', coalesce(
            nullif(current_setting('quote_service.stock_actor', true), ''),
            current_setting('quote_service.price_actor', true), ''
        ), true);
        PERFORM move_prices_by_stock(stock, OLD.item_id::text, ARRAY[OLD.currency]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catch_up_with_stock AFTER UPDATE ON campaigns
    FOR EACH ROW WHEN (OLD.status = 'active' AND NEW.status <> 'active') EXECUTE FUNCTION catch_up_with_stock();
