-- Why: refunds of orders: units of their lines, and fees. Whoever writes, no more is refunded than the order has: triggers add up
--   what has been refunded under the lock of the order's row. Figures are never changed; the reason may go, as it can name people.
-- Locks: none on existing rows; orders and order_lines while the foreign keys are made.
-- Undo: drop table order_refund_lines, order_refunds; drop the functions below.

CREATE TABLE order_refunds (
    id uuid CONSTRAINT order_refunds_pkey PRIMARY KEY,
    order_id uuid NOT NULL CONSTRAINT order_refunds_order REFERENCES orders (id),
    -- Of the refund in its order, from 1.
    number integer NOT NULL CHECK (number > 0),
    -- Of the order, after the refund.
    order_status text NOT NULL CHECK (order_status IN ('partly_refunded', 'refunded')),
    delivery text NOT NULL CHECK (delivery IN ('none', 'full', 'proportional')),
    restock boolean NOT NULL,
    reason text CHECK (length(reason) BETWEEN 1 AND 2000),
    -- Amounts are whole minor units of the order's currency.
    delivery_fee_minor bigint NOT NULL CHECK (delivery_fee_minor >= 0),
    small_basket_fee_minor bigint NOT NULL CHECK (small_basket_fee_minor >= 0),
    fee_exclusive_tax_minor bigint NOT NULL CHECK (fee_exclusive_tax_minor >= 0),
    fee_inclusive_tax_minor bigint NOT NULL CHECK (fee_inclusive_tax_minor >= 0),
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    -- [{"seller_id", "goods_minor", "exclusive_tax_minor", "platform_discount_minor", "commission_minor",
    --   "commission_tax_minor", "is_commission_tax_inclusive"}]
    sellers json NOT NULL,
    refunded_at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'key', 'system')),
    request_id text NOT NULL,
    CONSTRAINT order_refunds_number UNIQUE (order_id, number)
);

CREATE TABLE order_refund_lines (
    refund_id uuid NOT NULL CONSTRAINT order_refund_lines_refund REFERENCES order_refunds (id),
    order_id uuid NOT NULL,
    line_id smallint NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    goods_minor bigint NOT NULL CHECK (goods_minor >= 0),
    tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
    -- As those of order_lines: what is undone, and what is reversed.
    discounts json NOT NULL,
    commissions json NOT NULL,
    CONSTRAINT order_refund_lines_pkey PRIMARY KEY (refund_id, line_id),
    CONSTRAINT order_refund_lines_line FOREIGN KEY (order_id, line_id) REFERENCES order_lines (order_id, line_id)
);
CREATE INDEX order_refund_lines_of_line ON order_refund_lines (order_id, line_id);

-- Under the lock of the orders each statement sees what whoever held them before has committed.
CREATE FUNCTION guard_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM orders WHERE id IN (SELECT order_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM orders AS o JOIN order_refunds AS r ON r.order_id = o.id
        WHERE o.id IN (SELECT order_id FROM added)
        GROUP BY o.id
        HAVING o.status = 'cancelled'
            OR sum(r.delivery_fee_minor) > o.delivery_fee_minor
            OR sum(r.small_basket_fee_minor) > o.small_basket_fee_minor
            OR sum(r.fee_exclusive_tax_minor) > o.fee_exclusive_tax_minor
            OR sum(r.fee_inclusive_tax_minor) > o.fee_inclusive_tax_minor
            OR sum(r.total_minor) > o.total_minor
    ) THEN
        RAISE EXCEPTION 'more is refunded than the order has' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION guard_refunded_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM orders WHERE id IN (SELECT order_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM order_lines AS l JOIN order_refund_lines AS r USING (order_id, line_id)
        WHERE (order_id, line_id) IN (SELECT order_id, line_id FROM added)
        GROUP BY order_id, line_id
        HAVING sum(r.quantity) > l.quantity
            OR sum(r.goods_minor) > l.total_minor - l.discount_minor
            OR sum(r.tax_minor) > l.tax_minor
    ) OR EXISTS (
        SELECT FROM added JOIN order_refunds AS r ON r.id = added.refund_id WHERE r.order_id <> added.order_id
    ) THEN
        RAISE EXCEPTION 'more is refunded than the order has' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION guard_refund_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a refund is never changed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER guard_refunds AFTER INSERT ON order_refunds
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION guard_refunds();
CREATE TRIGGER guard_refunded_units AFTER INSERT ON order_refund_lines
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION guard_refunded_units();
CREATE TRIGGER guard_figures BEFORE UPDATE ON order_refunds
    FOR EACH ROW WHEN (
        NEW.reason IS NOT NULL OR (
            OLD.id, OLD.order_id, OLD.number, OLD.order_status, OLD.delivery, OLD.restock, OLD.delivery_fee_minor,
            OLD.small_basket_fee_minor, OLD.fee_exclusive_tax_minor, OLD.fee_inclusive_tax_minor, OLD.total_minor,
            OLD.sellers::text, OLD.refunded_at, OLD.actor, OLD.actor_kind, OLD.request_id
        ) IS DISTINCT FROM (
            NEW.id, NEW.order_id, NEW.number, NEW.order_status, NEW.delivery, NEW.restock, NEW.delivery_fee_minor,
            NEW.small_basket_fee_minor, NEW.fee_exclusive_tax_minor, NEW.fee_inclusive_tax_minor, NEW.total_minor,
            NEW.sellers::text, NEW.refunded_at, NEW.actor, NEW.actor_kind, NEW.request_id
        )
    ) EXECUTE FUNCTION guard_refund_figures();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON order_refunds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON order_refund_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON order_refund_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
