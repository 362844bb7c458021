-- Why: what the shop sells: categories in a tree, sellers, products with their variants, and the words that find them.
--   A product is never removed, because its price history stays: DELETE switches it off. A variant that is left out is
--   marked, for the same reason. A SKU names one product or one variant, whichever table it stands in.
--   Words are folded here and not in the application, so that rows written by plain SQL are found too. No extension is
--   needed for that: NFKD takes marks off, and a table of letters does what NFKD leaves. pg_trgm, where the server has it,
--   finds the nearest word to one that nobody uses.
-- Locks: none on existing tables. pg_trgm is a trusted extension: the owner of the database may create it.
-- Undo: drop table products, product_variants, product_skus, product_words, sellers, categories cascade; drop the
--   functions below.

CREATE FUNCTION fold_words(given text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN replace(replace(translate(
        lower(regexp_replace(normalize(given, NFKD), '[\u0300-\u036f]', '', 'g') COLLATE "pg_c_utf8"),
        'ıøłđðþħŧŋ', 'iolddthtn'
    ), 'ß', 'ss'), 'æ', 'ae');

-- Each word once; a word is made of letters and digits in any script.
CREATE FUNCTION words_of(given text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (
        SELECT coalesce(array_agg(DISTINCT left(word, 100)), '{}')
        FROM regexp_split_to_table(fold_words(given) COLLATE "pg_c_utf8", '[^[:alnum:]]+') AS word
        WHERE word <> ''
    );

CREATE FUNCTION product_search_words(name text, sku text, tags text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(words_of(name || ' ' || sku || ' ' || array_to_string(tags, ' ')));

-- All words, each as the beginning of one. They are letters and digits, so nothing in them is an operator.
CREATE FUNCTION product_search_query(given text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT string_agg('''' || word || ''':*', ' & ') FROM unnest(words_of(given)) AS word)::tsquery;

CREATE TABLE categories (
    id uuid PRIMARY KEY,
    parent_id uuid,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT categories_parent FOREIGN KEY (parent_id) REFERENCES categories (id),
    CONSTRAINT categories_name UNIQUE NULLS NOT DISTINCT (parent_id, name)
);
CREATE INDEX categories_parent_page ON categories (parent_id, id);

-- At most ten levels, and no category below itself. Moves wait for each other: two at once could close a circle that
-- neither of them sees.
CREATE FUNCTION hold_category_tree() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above integer;
    below integer;
BEGIN
    IF NEW.parent_id IS NULL AND TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('categories'));
    WITH RECURSIVE way AS (
        SELECT id, parent_id, 1 AS level FROM categories WHERE id = NEW.parent_id
        UNION ALL
        SELECT c.id, c.parent_id, way.level + 1 FROM categories AS c JOIN way ON c.id = way.parent_id
        WHERE way.id <> NEW.id AND way.level < 20
    )
    SELECT coalesce(max(level), 0) INTO above FROM way;
    IF EXISTS (
        WITH RECURSIVE way AS (
            SELECT id, parent_id, 1 AS level FROM categories WHERE id = NEW.parent_id
            UNION ALL
            SELECT c.id, c.parent_id, way.level + 1 FROM categories AS c JOIN way ON c.id = way.parent_id
            WHERE way.id <> NEW.id AND way.level < 20
        )
        SELECT 1 FROM way WHERE id = NEW.id
    ) OR NEW.parent_id = NEW.id THEN
        RAISE EXCEPTION 'a category cannot be below itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'categories_no_circle';
    END IF;
    WITH RECURSIVE tree AS (
        SELECT NEW.id AS id, 1 AS level
        UNION ALL
        SELECT c.id, tree.level + 1 FROM categories AS c JOIN tree ON c.parent_id = tree.id WHERE tree.level < 20
    )
    SELECT max(level) INTO below FROM tree;
    IF above + below > 10 THEN
        RAISE EXCEPTION 'categories have at most ten levels'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'categories_levels';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER hold_tree BEFORE INSERT OR UPDATE OF parent_id ON categories
    FOR EACH ROW EXECUTE FUNCTION hold_category_tree();

-- The names from the root down.
CREATE FUNCTION category_path(category uuid) RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (
        WITH RECURSIVE way AS (
            SELECT parent_id, name, 1 AS level FROM categories WHERE id = category
            UNION ALL
            SELECT c.parent_id, c.name, way.level + 1 FROM categories AS c JOIN way ON c.id = way.parent_id
            WHERE way.level < 20
        )
        SELECT array_agg(name ORDER BY level DESC) FROM way
    );

CREATE TABLE sellers (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    external_ref text CHECK (length(external_ref) BETWEEN 1 AND 200),
    is_active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT sellers_external_ref UNIQUE (external_ref)
);

CREATE FUNCTION keep_row_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER keep_version BEFORE UPDATE ON categories FOR EACH ROW EXECUTE FUNCTION keep_row_version();
CREATE TRIGGER keep_version BEFORE UPDATE ON sellers FOR EACH ROW EXECUTE FUNCTION keep_row_version();

CREATE TABLE products (
    id uuid PRIMARY KEY,
    sku text NOT NULL CHECK (length(sku) BETWEEN 1 AND 100),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    description text NOT NULL DEFAULT '' CHECK (length(description) <= 20000),
    category_id uuid CONSTRAINT products_category REFERENCES categories (id),
    seller_id uuid CONSTRAINT products_seller REFERENCES sellers (id),
    is_active boolean NOT NULL DEFAULT true,
    weight numeric(19, 6) CHECK (weight >= 0 AND weight < 10000000000000),
    tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 50),
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object' AND pg_column_size(attributes) < 65536),
    version integer NOT NULL DEFAULT 1,
    -- The transaction that wrote this version: what a transaction does to a product is one version.
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    search_words tsvector GENERATED ALWAYS AS (product_search_words(name, sku, tags)) STORED
);
CREATE INDEX products_category_page ON products (category_id, id) WHERE category_id IS NOT NULL;
CREATE INDEX products_seller_page ON products (seller_id, id) WHERE seller_id IS NOT NULL;
CREATE INDEX products_active_page ON products (is_active, id);
CREATE INDEX products_updated ON products (updated_at, id);
CREATE INDEX products_words ON products USING gin (search_words);

CREATE FUNCTION keep_product_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the id of a product never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.version := CASE WHEN OLD.changed_in = pg_current_xact_id() THEN OLD.version ELSE OLD.version + 1 END;
    NEW.changed_in := pg_current_xact_id();
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER keep_version BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION keep_product_version();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON products
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

CREATE TABLE product_variants (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products (id),
    sku text NOT NULL CHECK (length(sku) BETWEEN 1 AND 100),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object' AND pg_column_size(attributes) < 65536),
    -- As the product lists them; NULL for one that has been removed.
    place integer,
    UNIQUE (product_id, id)
);
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON product_variants
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

CREATE TABLE product_skus (
    -- At commit: products may exchange their SKUs.
    sku text CONSTRAINT product_skus_one_owner PRIMARY KEY DEFERRABLE INITIALLY DEFERRED,
    product_id uuid NOT NULL REFERENCES products (id),
    -- NULL: it is the SKU of the product itself.
    variant_id uuid
);
CREATE INDEX product_skus_product ON product_skus (product_id);

-- New rows come by the thousand and have no former SKU: one statement for all of them. A change has, and is rare.
CREATE FUNCTION keep_new_skus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'products' THEN
        INSERT INTO product_skus (sku, product_id) SELECT sku, id FROM after;
    ELSE
        INSERT INTO product_skus (sku, product_id, variant_id)
        SELECT sku, (to_jsonb(after) ->> 'product_id')::uuid, id FROM after;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION keep_changed_sku() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item product_skus;
BEGIN
    DELETE FROM product_skus WHERE sku = OLD.sku AND coalesce(variant_id, product_id) = OLD.id RETURNING * INTO item;
    INSERT INTO product_skus VALUES (NEW.sku, item.product_id, item.variant_id);
    RETURN NULL;
END $$;

CREATE TRIGGER keep_new_skus AFTER INSERT ON products
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION keep_new_skus();
CREATE TRIGGER keep_new_skus AFTER INSERT ON product_variants
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION keep_new_skus();
CREATE TRIGGER keep_changed_sku AFTER UPDATE OF sku ON products
    FOR EACH ROW WHEN (NEW.sku <> OLD.sku) EXECUTE FUNCTION keep_changed_sku();
CREATE TRIGGER keep_changed_sku AFTER UPDATE OF sku ON product_variants
    FOR EACH ROW WHEN (NEW.sku <> OLD.sku) EXECUTE FUNCTION keep_changed_sku();

-- Words of names and tags that some product had at some time; a misspelt one is looked up here. None is ever removed: a
-- word that nobody uses any more finds nothing.
CREATE TABLE product_words (
    word text COLLATE "C" PRIMARY KEY
);

CREATE FUNCTION note_product_words(given text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO product_words
    SELECT had.word FROM unnest(words_of(given)) AS had (word)
    WHERE length(had.word) BETWEEN 3 AND 40 AND had.word !~ '[0-9]'
        AND NOT EXISTS (SELECT 1 FROM product_words AS known WHERE known.word = had.word COLLATE "C")
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION keep_new_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In one order, so that two writers of the same new words never wait for each other.
    INSERT INTO product_words
    SELECT DISTINCT had.word COLLATE "C"
    FROM after, LATERAL unnest(words_of(after.name || ' ' || array_to_string(after.tags, ' '))) AS had (word)
    WHERE length(had.word) BETWEEN 3 AND 40 AND had.word !~ '[0-9]'
        AND NOT EXISTS (SELECT 1 FROM product_words AS known WHERE known.word = had.word COLLATE "C")
    ORDER BY had.word COLLATE "C"
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION keep_changed_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_product_words(NEW.name || ' ' || array_to_string(NEW.tags, ' '));
    RETURN NULL;
END $$;

CREATE TRIGGER keep_new_words AFTER INSERT ON products
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION keep_new_words();
CREATE TRIGGER keep_changed_words AFTER UPDATE OF name, tags ON products
    FOR EACH ROW WHEN ((NEW.name, NEW.tags) IS DISTINCT FROM (OLD.name, OLD.tags)) EXECUTE FUNCTION keep_changed_words();

-- Words like the one given, nearest first; none on a server without pg_trgm.
DO $do$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX product_words_alike ON product_words USING gist (word gist_trgm_ops);
        CREATE FUNCTION words_alike(given text) RETURNS SETOF text LANGUAGE sql STABLE AS
            'SELECT word FROM product_words ORDER BY word <-> given LIMIT 32';
    ELSE
        CREATE FUNCTION words_alike(given text) RETURNS SETOF text LANGUAGE sql STABLE AS
            'SELECT word FROM product_words WHERE false';
    END IF;
END $do$;
