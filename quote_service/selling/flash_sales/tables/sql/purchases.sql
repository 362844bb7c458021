-- name: insert_purchases
INSERT INTO flash_sale_purchases (
    id, item_id, sale_id, customer_id, idempotency_key, fingerprint, quantity, unit_price_minor, status, reason,
    admitted_by, epoch, reserved_at, expires_at, decided_at
)
SELECT given.id, $item.id, $item.sale_id, given.customer_id, given.key, given.fingerprint, given.quantity, given.price,
    given.status,
    given.reason, $admitted_by, given.epoch, to_timestamp(given.reserved_ms / 1000.0),
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
    $given.reservation.id::uuid[], $given.reservation.customer_id::uuid[], $given.key::text[],
    $given.reservation.fingerprint::text[], $given.reservation.quantity::integer[],
    $given.reservation.unit_price_minor::bigint[], $given.status::text[], $given.reason::text[],
    $given.reservation.epoch::bigint[], $given.reservation.reserved_ms::bigint[], $given.reservation.expires_ms::bigint[]
) AS given (id, customer_id, key, fingerprint, quantity, price, status, reason, epoch, reserved_ms, expires_ms)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: insert_takings
INSERT INTO flash_sale_ledger (purchase_id, kind, item_id, delta)
SELECT given.id, 'take', $item_id, given.quantity FROM unnest($taken.id::uuid[], $taken.quantity::integer[]) AS given (id,
    quantity);

-- name: insert_giving_back
INSERT INTO flash_sale_ledger (purchase_id, kind, item_id, delta) VALUES ($1, 'give_back', $2, -$3::integer);

-- name: read_purchase
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

-- name: read_purchase_by_key
SELECT purchase.id, purchase.item_id, purchase.sale_id, item.product_id, purchase.customer_id,
    purchase.idempotency_key, purchase.fingerprint, purchase.quantity, purchase.unit_price_minor, item.currency,
    purchase.status, purchase.reason, purchase.reserved_at, purchase.expires_at, purchase.decided_at
FROM flash_sale_purchases purchase JOIN flash_sale_items item ON item.id = purchase.item_id
WHERE purchase.customer_id = $1 AND purchase.idempotency_key = $2 AND ($3::uuid IS NULL OR purchase.sale_id = $3)
ORDER BY purchase.reserved_at DESC
LIMIT 1;

-- name: outcomes_of
SELECT id, status, reason FROM flash_sale_purchases WHERE id = ANY ($1::uuid[]);

-- name: confirm_reserved
UPDATE flash_sale_purchases SET status = 'confirmed', decided_at = clock_timestamp(), redis_due = 'settle'
WHERE id = $1 AND status = 'reserved' AND (expires_at IS NULL OR expires_at > clock_timestamp())
RETURNING true;

-- name: cancel_reserved
UPDATE flash_sale_purchases SET status = 'cancelled', decided_at = clock_timestamp(), redis_due = 'release'
WHERE id = $1 AND status = 'reserved'
RETURNING true;

-- name: expired_purchases
SELECT id, item_id FROM flash_sale_purchases
WHERE status = 'reserved' AND expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1;

-- name: expire_reserved
UPDATE flash_sale_purchases SET status = 'expired', decided_at = clock_timestamp(), redis_due = 'release'
WHERE id = $1 AND status = 'reserved' AND expires_at <= clock_timestamp()
RETURNING customer_id, quantity;

-- name: due_in_redis
SELECT item_id, id, redis_due FROM flash_sale_purchases WHERE redis_due IS NOT NULL ORDER BY item_id LIMIT $1;

-- name: is_all_notified
SELECT NOT EXISTS (SELECT FROM flash_sale_purchases WHERE item_id = $1 AND redis_due IS NOT NULL);

-- name: mark_notified
UPDATE flash_sale_purchases SET redis_due = NULL WHERE id = ANY ($1::uuid[]) AND redis_due = $2;

-- name: forget_due
UPDATE flash_sale_purchases SET redis_due = NULL WHERE item_id = $1 AND redis_due IS NOT NULL;

-- name: known_reservations
SELECT id, customer_id, quantity, unit_price_minor, (extract(epoch FROM reserved_at) * 1000)::bigint AS reserved_ms,
    coalesce((extract(epoch FROM expires_at) * 1000)::bigint, 0) AS expires_ms, epoch, 0 AS number, fingerprint,
    idempotency_key, status
FROM flash_sale_purchases WHERE item_id = $1 AND idempotency_key IS NOT NULL;

-- name: customer_items
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
    )::integer AS recent
FROM flash_sale_items item LEFT JOIN flash_sale_purchases purchase ON purchase.item_id = item.id
WHERE item.sale_id = $1
GROUP BY item.id
ORDER BY item.id;
