-- name: insert_accepted
INSERT INTO accepted_quotes (
    quote_id, customer_id, external_ref, currency, exponent,
    item_total_minor, discount_minor, subtotal_minor, tax_minor, delivery_fee_minor, small_basket_fee_minor, total_minor,
    platform_discount_minor, seller_commission_minor, category_commission_minor, logistics_commission_minor,
    payouts, coupon_codes, data, request, rulebook_version,
    issued_at, valid_until, accepted_at, accepted_by, accepted_by_kind, request_id, receipt
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
    $17::text::jsonb, ARRAY(SELECT json_array_elements_text($18::text::json)), $19, $20, $21, $22, $23, $24, $25, $26, $27, $28
)
ON CONFLICT (quote_id) DO NOTHING
RETURNING EXISTS (SELECT 1 :of_endpoints_wanting $29::text[]);

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

-- name: accepted_quotes
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
WHERE quote_id = ANY ($1::uuid[]);

-- name: hold_customers
-- Nobody is erased until the transaction ends; in one order.
SELECT pg_advisory_xact_lock_shared(key)
FROM (SELECT DISTINCT customer_lock(customer_id) AS key FROM unnest($1::uuid[]) AS customer_id ORDER BY key) AS sorted;

-- name: insert_all_accepted
WITH accepted AS (
    INSERT INTO accepted_quotes (
        quote_id, customer_id, external_ref, currency, exponent,
        item_total_minor, discount_minor, subtotal_minor, tax_minor, delivery_fee_minor, small_basket_fee_minor, total_minor,
        platform_discount_minor, seller_commission_minor, category_commission_minor, logistics_commission_minor,
        payouts, coupon_codes, data, request, rulebook_version,
        issued_at, valid_until, accepted_at, accepted_by, accepted_by_kind, request_id, receipt
    )
    SELECT quote_id, customer_id, external_ref, currency, exponent,
        item_total_minor, discount_minor, subtotal_minor, tax_minor, delivery_fee_minor, small_basket_fee_minor, total_minor,
        platform_discount_minor, seller_commission_minor, category_commission_minor, logistics_commission_minor,
        payouts::jsonb, ARRAY(SELECT json_array_elements_text(coupon_codes::json)), data, request, rulebook_version,
        issued_at, valid_until, accepted_at, accepted_by, accepted_by_kind, request_id, receipt
    FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
        $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::text[],
        $18::text[], $19::bytea[], $20::bytea[], $21::bigint[], $22::timestamptz[], $23::timestamptz[], $24::timestamptz[],
        $25::text[], $26::text[], $27::text[], $28::text[]
    ) AS given (
        quote_id, customer_id, external_ref, currency, exponent,
        item_total_minor, discount_minor, subtotal_minor, tax_minor, delivery_fee_minor, small_basket_fee_minor, total_minor,
        platform_discount_minor, seller_commission_minor, category_commission_minor, logistics_commission_minor,
        payouts, coupon_codes, data, request, rulebook_version,
        issued_at, valid_until, accepted_at, accepted_by, accepted_by_kind, request_id, receipt
    )
)
SELECT EXISTS (SELECT 1 :of_endpoints_wanting $29::text[]);

-- name: customer_of_accepted
SELECT customer_id::text FROM accepted_quotes WHERE quote_id = $1;

-- name: count_past
SELECT count(*) FROM accepted_quotes
WHERE accepted_at >= $1 AND accepted_at < $2
    AND ($3::int = 1048576 OR (uuid_hash_extended(quote_id, 0) & 1048575) < $3);

-- name: next_past
-- The next ones behind a place; which are drawn depends on their ids alone.
SELECT quote_id::text, accepted_at, rulebook_version, epoch_us(issued_at) AS issued_at_us,
    epoch_us(valid_until) AS valid_until_us, data, request
FROM accepted_quotes
WHERE accepted_at >= $1 AND accepted_at < $2
    AND ($3::int = 1048576 OR (uuid_hash_extended(quote_id, 0) & 1048575) < $3)
    AND (accepted_at, quote_id) > ($4, $5)
ORDER BY accepted_at, quote_id
LIMIT $6;

-- name: newest_requests
SELECT request FROM accepted_quotes WHERE request IS NOT NULL ORDER BY accepted_at DESC, quote_id DESC LIMIT $1;
