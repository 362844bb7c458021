-- Why: how many units there are of a product or variant, and every change of that, whoever makes it: a trigger writes the log
--   in the transaction of the change, plain SQL of another program included. `level` says where the quantity stands between
--   the thresholds; what prices make of it is 0071.
--   Who changed stock and why is told in settings of the transaction: quote_service.stock_actor, stock_reason. Without them
--   it is the database role, and no reason.
-- Locks: products and product_variants against changes of their definition while the foreign keys are made; no rows yet.
-- Undo: drop table inventory_movements, inventory; drop the functions below.

CREATE TABLE inventory (
    product_id uuid NOT NULL CONSTRAINT inventory_product REFERENCES products (id),
    variant_id uuid,
    item_id uuid GENERATED ALWAYS AS (coalesce(variant_id, product_id)) STORED,
    quantity integer NOT NULL DEFAULT 0,
    reserved integer NOT NULL DEFAULT 0,
    low_threshold integer,
    high_threshold integer,
    low_adjust_percent numeric(9, 6) NOT NULL DEFAULT 0,
    high_adjust_percent numeric(9, 6) NOT NULL DEFAULT 0,
    is_dynamic boolean NOT NULL DEFAULT false,
    level text GENERATED ALWAYS AS (
        CASE WHEN quantity <= low_threshold THEN 'low' WHEN quantity >= high_threshold THEN 'high' ELSE 'normal' END
    ) STORED,
    version integer NOT NULL DEFAULT 1,
    changed_by text NOT NULL DEFAULT session_user,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT inventory_pkey PRIMARY KEY (item_id),
    CONSTRAINT inventory_variant FOREIGN KEY (product_id, variant_id) REFERENCES product_variants (product_id, id),
    CONSTRAINT inventory_quantity CHECK (quantity BETWEEN 0 AND 1000000000),
    CONSTRAINT inventory_reserved CHECK (reserved BETWEEN 0 AND quantity),
    CONSTRAINT inventory_thresholds CHECK (
        low_threshold BETWEEN 0 AND 1000000000 AND high_threshold BETWEEN 0 AND 1000000000
        AND low_threshold < high_threshold
    ),
    -- NaN sorts above every number, so each upper bound refuses it too.
    CONSTRAINT inventory_percents CHECK (
        low_adjust_percent BETWEEN 0 AND 100 AND high_adjust_percent BETWEEN 0 AND 100
    )
-- Room on each page for the next version of its rows: most changes then touch no index.
) WITH (fillfactor = 80);
CREATE INDEX inventory_product_page ON inventory (product_id, item_id);
CREATE INDEX inventory_level_page ON inventory (level, item_id);
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON inventory
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

CREATE TABLE inventory_movements (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id uuid NOT NULL,
    variant_id uuid,
    item_id uuid GENERATED ALWAYS AS (coalesce(variant_id, product_id)) STORED,
    delta integer NOT NULL,
    reserved_delta integer NOT NULL,
    -- After the change.
    quantity integer NOT NULL,
    reserved integer NOT NULL,
    reason text CHECK (length(reason) <= 200),
    actor text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT inventory_movements_move CHECK (delta <> 0 OR reserved_delta <> 0)
);
CREATE INDEX inventory_movements_page ON inventory_movements (product_id, id);
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON inventory_movements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON inventory_movements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION stock_actor() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT coalesce(nullif(current_setting('quote_service.stock_actor', true), ''), session_user) $$;

-- Version 0 is a row that stands for no stock being kept yet: its first change makes version 1, whatever that changes.
CREATE FUNCTION keep_stock_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.product_id <> OLD.product_id OR NEW.variant_id IS DISTINCT FROM OLD.variant_id THEN
        RAISE EXCEPTION 'stock stays with its product and variant' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.version := OLD.version;
    NEW.changed_by := OLD.changed_by;
    NEW.updated_at := OLD.updated_at;
    IF OLD.version = 0 OR (
        NEW.quantity, NEW.reserved, NEW.low_threshold, NEW.high_threshold, NEW.low_adjust_percent, NEW.high_adjust_percent,
        NEW.is_dynamic
    ) IS DISTINCT FROM (
        OLD.quantity, OLD.reserved, OLD.low_threshold, OLD.high_threshold, OLD.low_adjust_percent, OLD.high_adjust_percent,
        OLD.is_dynamic
    ) THEN
        NEW.version := OLD.version + 1;
        NEW.changed_by := stock_actor();
        NEW.updated_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_version BEFORE UPDATE ON inventory FOR EACH ROW EXECUTE FUNCTION keep_stock_version();
