-- Why: what was asked of everybody follows from the price history, the versions of rules and the periods of flash sales, which
--   are all kept. Two things were not: that a product was not sold for a while, and what a flash sale asked before its price was
--   changed while it ran. Triggers write both down from now on, whoever makes the change. Of what was before, this much is known:
--   a product that is not sold now has not been sold since its last change.
-- Locks: products and flash_sale_items against writers while triggers and an index are made; the index goes over the items of
--   all sales, of which there are few.
-- Undo: drop table product_activity, flash_sale_former_prices cascade; drop index flash_sale_items_of_product; drop the functions
--   below with their triggers.

CREATE TABLE product_activity (
    product_id uuid NOT NULL REFERENCES products (id),
    -- Without a row a product is sold from its beginning on.
    is_active boolean NOT NULL,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    PRIMARY KEY (product_id, at)
);
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON product_activity
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON product_activity
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO product_activity (product_id, is_active, at) SELECT id, false, updated_at FROM products WHERE NOT is_active;

CREATE FUNCTION keep_product_activity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_activity (product_id, is_active, at)
    -- Behind every earlier row: clocks are set back, and a microsecond is short.
    SELECT NEW.id, NEW.is_active, greatest(clock_timestamp(), max(at) + interval '1 microsecond')
    FROM product_activity WHERE product_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_activity AFTER UPDATE OF is_active ON products
    FOR EACH ROW WHEN (NEW.is_active <> OLD.is_active) EXECUTE FUNCTION keep_product_activity();
CREATE TRIGGER keep_first_activity AFTER INSERT ON products
    FOR EACH ROW WHEN (NOT NEW.is_active) EXECUTE FUNCTION keep_product_activity();

CREATE TABLE flash_sale_former_prices (
    item_id bigint NOT NULL REFERENCES flash_sale_items (id) ON DELETE CASCADE,
    sale_price_minor bigint NOT NULL,
    -- Until when the item had this price.
    until_at timestamptz NOT NULL CHECK (isfinite(until_at)),
    PRIMARY KEY (item_id, until_at)
);

CREATE FUNCTION keep_former_sale_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO flash_sale_former_prices (item_id, sale_price_minor, until_at)
    SELECT OLD.id, OLD.sale_price_minor, greatest(clock_timestamp(), max(until_at) + interval '1 microsecond')
    FROM flash_sale_former_prices WHERE item_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_former_price AFTER UPDATE OF sale_price_minor ON flash_sale_items
    FOR EACH ROW WHEN (NEW.sale_price_minor <> OLD.sale_price_minor) EXECUTE FUNCTION keep_former_sale_price();

CREATE INDEX flash_sale_items_of_product ON flash_sale_items (product_id);
