-- Why: exact figures of what was accepted, ordered, refunded and cancelled, rolled up. Whatever is to be counted stands in
--   analytics_uncounted from the transaction that wrote it on, and is taken out by the transaction that adds it to the rollups: it
--   is counted once, however many processes count, whenever they are killed, and after a backup was restored too (a number of a
--   transaction, or an instant, would not say that). Ids alone stand there: what an order is of is read when it is counted.
-- Locks: accepted_quotes, orders, order_refunds and order_events for their triggers, while the ids of all their rows are copied.
-- Undo: drop table analytics_uncounted, analytics_orders; drop the functions below cascade.

CREATE TABLE analytics_uncounted (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT analytics_uncounted_pkey PRIMARY KEY,
    kind text NOT NULL CONSTRAINT analytics_uncounted_kind CHECK (kind IN ('quote', 'order', 'refund', 'cancellation')),
    -- Of the accepted quote, of the refund, or of the order.
    source_id uuid NOT NULL
);

-- Cubes, grains and keys as those of analytics_quotes; amounts are minor units. What comes back is counted in the period in
-- which it came back (`reversed_*`), and never taken off what was sold.
CREATE TABLE analytics_orders (
    cube text NOT NULL,
    grain text NOT NULL CONSTRAINT analytics_orders_grain CHECK (grain IN ('hour', 'day', 'month', 'month_hour')),
    period timestamptz NOT NULL,
    hour smallint NOT NULL DEFAULT -1
        CONSTRAINT analytics_orders_hour CHECK (hour BETWEEN -1 AND 23 AND (hour >= 0) = (grain = 'month_hour')),
    currency text NOT NULL,
    key_a text NOT NULL,
    key_b text NOT NULL,
    accepted bigint NOT NULL DEFAULT 0,
    accepted_total_minor bigint NOT NULL DEFAULT 0,
    orders bigint NOT NULL DEFAULT 0,
    lines bigint NOT NULL DEFAULT 0,
    units bigint NOT NULL DEFAULT 0,
    -- Orders of flash sales, which `orders` holds too.
    purchases bigint NOT NULL DEFAULT 0,
    purchases_total_minor bigint NOT NULL DEFAULT 0,
    gross_minor bigint NOT NULL DEFAULT 0,
    seller_discount_minor bigint NOT NULL DEFAULT 0,
    platform_discount_minor bigint NOT NULL DEFAULT 0,
    delivery_fee_minor bigint NOT NULL DEFAULT 0,
    small_basket_fee_minor bigint NOT NULL DEFAULT 0,
    exclusive_tax_minor bigint NOT NULL DEFAULT 0,
    inclusive_tax_minor bigint NOT NULL DEFAULT 0,
    total_minor bigint NOT NULL DEFAULT 0,
    seller_commission_minor bigint NOT NULL DEFAULT 0,
    category_commission_minor bigint NOT NULL DEFAULT 0,
    logistics_commission_minor bigint NOT NULL DEFAULT 0,
    -- What lines that pay commission come to, less discounts that their sellers pay for.
    commission_base_minor bigint NOT NULL DEFAULT 0,
    -- Commissions of a rate on a line; those that a limit of the rate decided, and what these come to.
    charges bigint NOT NULL DEFAULT 0,
    clamped bigint NOT NULL DEFAULT 0,
    clamped_commission_minor bigint NOT NULL DEFAULT 0,
    commission_tax_minor bigint NOT NULL DEFAULT 0,
    -- What of that tax the commission contains.
    inclusive_commission_tax_minor bigint NOT NULL DEFAULT 0,
    payout_minor bigint NOT NULL DEFAULT 0,
    refunds bigint NOT NULL DEFAULT 0,
    cancellations bigint NOT NULL DEFAULT 0,
    cancelled_total_minor bigint NOT NULL DEFAULT 0,
    reversed_units bigint NOT NULL DEFAULT 0,
    reversed_gross_minor bigint NOT NULL DEFAULT 0,
    reversed_seller_discount_minor bigint NOT NULL DEFAULT 0,
    reversed_platform_discount_minor bigint NOT NULL DEFAULT 0,
    reversed_delivery_fee_minor bigint NOT NULL DEFAULT 0,
    reversed_small_basket_fee_minor bigint NOT NULL DEFAULT 0,
    reversed_exclusive_tax_minor bigint NOT NULL DEFAULT 0,
    reversed_inclusive_tax_minor bigint NOT NULL DEFAULT 0,
    reversed_total_minor bigint NOT NULL DEFAULT 0,
    reversed_seller_commission_minor bigint NOT NULL DEFAULT 0,
    reversed_category_commission_minor bigint NOT NULL DEFAULT 0,
    reversed_logistics_commission_minor bigint NOT NULL DEFAULT 0,
    reversed_commission_base_minor bigint NOT NULL DEFAULT 0,
    reversed_commission_tax_minor bigint NOT NULL DEFAULT 0,
    reversed_inclusive_commission_tax_minor bigint NOT NULL DEFAULT 0,
    reversed_payout_minor bigint NOT NULL DEFAULT 0,
    CONSTRAINT analytics_orders_pkey PRIMARY KEY (cube, grain, period, key_a, key_b, currency, hour)
-- Room on each page for the next figures of its rows.
) WITH (fillfactor = 80);
-- A key of a cube over a stretch of time.
CREATE INDEX analytics_orders_key_a ON analytics_orders (cube, grain, key_a, period);
CREATE INDEX analytics_orders_key_b ON analytics_orders (cube, grain, key_b, period) WHERE key_b <> '';

CREATE FUNCTION count_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_TABLE_NAME
        WHEN 'accepted_quotes' THEN
            INSERT INTO analytics_uncounted (kind, source_id) SELECT 'quote', quote_id FROM added;
        WHEN 'orders' THEN
            INSERT INTO analytics_uncounted (kind, source_id) SELECT 'order', id FROM added;
        WHEN 'order_refunds' THEN
            INSERT INTO analytics_uncounted (kind, source_id) SELECT 'refund', id FROM added;
        WHEN 'order_events' THEN
            INSERT INTO analytics_uncounted (kind, source_id)
            SELECT 'cancellation', order_id FROM added WHERE action = 'cancel';
    END CASE;
    RETURN NULL;
END $$;

CREATE TRIGGER count_later AFTER INSERT ON accepted_quotes
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_later();
CREATE TRIGGER count_later AFTER INSERT ON orders
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_later();
CREATE TRIGGER count_later AFTER INSERT ON order_refunds
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_later();
CREATE TRIGGER count_later AFTER INSERT ON order_events
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_later();

INSERT INTO analytics_uncounted (kind, source_id)
SELECT 'quote', quote_id FROM accepted_quotes
UNION ALL SELECT 'order', id FROM orders
UNION ALL SELECT 'refund', id FROM order_refunds
UNION ALL SELECT 'cancellation', order_id FROM order_events WHERE action = 'cancel';
