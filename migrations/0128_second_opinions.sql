-- Why: what decisions go by besides: second opinions about demand and what shoppers' behaviour told of a product, kept with each
--   version of the model and with each decision (`grounds`). What products cost is noted from now on, since price moves that the
--   cost caused tell more of demand than others.
-- Locks: product_prices for the moment in which its triggers are made; it is read once to note what everything costs now.
-- Undo: DROP FUNCTION note_first_costs, note_product_cost CASCADE; DROP TABLE product_costs; ALTER TABLE price_decisions DROP COLUMN grounds; ALTER TABLE price_model_products DROP COLUMN second_opinions, DROP COLUMN behaviour.

ALTER TABLE price_model_products
    ADD COLUMN second_opinions json NOT NULL DEFAULT '[]',
    -- NULL: no behaviour was learnt from.
    ADD COLUMN behaviour json;

-- NULL for decisions that were made before.
ALTER TABLE price_decisions ADD COLUMN grounds json;

CREATE TABLE product_costs (
    product_id uuid NOT NULL,
    currency   text NOT NULL,
    at         timestamptz NOT NULL DEFAULT statement_timestamp(),
    -- NULL: nobody says any more.
    cost       numeric(19, 6),
    PRIMARY KEY (product_id, currency, at)
);

INSERT INTO product_costs (product_id, currency, cost)
SELECT product_id, currency, cost_price FROM product_prices WHERE variant_id IS NULL AND cost_price IS NOT NULL;

-- Products come by the thousand: one statement for all of them.
CREATE FUNCTION note_first_costs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_costs AS held (product_id, currency, cost)
    SELECT product_id, currency, cost_price FROM added WHERE variant_id IS NULL AND cost_price IS NOT NULL
    ON CONFLICT (product_id, currency, at) DO UPDATE SET cost = excluded.cost;
    RETURN NULL;
END $$;
CREATE TRIGGER note_first_costs AFTER INSERT ON product_prices
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_first_costs();

CREATE FUNCTION note_product_cost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_costs AS held (product_id, currency, cost) VALUES (NEW.product_id, NEW.currency, NEW.cost_price)
    ON CONFLICT (product_id, currency, at) DO UPDATE SET cost = excluded.cost;
    RETURN NULL;
END $$;
CREATE TRIGGER note_cost AFTER UPDATE OF cost_price ON product_prices
    FOR EACH ROW WHEN (NEW.variant_id IS NULL AND NEW.cost_price IS DISTINCT FROM OLD.cost_price) EXECUTE FUNCTION note_product_cost();
