-- Why: current prices follow the level of stock: up when it becomes low, down when it becomes high, back when it returns to
--   normal. Once each time the level changes, whatever changes it, and never by a change within a level.
--   `inventory_price_moves` keeps what stock has done to a price that it holds away from where it was. Only a price that
--   is still what stock made it is taken back: one that has been moved since is somebody's decision, and stays.
-- Locks: product_prices against changes of its definition while the foreign key is made.
-- Undo: drop the triggers of inventory, table inventory_price_moves, and the functions below.

CREATE TABLE inventory_price_moves (
    item_id uuid NOT NULL,
    currency text NOT NULL,
    price_before numeric(19, 6) NOT NULL,
    price_after numeric(19, 6) NOT NULL,
    PRIMARY KEY (item_id, currency),
    CONSTRAINT inventory_price_moves_price FOREIGN KEY (item_id, currency)
        REFERENCES product_prices (item_id, currency) ON DELETE CASCADE
);

-- ISO 4217; currencies that are not named here have two digits.
CREATE FUNCTION currency_digits(code text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE
        WHEN code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV',
            'XAF', 'XOF', 'XPF') THEN 0
        WHEN code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
        WHEN code IN ('CLF', 'UYW') THEN 4
        ELSE 2
    END;

CREATE FUNCTION move_prices_by_stock(stock inventory, source text) RETURNS void LANGUAGE plpgsql AS $$
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
    -- Before its prices, as everybody does who changes them: two that lock in different orders would wait for each other.
    PERFORM 1 FROM products WHERE id = stock.product_id FOR NO KEY UPDATE;
    PERFORM set_config('quote_service.price_reason', 'inventory', true),
        set_config('quote_service.price_source', source, true),
        set_config('quote_service.price_actor', stock_actor(), true),
        set_config('quote_service.price_note', 'stock is ' || level, true);
    FOR price IN
        WITH held AS (
            DELETE FROM inventory_price_moves WHERE item_id = stock.item_id RETURNING currency, price_before, price_after
        )
        SELECT p.currency, p.current_price, p.min_price, p.max_price, held.price_before, held.price_after
        FROM product_prices AS p LEFT JOIN held ON held.currency = p.currency
        -- A price that is not the variant's own is its product's, and follows that.
        WHERE p.item_id = stock.item_id AND (p.variant_id IS NULL OR 'current_price' = ANY (p.own))
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

CREATE FUNCTION follow_stock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    delta integer := NEW.quantity;
    reserved_delta integer := NEW.reserved;
    former_level text := 'normal';
    source text := NEW.item_id::text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        delta := NEW.quantity - OLD.quantity;
        reserved_delta := NEW.reserved - OLD.reserved;
        former_level := CASE WHEN OLD.is_dynamic THEN OLD.level ELSE 'normal' END;
    END IF;
    IF delta <> 0 OR reserved_delta <> 0 THEN
        INSERT INTO inventory_movements (product_id, variant_id, delta, reserved_delta, quantity, reserved, reason, actor)
        VALUES (
            NEW.product_id, NEW.variant_id, delta, reserved_delta, NEW.quantity, NEW.reserved,
            nullif(current_setting('quote_service.stock_reason', true), ''), stock_actor()
        )
        RETURNING id::text INTO source;
    END IF;
    IF former_level <> (CASE WHEN NEW.is_dynamic THEN NEW.level ELSE 'normal' END) THEN
        PERFORM move_prices_by_stock(NEW, source);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER follow_new_stock AFTER INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION follow_stock();
CREATE TRIGGER follow_changed_stock AFTER UPDATE ON inventory
    FOR EACH ROW WHEN (
        (NEW.quantity, NEW.reserved, NEW.level, NEW.is_dynamic)
            IS DISTINCT FROM (OLD.quantity, OLD.reserved, OLD.level, OLD.is_dynamic)
    ) EXECUTE FUNCTION follow_stock();
