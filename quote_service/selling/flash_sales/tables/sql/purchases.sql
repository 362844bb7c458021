-- name: insert_purchases
INSERT INTO flash_sale_purchases (
    id, item_id, sale_id, customer_id, idempotency_key, fingerprint, quantity, unit_price_minor, status, reason,
    admitted_by, epoch, reserved_at, expires_at, decided_at
)
SELECT given.id, $1, $2, given.customer_id, given.key, given.fingerprint, given.quantity, given.price, given.status,
    given.reason, $3, given.epoch, to_timestamp(given.reserved_ms / 1000.0),
    -- As told; but where that leaves a second less than the hold, since the clock of Redis is behind or it is recorded
    -- late, the whole hold from now on: nobody can confirm before it is recorded.
    CASE
        WHEN given.expires_ms = 0 THEN NULL
        WHEN to_timestamp(given.expires_ms / 1000.0)
            < clock_timestamp() + (given.expires_ms - given.reserved_ms - 1000) * interval '1 millisecond'
            THEN clock_timestamp() + (given.expires_ms - given.reserved_ms) * interval '1 millisecond'
        ELSE to_timestamp(given.expires_ms / 1000.0)
    END,
    CASE WHEN given.status <> 'reserved' THEN clock_timestamp() END
FROM unnest(
    $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::integer[], $9::bigint[], $10::text[], $11::text[],
    $12::bigint[], $13::bigint[], $14::bigint[]
) AS given (id, customer_id, key, fingerprint, quantity, price, status, reason, epoch, reserved_ms, expires_ms)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: insert_takings
INSERT INTO flash_sale_ledger (purchase_id, kind, item_id, delta)
SELECT given.id, 'take', $1, given.quantity FROM unnest($2::uuid[], $3::integer[]) AS given (id, quantity);

-- name: insert_giving_back
INSERT INTO flash_sale_ledger (purchase_id, kind, item_id, delta) VALUES ($1, 'give_back', $2, -$3::integer);

-- name: purchase
SELECT purchase.id, purchase.item_id, purchase.sale_id, item.product_id, purchase.customer_id,
    purchase.idempotency_key, purchase.fingerprint, purchase.quantity, purchase.unit_price_minor, item.currency,
    purchase.status, purchase.reason, purchase.reserved_at, purchase.expires_at, purchase.decided_at
FROM flash_sale_purchases purchase JOIN flash_sale_items item ON item.id = purchase.item_id
WHERE purchase.id = $1;

-- name: page_of_purchases
SELECT purchase.id, purchase.item_id, purchase.sale_id, item.product_id, purchase.customer_id,
    purchase.idempotency_key, purchase.fingerprint, purchase.quantity, purchase.unit_price_minor, item.currency,
    purchase.status, purchase.reason, purchase.reserved_at, purchase.expires_at, purchase.decided_at
FROM flash_sale_purchases purchase JOIN flash_sale_items item ON item.id = purchase.item_id
WHERE purchase.customer_id = $1 AND ($2::uuid IS NULL OR purchase.sale_id = $2)
    AND ($3::text IS NULL OR purchase.status = $3) AND ($4::uuid IS NULL OR purchase.id < $4)
ORDER BY purchase.id DESC
LIMIT $5;

-- name: purchase_by_key
SELECT purchase.id, purchase.item_id, purchase.sale_id, item.product_id, purchase.customer_id,
    purchase.idempotency_key, purchase.fingerprint, purchase.quantity, purchase.unit_price_minor, item.currency,
    purchase.status, purchase.reason, purchase.reserved_at, purchase.expires_at, purchase.decided_at
FROM flash_sale_purchases purchase JOIN flash_sale_items item ON item.id = purchase.item_id
WHERE purchase.customer_id = $1 AND purchase.idempotency_key = $2 AND ($3::uuid IS NULL OR purchase.sale_id = $3)
ORDER BY purchase.reserved_at DESC
LIMIT 1;

-- name: outcomes
SELECT id, status, reason, expires_at FROM flash_sale_purchases WHERE id = ANY ($1::uuid[]);

-- name: confirm
UPDATE flash_sale_purchases SET status = 'confirmed', decided_at = clock_timestamp(), redis_due = 'settle'
WHERE id = $1 AND status = 'reserved' AND (expires_at IS NULL OR expires_at > clock_timestamp())
RETURNING id;

-- name: cancel
UPDATE flash_sale_purchases SET status = 'cancelled', decided_at = clock_timestamp(), redis_due = 'release'
WHERE id = $1 AND status = 'reserved'
RETURNING id;

-- name: expired
SELECT id, item_id FROM flash_sale_purchases
WHERE status = 'reserved' AND expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1;

-- name: expire
UPDATE flash_sale_purchases SET status = 'expired', decided_at = clock_timestamp(), redis_due = 'release'
WHERE id = $1 AND status = 'reserved' AND expires_at <= clock_timestamp()
RETURNING id, item_id, customer_id, quantity;

-- name: due
SELECT item_id, id, redis_due FROM flash_sale_purchases WHERE redis_due IS NOT NULL ORDER BY item_id LIMIT $1;

-- name: is_all_told
SELECT NOT EXISTS (SELECT FROM flash_sale_purchases WHERE item_id = $1 AND redis_due IS NOT NULL);

-- name: done
UPDATE flash_sale_purchases SET redis_due = NULL WHERE id = ANY ($1::uuid[]) AND redis_due = $2;

-- name: forget_due_of_item
UPDATE flash_sale_purchases SET redis_due = NULL WHERE item_id = $1 AND redis_due IS NOT NULL;

-- name: known
SELECT id, customer_id, quantity, unit_price_minor, (extract(epoch FROM reserved_at) * 1000)::bigint AS reserved_ms,
    coalesce((extract(epoch FROM expires_at) * 1000)::bigint, 0) AS expires_ms, epoch, fingerprint, idempotency_key,
    status
FROM flash_sale_purchases WHERE item_id = $1 AND idempotency_key IS NOT NULL;

-- name: customer_summary
SELECT item.id, item.product_id, item.currency, item.sale_price_minor, item.per_customer_limit,
    coalesce(sum(purchase.quantity) FILTER (WHERE purchase.status = 'confirmed'), 0)::integer AS bought,
    coalesce(sum(purchase.quantity) FILTER (WHERE purchase.status = 'reserved'), 0)::integer AS reserved,
    coalesce(
        sum(purchase.quantity * purchase.unit_price_minor) FILTER (WHERE purchase.status = 'confirmed'), 0
    )::bigint AS spent_minor
FROM flash_sale_items item
LEFT JOIN flash_sale_purchases purchase ON purchase.item_id = item.id AND purchase.customer_id = $2
WHERE item.sale_id = $1
GROUP BY item.id
ORDER BY item.id;

-- name: item_figures
SELECT item.id, item.product_id, item.allocated, item.sold,
    coalesce(sum(purchase.quantity) FILTER (WHERE purchase.status = 'confirmed'), 0)::integer AS confirmed,
    coalesce(sum(purchase.quantity) FILTER (WHERE purchase.status = 'reserved'), 0)::integer AS reserved,
    count(*) FILTER (WHERE purchase.status = 'rejected')::integer AS rejected,
    count(*) FILTER (WHERE purchase.status IN ('expired', 'cancelled'))::integer AS given_back,
    count(*) FILTER (
        WHERE purchase.status <> 'rejected' AND purchase.reserved_at > clock_timestamp() - interval '10 seconds'
    )::integer AS lately
FROM flash_sale_items item LEFT JOIN flash_sale_purchases purchase ON purchase.item_id = item.id
WHERE item.sale_id = $1
GROUP BY item.id
ORDER BY item.id;
