-- Why: orders: what was sold, with every figure that a refund, a statement or a dispute will ask for, frozen as it was then. An
--   order is made of an accepted quote, which is ordered once, or of a confirmed purchase of a flash sale. What is listed or
--   joined is a column; the rest of a line (its discounts by rule, its commissions by rate) and what each seller gets are JSON.
--   An id is a UUID of version 7: it sorts by the instant of the order, so lists page by it, and an index by seller or product
--   needs nothing beside it. Frozen figures are never changed: triggers refuse it; what changes is the status, with a row of
--   order_events for every change after the order was placed.
-- Locks: none on existing tables; there are no foreign keys to accepted_quotes, whose rows everybody would lock.
-- Undo: drop table order_events, order_lines, orders; drop function guard_order.

CREATE TABLE orders (
    id uuid CONSTRAINT orders_pkey PRIMARY KEY,
    quote_id uuid CONSTRAINT orders_quote UNIQUE,
    -- Of a flash sale.
    purchase_id uuid,
    customer_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'placed' CONSTRAINT orders_status
        CHECK (status IN ('placed', 'fulfilled', 'cancelled', 'partly_refunded', 'refunded')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Amounts are whole minor units; the exponent says how many digits of them are minor.
    exponent smallint NOT NULL CHECK (exponent BETWEEN 0 AND 6),
    -- Units of all lines together.
    quantity bigint NOT NULL CHECK (quantity > 0),
    item_total_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    -- What of all tax, on lines and fees, is added to the prices, and what is contained in them.
    exclusive_tax_minor bigint NOT NULL,
    inclusive_tax_minor bigint NOT NULL,
    delivery_fee_minor bigint NOT NULL,
    small_basket_fee_minor bigint NOT NULL,
    -- What of the tax is on fees.
    fee_exclusive_tax_minor bigint NOT NULL,
    fee_inclusive_tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    -- [{"seller_id", "item_total_minor", "seller_discount_minor", "platform_discount_minor", "exclusive_tax_minor",
    --   "commission_minor", "commission_tax_minor", "is_commission_tax_inclusive", "payout_minor", ...}]
    sellers json NOT NULL,
    rulebook_version bigint,
    placed_at timestamptz NOT NULL,
    placed_by text NOT NULL,
    placed_by_kind text NOT NULL CHECK (placed_by_kind IN ('user', 'key', 'system')),
    request_id text NOT NULL,
    -- When the status last changed.
    changed_at timestamptz NOT NULL,
    fulfilled_at timestamptz,
    cancelled_at timestamptz,
    CONSTRAINT orders_source CHECK (num_nonnulls(quote_id, purchase_id) = 1),
    CONSTRAINT orders_total CHECK (
        total_minor = item_total_minor - discount_minor + exclusive_tax_minor + delivery_fee_minor + small_basket_fee_minor
    ),
    CONSTRAINT orders_life CHECK (
        (status = 'cancelled') = (cancelled_at IS NOT NULL)
        AND (status NOT IN ('placed', 'cancelled') OR fulfilled_at IS NULL)
        AND (status <> 'fulfilled' OR fulfilled_at IS NOT NULL)
    )
-- Room on each page for the next status of its rows.
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX orders_purchase ON orders (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX orders_customer_page ON orders (customer_id, id);
CREATE INDEX orders_status_page ON orders (status, id);

CREATE TABLE order_lines (
    -- Written with its order, by one statement: a foreign key would look each of them up again.
    order_id uuid NOT NULL,
    -- Of the line in its order, from 1.
    line_id smallint NOT NULL CHECK (line_id > 0),
    product_id uuid NOT NULL,
    variant_id uuid,
    seller_id uuid NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    -- Millionths of a major unit: a unit's price may be finer than the currency.
    unit_price_micro bigint NOT NULL,
    total_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    -- What of the discount the seller pays for.
    seller_discount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    -- The tax is contained in the price.
    is_tax_included boolean NOT NULL,
    -- [{"rule_id", "amount_minor", "seller_minor", "platform_minor"}]
    discounts json NOT NULL,
    -- [{"rate_id", "amount_minor", "seller_minor", "category_minor", "logistics_minor", "on_refund"}]
    commissions json NOT NULL,
    CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_id)
);
CREATE INDEX order_lines_seller_page ON order_lines (seller_id, order_id);
CREATE INDEX order_lines_product_page ON order_lines (product_id, order_id);

CREATE TABLE order_events (
    order_id uuid NOT NULL CONSTRAINT order_events_order REFERENCES orders (id),
    -- Of the event in its order, from 1; that it was placed is told by the order itself.
    number integer NOT NULL CHECK (number > 0),
    action text NOT NULL CHECK (action IN ('fulfil', 'cancel', 'refund')),
    -- After the event.
    status text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'key', 'system')),
    request_id text NOT NULL,
    reason text CHECK (length(reason) BETWEEN 1 AND 2000),
    CONSTRAINT order_events_pkey PRIMARY KEY (order_id, number)
);

-- What was agreed stays, whoever writes.
CREATE FUNCTION guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the figures of an order are never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER guard_figures BEFORE UPDATE ON orders
    FOR EACH ROW WHEN (
        (OLD.id, OLD.quote_id, OLD.purchase_id, OLD.customer_id, OLD.currency, OLD.exponent, OLD.quantity, OLD.item_total_minor,
            OLD.discount_minor, OLD.exclusive_tax_minor, OLD.inclusive_tax_minor, OLD.delivery_fee_minor,
            OLD.small_basket_fee_minor, OLD.fee_exclusive_tax_minor, OLD.fee_inclusive_tax_minor, OLD.total_minor,
            OLD.sellers::text, OLD.rulebook_version, OLD.placed_at, OLD.placed_by_kind, OLD.request_id)
        IS DISTINCT FROM
        (NEW.id, NEW.quote_id, NEW.purchase_id, NEW.customer_id, NEW.currency, NEW.exponent, NEW.quantity, NEW.item_total_minor,
            NEW.discount_minor, NEW.exclusive_tax_minor, NEW.inclusive_tax_minor, NEW.delivery_fee_minor,
            NEW.small_basket_fee_minor, NEW.fee_exclusive_tax_minor, NEW.fee_inclusive_tax_minor, NEW.total_minor,
            NEW.sellers::text, NEW.rulebook_version, NEW.placed_at, NEW.placed_by_kind, NEW.request_id)
    ) EXECUTE FUNCTION guard_order();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON orders
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON order_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON order_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON order_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
