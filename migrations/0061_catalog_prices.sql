-- Why: prices by currency of products and variants, and every move of a current price, whoever makes it: triggers write
--   the history in the transaction of the move, plain SQL of another program included. A variant has a row in a currency
--   only where it has a field of its own (`own`); the other fields of that row are its product's and follow it, so that
--   each row is whole and one CHECK holds for all.
--   Who moved a price and why is told in settings of the transaction: quote_service.price_reason, price_source,
--   price_actor, price_note. Without them a move is `manual`, by the database role.
-- Locks: none on existing tables beside those of the catalog.
-- Undo: drop table price_changes, price_history, product_prices; drop the functions below.

CREATE TABLE product_prices (
    product_id uuid NOT NULL REFERENCES products (id),
    variant_id uuid,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    base_price numeric(19, 6) NOT NULL,
    current_price numeric(19, 6) NOT NULL,
    min_price numeric(19, 6) NOT NULL,
    cost_price numeric(19, 6),
    max_price numeric(19, 6),
    own text[] NOT NULL DEFAULT '{}'
        CHECK (own <@ ARRAY['base_price', 'current_price', 'min_price', 'cost_price', 'max_price']),
    item_id uuid GENERATED ALWAYS AS (coalesce(variant_id, product_id)) STORED,
    parent_id uuid GENERATED ALWAYS AS (CASE WHEN variant_id IS NOT NULL THEN product_id END) STORED,
    CONSTRAINT product_prices_pkey PRIMARY KEY (item_id, currency),
    CONSTRAINT product_prices_of_product FOREIGN KEY (parent_id, currency)
        REFERENCES product_prices (item_id, currency) ON DELETE CASCADE,
    CONSTRAINT product_prices_variant FOREIGN KEY (product_id, variant_id) REFERENCES product_variants (product_id, id),
    CONSTRAINT product_prices_own CHECK ((variant_id IS NULL) = (own = '{}')),
    -- NaN sorts above every number, so each upper bound refuses it too.
    CONSTRAINT product_prices_amounts CHECK (
        min_price >= 0 AND min_price < 10000000000000 AND base_price < 10000000000000
        AND current_price < 10000000000000 AND cost_price >= 0 AND cost_price < 10000000000000
        AND max_price < 10000000000000
    ),
    CONSTRAINT product_prices_base CHECK (base_price >= min_price AND base_price <= max_price),
    CONSTRAINT product_prices_current CHECK (current_price >= min_price AND current_price <= max_price)
);
CREATE INDEX product_prices_product ON product_prices (product_id);
CREATE INDEX product_prices_page ON product_prices (currency, current_price, product_id) WHERE variant_id IS NULL;
CREATE INDEX product_prices_currency ON product_prices (currency, product_id) WHERE variant_id IS NULL;
CREATE INDEX product_prices_parent ON product_prices (parent_id, currency) WHERE parent_id IS NOT NULL;

CREATE TABLE price_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id uuid NOT NULL,
    variant_id uuid,
    item_id uuid GENERATED ALWAYS AS (coalesce(variant_id, product_id)) STORED,
    currency text NOT NULL,
    -- NULL before the first price, and after the last.
    old_price numeric(19, 6),
    new_price numeric(19, 6),
    reason text NOT NULL CHECK (reason IN ('manual', 'inventory', 'campaign', 'intelligence', 'import', 'schedule')),
    source_id text,
    actor text NOT NULL,
    note text,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    CONSTRAINT price_history_moves CHECK (old_price IS DISTINCT FROM new_price),
    -- No two moves of one price share an instant: which of them came last would be chance.
    CONSTRAINT price_history_one_instant UNIQUE (item_id, currency, at)
);
CREATE INDEX price_history_page ON price_history (product_id, id);
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON price_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON price_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION hold_price_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.product_id, NEW.currency) <> (OLD.product_id, OLD.currency) OR NEW.variant_id IS DISTINCT FROM OLD.variant_id THEN
        RAISE EXCEPTION 'a price stays with its product, variant and currency' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_place BEFORE UPDATE ON product_prices FOR EACH ROW EXECUTE FUNCTION hold_price_place();

CREATE FUNCTION keep_price_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    item product_prices;
    old_price numeric;
    new_price numeric;
    who text := coalesce(nullif(current_setting('quote_service.price_actor', true), ''), session_user);
BEGIN
    IF TG_OP = 'DELETE' THEN
        item := OLD;
    ELSE
        item := NEW;
        new_price := NEW.current_price;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        old_price := OLD.current_price;
    END IF;
    IF old_price IS DISTINCT FROM new_price THEN
        INSERT INTO price_history (product_id, variant_id, currency, old_price, new_price, reason, source_id, actor, note, at)
        VALUES (
            item.product_id, item.variant_id, item.currency, old_price, new_price, price_reason(),
            nullif(current_setting('quote_service.price_source', true), ''), who,
            nullif(current_setting('quote_service.price_note', true), ''), next_price_instant(item.item_id, item.currency)
        );
    END IF;
    -- A new version of the product, unless this transaction has made one already.
    UPDATE products SET changed_by = who WHERE id = item.product_id AND changed_in <> pg_current_xact_id();
    RETURN NULL;
END $$;

CREATE FUNCTION price_reason() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT coalesce(nullif(current_setting('quote_service.price_reason', true), ''), 'manual') $$;

-- Now, and behind every earlier move of the price: clocks are set back, and a microsecond is short.
CREATE FUNCTION next_price_instant(item uuid, of_currency text) RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT greatest(clock_timestamp(), max(at) + interval '1 microsecond')
    FROM price_history WHERE item_id = item AND currency = of_currency
$$;

CREATE TRIGGER keep_history AFTER INSERT OR DELETE ON product_prices
    FOR EACH ROW EXECUTE FUNCTION keep_price_history();
CREATE TRIGGER keep_moved_price AFTER UPDATE ON product_prices
    FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*) EXECUTE FUNCTION keep_price_history();
CREATE TRIGGER refuse_truncation BEFORE TRUNCATE ON product_prices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- What a variant has not of its own is its product's; a price that comes along is held to the variant's bounds.
CREATE FUNCTION follow_product_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE product_prices AS v SET
        base_price = f.base_price, min_price = f.min_price, cost_price = f.cost_price, max_price = f.max_price,
        current_price = greatest(least(f.current_price, f.max_price), f.min_price)
    FROM (
        SELECT c.item_id,
            CASE WHEN 'base_price' = ANY (c.own) THEN c.base_price ELSE NEW.base_price END AS base_price,
            CASE WHEN 'min_price' = ANY (c.own) THEN c.min_price ELSE NEW.min_price END AS min_price,
            CASE WHEN 'cost_price' = ANY (c.own) THEN c.cost_price ELSE NEW.cost_price END AS cost_price,
            CASE WHEN 'max_price' = ANY (c.own) THEN c.max_price ELSE NEW.max_price END AS max_price,
            CASE WHEN 'current_price' = ANY (c.own) THEN c.current_price ELSE NEW.current_price END AS current_price
        FROM product_prices AS c WHERE c.parent_id = NEW.item_id AND c.currency = NEW.currency
    ) AS f
    WHERE v.item_id = f.item_id AND v.currency = NEW.currency
        AND (v.base_price, v.min_price, v.cost_price, v.max_price, v.current_price) IS DISTINCT FROM
            (f.base_price, f.min_price, f.cost_price, f.max_price, greatest(least(f.current_price, f.max_price), f.min_price));
    RETURN NULL;
END $$;
CREATE TRIGGER follow_product AFTER UPDATE ON product_prices
    FOR EACH ROW WHEN (NEW.variant_id IS NULL AND NEW.* IS DISTINCT FROM OLD.*) EXECUTE FUNCTION follow_product_prices();

-- The lowest price in force at any moment of the 720 hours before the present reduction began. A reduction is present
-- where the last move went down, and began with that move; where it did not, the hours end at the moment asked about,
-- which is what a reduction beginning then would have to name. Directive 98/6/EC, article 6a.
CREATE FUNCTION lowest_price_30_days(item uuid, of_currency text, moment timestamptz) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH present AS (
        SELECT at, old_price, new_price FROM price_history
        WHERE item_id = item AND currency = of_currency AND at <= moment
        ORDER BY at DESC LIMIT 1
    ), hours AS (
        SELECT CASE WHEN new_price < old_price THEN at ELSE moment END AS ended,
            coalesce(new_price < old_price, false) AS is_reduction
        FROM present WHERE new_price IS NOT NULL
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

CREATE TABLE price_changes (
    id uuid PRIMARY KEY,
    product_id uuid NOT NULL REFERENCES products (id),
    variant_id uuid,
    item_id uuid GENERATED ALWAYS AS (coalesce(variant_id, product_id)) STORED,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    price numeric(19, 6) NOT NULL CHECK (price >= 0 AND price < 10000000000000),
    effective_at timestamptz NOT NULL CHECK (isfinite(effective_at)),
    reason_note text CHECK (length(reason_note) <= 1000),
    status text NOT NULL CHECK (status IN ('scheduled', 'done', 'cancelled', 'failed')),
    -- What the price became: `price`, held to the bounds of that moment.
    applied_price numeric(19, 6),
    decided_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT price_changes_variant FOREIGN KEY (product_id, variant_id) REFERENCES product_variants (product_id, id),
    CONSTRAINT price_changes_decided CHECK ((status = 'scheduled') = (decided_at IS NULL)),
    CONSTRAINT price_changes_applied CHECK ((status = 'done') = (applied_price IS NOT NULL))
);
CREATE INDEX price_changes_page ON price_changes (product_id, id);
CREATE INDEX price_changes_due ON price_changes (effective_at, id) WHERE status = 'scheduled';
CREATE INDEX price_changes_before ON price_changes (item_id, currency, effective_at, id) WHERE status = 'scheduled';
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON price_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
