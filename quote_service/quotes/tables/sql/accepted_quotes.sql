-- name: insert_accepted
INSERT INTO accepted_quotes (
    quote_id, customer_id, external_ref, currency, exponent,
    item_total_minor, discount_minor, subtotal_minor, tax_minor, delivery_fee_minor, small_basket_fee_minor, total_minor,
    platform_discount_minor, seller_commission_minor, category_commission_minor, logistics_commission_minor,
    payouts, coupon_codes, data, request, rulebook_version,
    issued_at, valid_until, accepted_at, accepted_by, accepted_by_kind, request_id, receipt
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
    $17::text::jsonb, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28
)
ON CONFLICT (quote_id) DO NOTHING
RETURNING quote_id;

-- name: accepted_quote
SELECT
    quote_id::text,
    customer_id::text,
    data,
    request,
    rulebook_version,
    epoch_us(issued_at) AS issued_at_us,
    epoch_us(valid_until) AS valid_until_us,
    epoch_us(accepted_at) AS accepted_at_us,
    receipt
FROM accepted_quotes
WHERE quote_id = $1;
