-- Why: every worker holds the catalog in memory and follows it by the transaction that changed a row (docs/decisions/
--   followed-catalog.md). Products have it already; here are the index to follow by, the same for categories, and what is still
--   missing for products: a change of a variant is one of its product, and a row that comes from elsewhere is new here.
-- Locks: products, product_variants and categories against writers while the indexes are made, a few seconds for a million
--   products; the few categories are written anew.
-- Undo: drop the triggers below with their functions, the indexes, table removed_categories, and column categories.changed_in.

CREATE INDEX products_changed_in ON products (changed_in);

CREATE FUNCTION note_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;

CREATE TRIGGER keep_own_transaction BEFORE INSERT ON products
    FOR EACH ROW WHEN (NEW.changed_in <> pg_current_xact_id()) EXECUTE FUNCTION note_transaction();

-- New variants come by the thousand: one statement for all of them.
CREATE FUNCTION follow_new_variants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE products SET changed_by = coalesce(nullif(current_setting('quote_service.price_actor', true), ''), session_user)
    WHERE id IN (SELECT product_id FROM after) AND changed_in <> pg_current_xact_id();
    RETURN NULL;
END $$;

CREATE FUNCTION follow_variant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE products SET changed_by = coalesce(nullif(current_setting('quote_service.price_actor', true), ''), session_user)
    WHERE id IN (OLD.product_id, NEW.product_id) AND changed_in <> pg_current_xact_id();
    RETURN NULL;
END $$;

CREATE TRIGGER follow_new_variants AFTER INSERT ON product_variants
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION follow_new_variants();
CREATE TRIGGER follow_variant AFTER UPDATE ON product_variants
    FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*) EXECUTE FUNCTION follow_variant();

ALTER TABLE categories ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX categories_changed_in ON categories (changed_in);
CREATE TRIGGER keep_transaction BEFORE INSERT OR UPDATE ON categories
    FOR EACH ROW EXECUTE FUNCTION note_transaction();

CREATE TABLE removed_categories (
    id uuid NOT NULL,
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX removed_categories_changed_in ON removed_categories (changed_in);

CREATE FUNCTION keep_removed_category() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removed_categories (id) VALUES (OLD.id);
    RETURN NULL;
END $$;

CREATE TRIGGER keep_removed AFTER DELETE ON categories FOR EACH ROW EXECUTE FUNCTION keep_removed_category();

-- Prices and weight as five unsigned numbers of 64 bits, in millionths, each with its first bit turned over: 10^19 of them are
-- more than a bigint has.
CREATE FUNCTION packed_figures(current_price numeric, min_price numeric, max_price numeric, cost_price numeric, weight numeric)
    RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN int8send((coalesce(current_price, 0) * 1000000 - 9223372036854775808)::bigint)
        || int8send((coalesce(min_price, 0) * 1000000 - 9223372036854775808)::bigint)
        || int8send((coalesce(max_price, 0) * 1000000 - 9223372036854775808)::bigint)
        || int8send((coalesce(cost_price, 0) * 1000000 - 9223372036854775808)::bigint)
        || int8send((coalesce(weight, 0) * 1000000 - 9223372036854775808)::bigint);
