-- Why: flash sales. Redis admits, this decides: three constraints make an oversell impossible whatever Redis loses.
--   1. flash_sale_items_sold: units held or sold never exceed what is allocated.
--   2. flash_sale_customers: what a customer holds or bought changes only by a conditional upsert against the limit.
--   3. flash_sale_purchases: one row a reservation id, one a sale, customer and idempotency key.
--   The row of an item is the lock of everything about it; whoever changes units takes it first.
-- Locks: none on existing tables.
-- Undo: drop table flash_sale_dead_letters, flash_sale_recoveries, flash_sale_ledger, flash_sale_customers,
--   flash_sale_purchases, flash_sale_items, flash_sales; drop function guard_purchase.

CREATE TABLE flash_sales (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    state text NOT NULL CHECK (state IN ('scheduled', 'active', 'ended', 'cancelled')),
    starts_at timestamptz NOT NULL CHECK (isfinite(starts_at)),
    ends_at timestamptz NOT NULL CHECK (isfinite(ends_at)),
    -- Null: a purchase is confirmed as soon as it is recorded.
    hold_seconds integer CHECK (hold_seconds BETWEEN 1 AND 86400),
    -- Begun by a person: no clock but ours may then say that it has not begun yet.
    is_started_by_hand boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT flash_sales_period CHECK (ends_at >= starts_at)
);
CREATE INDEX flash_sales_open ON flash_sales (starts_at) WHERE state IN ('scheduled', 'active');

CREATE TABLE flash_sale_items (
    -- Short, because it names keys in Redis and is part of each purchase's id.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id < 4294967296),
    sale_id uuid NOT NULL REFERENCES flash_sales (id),
    product_id uuid NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    sale_price_minor bigint NOT NULL CHECK (sale_price_minor >= 0),
    list_price_minor bigint CHECK (list_price_minor >= 0),
    allocated integer NOT NULL CHECK (allocated BETWEEN 0 AND 1000000),
    -- Units of purchases that are reserved or confirmed: the sum of the ledger.
    sold integer NOT NULL DEFAULT 0,
    per_customer_limit integer NOT NULL CHECK (per_customer_limit BETWEEN 1 AND 1000000),
    -- Copies of the sale's, for the constraint below.
    is_open boolean NOT NULL,
    period tstzrange NOT NULL,
    -- What Redis holds of this item: which content (revision), since which rebuild (epoch), on which server; and how far
    -- its stream has been recorded. is_drifted: it is not there, or no longer agrees, and must be built anew.
    revision integer NOT NULL DEFAULT 1,
    epoch bigint NOT NULL DEFAULT 0,
    is_drifted boolean NOT NULL DEFAULT true,
    redis_run_id text,
    high_water_ms bigint NOT NULL DEFAULT 0,
    high_water_seq bigint NOT NULL DEFAULT 0,
    high_number bigint NOT NULL DEFAULT 0,
    CONSTRAINT flash_sale_items_product UNIQUE (sale_id, product_id),
    CONSTRAINT flash_sale_items_sold CHECK (sold >= 0 AND sold <= allocated),
    CONSTRAINT flash_sale_items_no_overlap EXCLUDE USING gist (product_id WITH =, period WITH &&) WHERE (is_open)
);
CREATE INDEX flash_sale_items_open ON flash_sale_items (sale_id) WHERE is_open;

CREATE TABLE flash_sale_purchases (
    id uuid PRIMARY KEY,
    item_id bigint NOT NULL REFERENCES flash_sale_items (id),
    sale_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    -- Null where the key belongs to another purchase and this one came late (status rejected).
    idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    fingerprint text NOT NULL,
    quantity integer NOT NULL CHECK (quantity >= 1),
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
    status text NOT NULL CHECK (status IN ('reserved', 'confirmed', 'rejected', 'expired', 'cancelled')),
    reason text CHECK ((reason IS NOT NULL) = (status = 'rejected')),
    admitted_by text NOT NULL CHECK (admitted_by IN ('redis', 'postgres')),
    epoch bigint NOT NULL,
    -- By the clock that admitted it.
    reserved_at timestamptz NOT NULL,
    expires_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_at timestamptz,
    -- What Redis has still to be told; the loop that tells it may come late or twice.
    redis_due text CHECK (redis_due IN ('settle', 'release')),
    CONSTRAINT flash_sale_purchases_key UNIQUE (sale_id, customer_id, idempotency_key)
);
CREATE INDEX flash_sale_purchases_customer ON flash_sale_purchases (customer_id, idempotency_key);
CREATE INDEX flash_sale_purchases_item ON flash_sale_purchases (item_id, reserved_at);
CREATE INDEX flash_sale_purchases_hold ON flash_sale_purchases (expires_at) WHERE status = 'reserved';
CREATE INDEX flash_sale_purchases_due ON flash_sale_purchases (item_id) WHERE redis_due IS NOT NULL;

-- A decision is made once: only what is reserved can still become something else.
CREATE FUNCTION guard_purchase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> NEW.status AND OLD.status <> 'reserved'
        OR (OLD.id, OLD.item_id, OLD.sale_id, OLD.customer_id, OLD.quantity, OLD.unit_price_minor)
            IS DISTINCT FROM (NEW.id, NEW.item_id, NEW.sale_id, NEW.customer_id, NEW.quantity, NEW.unit_price_minor)
    THEN
        RAISE EXCEPTION 'purchase % is decided', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_purchase BEFORE UPDATE ON flash_sale_purchases FOR EACH ROW EXECUTE FUNCTION guard_purchase();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON flash_sale_purchases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- What each customer holds or bought of an item; the limit is held by the statement that raises it.
CREATE TABLE flash_sale_customers (
    item_id bigint NOT NULL REFERENCES flash_sale_items (id),
    customer_id uuid NOT NULL,
    quantity integer NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (item_id, customer_id)
);

CREATE TABLE flash_sale_ledger (
    purchase_id uuid NOT NULL REFERENCES flash_sale_purchases (id),
    kind text NOT NULL CHECK (kind IN ('take', 'give_back')),
    item_id bigint NOT NULL REFERENCES flash_sale_items (id),
    delta integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (purchase_id, kind),
    CHECK ((kind = 'take') = (delta > 0) AND delta <> 0)
);
CREATE INDEX flash_sale_ledger_item ON flash_sale_ledger (item_id);
CREATE TRIGGER refuse_change BEFORE UPDATE ON flash_sale_ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON flash_sale_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- Each time an item was built anew in Redis: why, and what was found.
CREATE TABLE flash_sale_recoveries (
    item_id bigint NOT NULL REFERENCES flash_sale_items (id),
    epoch bigint NOT NULL,
    reason text NOT NULL,
    stock_found integer,
    stock_set integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (item_id, epoch)
);

-- Stream entries that no one could record, with what they said.
CREATE TABLE flash_sale_dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id bigint NOT NULL,
    entry_id text NOT NULL,
    payload text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (item_id, entry_id, payload)
);
