-- name: orders_of_quotes
SELECT quote_id, id FROM orders WHERE quote_id = ANY ($1::uuid[]);

-- name: insert_orders
WITH lines AS (
    INSERT INTO order_lines (
        order_id, line_id, product_id, variant_id, seller_id, quantity, unit_price_micro, total_minor, discount_minor,
        seller_discount_minor, tax_minor, is_tax_included, discounts, commissions
    )
    SELECT order_id, line_id, product_id, variant_id, seller_id, quantity, unit_price_micro, total_minor, discount_minor,
        seller_discount_minor, tax_minor, is_tax_included, discounts::json, commissions::json
    FROM unnest(
        $23::uuid[], $24::smallint[], $25::uuid[], $26::uuid[], $27::uuid[], $28::integer[], $29::bigint[], $30::bigint[],
        $31::bigint[], $32::bigint[], $33::bigint[], $34::boolean[], $35::text[], $36::text[]
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
        $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::smallint[], $7::bigint[], $8::bigint[], $9::bigint[],
        $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::text[],
        $18::bigint[], $19::timestamptz[], $20::text[], $21::text[], $22::text[]
    ) AS given (
        id, quote_id, purchase_id, customer_id, currency, exponent, quantity, item_total_minor, discount_minor,
        exclusive_tax_minor, inclusive_tax_minor, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor,
        fee_inclusive_tax_minor, total_minor, sellers, rulebook_version, placed_at, placed_by, placed_by_kind, request_id
    )
)
SELECT EXISTS (SELECT 1 :of_endpoints_wanting $37::text[]);

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
