-- name: oversold
SELECT item.id AS item, item.allocated, item.sold, coalesce(sum(purchase.quantity), 0)::integer AS taken
FROM flash_sale_items item
LEFT JOIN flash_sale_purchases purchase
    ON purchase.item_id = item.id AND purchase.status IN ('confirmed', 'reserved')
WHERE item.sale_id = $1
GROUP BY item.id
HAVING item.sold > item.allocated OR coalesce(sum(purchase.quantity), 0) <> item.sold;

-- name: oversold_once
-- Whoever moves units holds the item, so the ledger's instants are in the order of the movements.
WITH moved AS (
    SELECT entry.item_id, sum(entry.delta) OVER (PARTITION BY entry.item_id ORDER BY entry.at) AS taken
    FROM flash_sale_ledger entry JOIN flash_sale_items item ON item.id = entry.item_id
    WHERE item.sale_id = $1
)
SELECT moved.item_id AS item, max(moved.taken)::integer AS taken_at_once, terms.allocated AS allocated_at_most
FROM moved
JOIN flash_sale_items item ON item.id = moved.item_id
JOIN unnest($2::uuid[], $3::integer[]) AS terms (product_id, allocated) ON terms.product_id = item.product_id
GROUP BY moved.item_id, terms.allocated
HAVING max(moved.taken) > terms.allocated;

-- name: over_limit
WITH bought AS (
    SELECT purchase.item_id, purchase.customer_id, sum(purchase.quantity)::integer AS units
    FROM flash_sale_purchases purchase
    WHERE purchase.sale_id = $1 AND purchase.status IN ('confirmed', 'reserved')
    GROUP BY purchase.item_id, purchase.customer_id
), counted AS (
    SELECT held.item_id, held.customer_id, held.quantity
    FROM flash_sale_customers held JOIN flash_sale_items item ON item.id = held.item_id
    WHERE item.sale_id = $1
)
SELECT item_id AS item, customer_id AS customer, coalesce(bought.units, 0) AS taken,
    coalesce(counted.quantity, 0) AS counted, terms.customer_limit AS "limit"
FROM bought
FULL JOIN counted USING (item_id, customer_id)
JOIN flash_sale_items item ON item.id = item_id
JOIN unnest($2::uuid[], $3::integer[]) AS terms (product_id, customer_limit) ON terms.product_id = item.product_id
WHERE coalesce(bought.units, 0) > terms.customer_limit OR coalesce(bought.units, 0) <> coalesce(counted.quantity, 0);

-- name: repeated_keys
SELECT customer_id AS customer, idempotency_key AS key, count(*) AS purchases FROM flash_sale_purchases
WHERE sale_id = $1 AND idempotency_key IS NOT NULL
GROUP BY customer_id, idempotency_key HAVING count(*) > 1;

-- name: missing_keys
SELECT id AS purchase, status FROM flash_sale_purchases
WHERE sale_id = $1 AND idempotency_key IS NULL AND status <> 'rejected';

-- name: ledger_gaps
SELECT purchase.id AS purchase, purchase.status, coalesce(sum(entry.delta), 0)::integer AS moved,
    count(entry.kind) AS entries
FROM flash_sale_purchases purchase LEFT JOIN flash_sale_ledger entry
    ON entry.purchase_id = purchase.id AND entry.item_id = purchase.item_id
WHERE purchase.sale_id = $1
GROUP BY purchase.id
HAVING (coalesce(sum(entry.delta), 0), count(entry.kind)) <> CASE
    WHEN purchase.status IN ('confirmed', 'reserved') THEN (purchase.quantity::bigint, 1::bigint)
    WHEN purchase.status = 'rejected' THEN (0::bigint, 0::bigint)
    ELSE (0::bigint, 2::bigint)
END;

-- name: ledger_sums
SELECT item.id AS item, item.sold, coalesce(sum(entry.delta), 0)::integer AS moved
FROM flash_sale_items item LEFT JOIN flash_sale_ledger entry ON entry.item_id = item.id
WHERE item.sale_id = $1
GROUP BY item.id HAVING item.sold <> coalesce(sum(entry.delta), 0);

-- name: out_of_time
SELECT purchase.id AS purchase, purchase.reserved_at
FROM flash_sale_purchases purchase JOIN flash_sales sale ON sale.id = purchase.sale_id
WHERE purchase.sale_id = $1 AND purchase.status <> 'rejected'
    AND (purchase.reserved_at < sale.starts_at - $2::interval OR purchase.reserved_at > sale.ends_at + $2::interval);

-- name: out_of_price
SELECT purchase.id AS purchase, purchase.unit_price_minor, purchase.reserved_at
FROM flash_sale_purchases purchase JOIN flash_sale_items item ON item.id = purchase.item_id
WHERE purchase.sale_id = $1 AND purchase.status <> 'rejected' AND NOT EXISTS (
    SELECT FROM unnest($3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
        AS terms (product_id, price, since, until)
    WHERE terms.product_id = item.product_id AND terms.price = purchase.unit_price_minor
        AND purchase.reserved_at >= terms.since - $2::interval
        AND (terms.until IS NULL OR purchase.reserved_at <= terms.until + $2::interval)
);

-- name: terms
SELECT entry.at, (item.terms ->> 'product_id')::uuid AS product_id, item.terms ->> 'sale_price' AS sale_price,
    item.terms ->> 'currency' AS currency, (item.terms ->> 'per_customer_limit')::integer AS customer_limit,
    (item.terms ->> 'allocated_stock')::integer AS allocated
FROM audit_log entry CROSS JOIN LATERAL json_array_elements(entry.after -> 'items') AS item (terms)
WHERE entry.object_kind = 'flash_sale' AND entry.object_id = $1::uuid::text
    AND entry.action IN ('flash_sale.create', 'flash_sale.replace')
ORDER BY entry.id;

-- name: dead_letters
SELECT letter.item_id AS item, letter.entry_id AS entry, letter.reason
FROM flash_sale_dead_letters letter JOIN flash_sale_items item ON item.id = letter.item_id
WHERE item.sale_id = $1 ORDER BY letter.id;

-- name: untold
SELECT item_id AS item, count(*) AS decisions_not_in_redis FROM flash_sale_purchases
WHERE sale_id = $1 AND redis_due IS NOT NULL GROUP BY item_id;

-- name: count_overdue
SELECT count(*)::integer FROM flash_sale_purchases
WHERE sale_id = $1 AND status = 'reserved' AND expires_at < clock_timestamp() - $2::interval;

-- name: named_purchases
SELECT id, customer_id, idempotency_key, status FROM flash_sale_purchases WHERE item_id = $1;

-- name: units_of_sale
SELECT item.id,
    coalesce(sum(purchase.quantity) FILTER (WHERE purchase.status = 'confirmed'), 0)::integer AS confirmed,
    coalesce(sum(purchase.quantity) FILTER (WHERE purchase.status = 'reserved'), 0)::integer AS reserved,
    item.retired_at IS NOT NULL AS is_retired
FROM flash_sale_items item LEFT JOIN flash_sale_purchases purchase ON purchase.item_id = item.id
WHERE item.sale_id = $1 GROUP BY item.id;

-- name: recoveries
SELECT recovery.reason, count(*)::integer AS times, count(*) FILTER (WHERE recovery.epoch > 1)::integer AS again
FROM flash_sale_recoveries recovery JOIN flash_sale_items item ON item.id = recovery.item_id
WHERE item.sale_id = $1 GROUP BY recovery.reason ORDER BY recovery.reason;

-- name: count_rejected
SELECT reason, count(*)::integer AS purchases FROM flash_sale_purchases
WHERE sale_id = $1 AND status = 'rejected' GROUP BY reason ORDER BY reason;
