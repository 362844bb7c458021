-- name: oversold
SELECT item.id, item.allocated, item.sold, coalesce(sum(purchase.quantity), 0)::integer AS taken
FROM flash_sale_items item
LEFT JOIN flash_sale_purchases purchase
    ON purchase.item_id = item.id AND purchase.status IN ('confirmed', 'reserved')
WHERE item.sale_id = $1
GROUP BY item.id
HAVING item.sold > item.allocated OR coalesce(sum(purchase.quantity), 0) <> item.sold;

-- name: over_limit
SELECT item.id, purchase.customer_id, sum(purchase.quantity)::integer AS taken, coalesce(max(held.quantity), 0) AS counted
FROM flash_sale_items item
JOIN flash_sale_purchases purchase ON purchase.item_id = item.id AND purchase.status IN ('confirmed', 'reserved')
LEFT JOIN flash_sale_customers held ON held.item_id = item.id AND held.customer_id = purchase.customer_id
WHERE item.sale_id = $1
GROUP BY item.id, purchase.customer_id
HAVING sum(purchase.quantity) > item.per_customer_limit OR sum(purchase.quantity) <> coalesce(max(held.quantity), 0);

-- name: repeated_keys
SELECT customer_id, idempotency_key, count(*) AS purchases FROM flash_sale_purchases
WHERE sale_id = $1 AND idempotency_key IS NOT NULL
GROUP BY customer_id, idempotency_key HAVING count(*) > 1;

-- name: ledger_gaps
SELECT purchase.id, purchase.status, coalesce(sum(entry.delta), 0)::integer AS moved, count(entry.kind) AS entries
FROM flash_sale_purchases purchase LEFT JOIN flash_sale_ledger entry ON entry.purchase_id = purchase.id
WHERE purchase.sale_id = $1
GROUP BY purchase.id
HAVING (coalesce(sum(entry.delta), 0), count(entry.kind)) <> CASE
    WHEN purchase.status IN ('confirmed', 'reserved') THEN (purchase.quantity::bigint, 1::bigint)
    WHEN purchase.status = 'rejected' THEN (0::bigint, 0::bigint)
    ELSE (0::bigint, 2::bigint)
END;

-- name: ledger_sums
SELECT item.id, item.sold, coalesce(sum(entry.delta), 0)::integer AS moved
FROM flash_sale_items item LEFT JOIN flash_sale_ledger entry ON entry.item_id = item.id
WHERE item.sale_id = $1
GROUP BY item.id HAVING item.sold <> coalesce(sum(entry.delta), 0);

-- name: out_of_time
SELECT purchase.id, purchase.reserved_at
FROM flash_sale_purchases purchase JOIN flash_sales sale ON sale.id = purchase.sale_id
WHERE purchase.sale_id = $1 AND purchase.status <> 'rejected'
    AND (purchase.reserved_at < sale.starts_at - $2::interval OR purchase.reserved_at > sale.ends_at + $2::interval);

-- name: dead_letters
SELECT letter.entry_id, letter.reason
FROM flash_sale_dead_letters letter JOIN flash_sale_items item ON item.id = letter.item_id
WHERE item.sale_id = $1;

-- name: reserved
SELECT id FROM flash_sale_purchases WHERE item_id = $1 AND status = 'reserved';

-- name: recoveries
SELECT count(*)::integer FROM flash_sale_recoveries recovery JOIN flash_sale_items item ON item.id = recovery.item_id
WHERE item.sale_id = $1;

-- name: rejected
SELECT count(*)::integer FROM flash_sale_purchases WHERE sale_id = $1 AND status = 'rejected';
