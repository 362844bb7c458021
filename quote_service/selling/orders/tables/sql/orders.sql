-- name: orders_of_quotes
SELECT quote_id, id FROM orders WHERE quote_id = ANY ($1::uuid[]);

-- name: write_orders
WITH lines AS (
    INSERT INTO order_lines (
        order_id, line_id, product_id, variant_id, seller_id, quantity, unit_price_micro, total_minor, discount_minor,
        seller_discount_minor, tax_minor, is_tax_included, discounts, commissions
    )
    SELECT order_id, line_id, product_id, variant_id, seller_id, quantity, unit_price_micro, total_minor, discount_minor,
        seller_discount_minor, tax_minor, is_tax_included, discounts::json, commissions::json
    FROM unnest(
        $lines.0::uuid[], $lines.1.line_id::smallint[], $lines.1.product_id::uuid[], $lines.1.variant_id::uuid[],
        $lines.1.seller_id::uuid[], $lines.1.quantity::integer[], $lines.1.unit_price_micro::bigint[],
        $lines.1.total_minor::bigint[],
        $lines.1.discount_minor::bigint[], $lines.1.seller_discount_minor::bigint[], $lines.1.tax_minor::bigint[],
        $lines.1.is_tax_included::boolean[], $lines.1.discounts::text[], $lines.1.commissions::text[]
    ) AS line (
        order_id, line_id, product_id, variant_id, seller_id, quantity, unit_price_micro, total_minor, discount_minor,
        seller_discount_minor, tax_minor, is_tax_included, discounts, commissions
    )
), placed AS (
    INSERT INTO orders (
        id, quote_id, purchase_id, customer_id, currency, exponent, quantity, item_total_minor, discount_minor, exclusive_tax_minor,
        inclusive_tax_minor, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor, fee_inclusive_tax_minor,
        total_minor, sellers, rulebook_version, placed_at, placed_by, placed_by_kind, request_id, changed_at
    )
    SELECT id, quote_id, purchase_id, customer_id, currency, exponent, quantity, item_total_minor, discount_minor,
        exclusive_tax_minor, inclusive_tax_minor, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor,
        fee_inclusive_tax_minor, total_minor, sellers::json, rulebook_version, placed_at, placed_by, placed_by_kind, request_id,
        placed_at
    FROM unnest(
        $orders.id::uuid[], $orders.quote_id::uuid[], $orders.purchase_id::uuid[], $orders.customer_id::uuid[],
        $orders.figures.currency::text[], $orders.figures.exponent::smallint[], $orders.figures.quantity::bigint[],
        $orders.figures.item_total_minor::bigint[], $orders.figures.discount_minor::bigint[],
        $orders.figures.exclusive_tax_minor::bigint[], $orders.figures.inclusive_tax_minor::bigint[],
        $orders.figures.delivery_fee_minor::bigint[], $orders.figures.small_basket_fee_minor::bigint[],
        $orders.figures.fee_exclusive_tax_minor::bigint[], $orders.figures.fee_inclusive_tax_minor::bigint[],
        $orders.figures.total_minor::bigint[], $orders.figures.sellers::text[],
        $orders.rulebook_version::bigint[], $orders.placed_at::timestamptz[], $orders.placed_by::text[],
        $orders.placed_by_kind::text[], $orders.request_id::text[]
    ) AS given (
        id, quote_id, purchase_id, customer_id, currency, exponent, quantity, item_total_minor, discount_minor,
        exclusive_tax_minor, inclusive_tax_minor, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor,
        fee_inclusive_tax_minor, total_minor, sellers, rulebook_version, placed_at, placed_by, placed_by_kind, request_id
    )
)
SELECT EXISTS (SELECT 1 :of_endpoints_wanting $wanted_by::text[]);

-- name: orders
SELECT o.id, o.quote_id, o.purchase_id, o.customer_id, o.status, o.currency, o.exponent, o.item_total_minor, o.discount_minor,
    o.exclusive_tax_minor, o.inclusive_tax_minor, o.delivery_fee_minor, o.small_basket_fee_minor, o.fee_exclusive_tax_minor,
    o.fee_inclusive_tax_minor, o.total_minor, o.sellers::text AS sellers, o.rulebook_version, o.placed_at, o.placed_by,
    o.placed_by_kind, o.request_id, o.changed_at, o.fulfilled_at, o.cancelled_at, accepted.external_ref
FROM orders AS o LEFT JOIN accepted_quotes AS accepted ON accepted.quote_id = o.quote_id
WHERE o.id = ANY ($1::uuid[]);

-- name: hold_order
SELECT id FROM orders WHERE id = $1 FOR NO KEY UPDATE;

-- name: lines
SELECT order_id, line_id, product_id, variant_id, seller_id, quantity, unit_price_micro, total_minor, discount_minor,
    seller_discount_minor, tax_minor, is_tax_included, discounts::text AS discounts, commissions::text AS commissions
FROM order_lines WHERE order_id = ANY ($1::uuid[])
ORDER BY order_id, line_id;
