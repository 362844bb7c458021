-- name: counts
SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM order_lines) AS lines;

-- name: posted
WITH expected AS (
    SELECT id AS order_id, 'customer' AS account, customer_id AS party_id, -total_minor AS amount FROM orders
    UNION ALL
    SELECT o.id, part.account, seller.seller_id, part.amount
    FROM orders AS o
        CROSS JOIN LATERAL json_to_recordset(o.sellers) AS seller (
            seller_id uuid, platform_discount_minor bigint, exclusive_tax_minor bigint, commission_minor bigint,
            commission_tax json, payout_minor bigint
        )
        CROSS JOIN LATERAL (
            SELECT coalesce((seller.commission_tax ->> 'amount_minor')::bigint, 0) AS tax,
                coalesce((seller.commission_tax ->> 'is_inclusive')::boolean, false) AS is_inclusive
        ) AS taxed
        CROSS JOIN LATERAL (VALUES
            ('seller', seller.payout_minor),
            ('commission', seller.commission_minor - CASE WHEN taxed.is_inclusive THEN taxed.tax ELSE 0 END),
            ('commission_tax', taxed.tax),
            ('sales_tax', seller.exclusive_tax_minor),
            ('platform_discounts', -seller.platform_discount_minor)
        ) AS part (account, amount)
    UNION ALL
    SELECT id, 'sales_tax', NULL, fee_exclusive_tax_minor FROM orders
    UNION ALL
    SELECT id, 'delivery', NULL, delivery_fee_minor + small_basket_fee_minor FROM orders
), wanted AS (
    SELECT order_id, account, party_id, sum(amount) AS amount FROM expected
    GROUP BY order_id, account, party_id HAVING sum(amount) <> 0
), found AS (
    SELECT t.source_id AS order_id, line.account, line.party_id, sum(line.amount_minor) AS amount
    FROM ledger_transactions AS t
        JOIN orders AS o ON o.id = t.source_id
        CROSS JOIN LATERAL unnest(t.accounts, t.party_ids, t.amounts_minor) AS line (account, party_id, amount_minor)
    WHERE t.kind = 'order'
    GROUP BY t.source_id, line.account, line.party_id HAVING sum(line.amount_minor) <> 0
)
SELECT format('order %s: %s of %s is %s in the ledger, and should be %s', coalesce(wanted.order_id, found.order_id),
    coalesce(wanted.account, found.account), coalesce(wanted.party_id::text, found.party_id::text, 'nobody'),
    coalesce(found.amount, 0), coalesce(wanted.amount, 0)) AS detail
FROM wanted FULL JOIN found ON found.order_id = wanted.order_id AND found.account = wanted.account
    AND coalesce(found.party_id, '00000000-0000-0000-0000-000000000000')
        = coalesce(wanted.party_id, '00000000-0000-0000-0000-000000000000')
WHERE wanted.amount IS DISTINCT FROM found.amount
ORDER BY 1 LIMIT $1;

-- name: cancelled
WITH entries AS (
    SELECT t.source_id, line.account, line.party_id, sum(line.amount_minor) AS amount,
        bool_or(t.kind = 'cancellation') AS is_cancelled
    FROM ledger_transactions AS t
        CROSS JOIN LATERAL unnest(t.accounts, t.party_ids, t.amounts_minor) AS line (account, party_id, amount_minor)
    WHERE t.kind IN ('order', 'cancellation')
    GROUP BY t.source_id, line.account, line.party_id
)
SELECT format('order %s is %s: of %s of %s is left %s', o.id, o.status, e.account, coalesce(e.party_id::text, 'nobody'),
    e.amount) AS detail
FROM orders AS o JOIN entries AS e ON e.source_id = o.id
WHERE CASE WHEN o.status = 'cancelled' THEN e.amount <> 0 ELSE e.is_cancelled END
ORDER BY 1 LIMIT $1;

-- name: source
SELECT format('transaction %s (%s) is of %s: there is no such order', id, kind, source_id) AS detail
FROM ledger_transactions AS t
WHERE kind IN ('order', 'cancellation') AND NOT EXISTS (SELECT FROM orders AS o WHERE o.id = t.source_id)
ORDER BY 1 LIMIT $1;

-- name: lines
WITH of_order AS (
    SELECT order_id, count(*) AS lines, max(line_id) AS last_line, sum(quantity) AS quantity, sum(total_minor) AS total,
        sum(discount_minor) AS discount, sum(tax_minor) FILTER (WHERE NOT is_tax_included) AS exclusive_tax,
        sum(tax_minor) FILTER (WHERE is_tax_included) AS inclusive_tax
    FROM order_lines GROUP BY order_id
), of_seller AS (
    SELECT order_id, seller_id, sum(total_minor) AS total, sum(seller_discount_minor) AS discount
    FROM order_lines GROUP BY order_id, seller_id
), sellers AS (
    SELECT o.id AS order_id, seller.seller_id, seller.item_total_minor AS total, seller.seller_discount_minor AS discount
    FROM orders AS o CROSS JOIN LATERAL json_to_recordset(o.sellers)
        AS seller (seller_id uuid, item_total_minor bigint, seller_discount_minor bigint)
)
SELECT format('order %s: its %s lines come to %s units, %s less %s, tax %s and %s', coalesce(o.id, l.order_id),
    coalesce(l.lines, 0), l.quantity, l.total, l.discount, coalesce(l.exclusive_tax, 0), coalesce(l.inclusive_tax, 0)) AS detail
FROM orders AS o FULL JOIN of_order AS l ON l.order_id = o.id
WHERE (o.quantity, o.item_total_minor, o.discount_minor, o.exclusive_tax_minor - o.fee_exclusive_tax_minor,
        o.inclusive_tax_minor - o.fee_inclusive_tax_minor)
    IS DISTINCT FROM (l.quantity, l.total, l.discount, coalesce(l.exclusive_tax, 0), coalesce(l.inclusive_tax, 0))
    OR l.lines IS DISTINCT FROM l.last_line
UNION ALL
SELECT format('order %s: the lines of seller %s come to %s less %s, and the seller has %s less %s',
    coalesce(l.order_id, s.order_id), coalesce(l.seller_id, s.seller_id), l.total, l.discount, s.total, s.discount)
FROM of_seller AS l FULL JOIN sellers AS s ON s.order_id = l.order_id AND s.seller_id = l.seller_id
WHERE (l.total, l.discount) IS DISTINCT FROM (s.total, s.discount)
ORDER BY 1 LIMIT $1;

-- name: refunds
WITH expected AS (
    SELECT r.id AS refund_id, 'customer' AS account, o.customer_id AS party_id, r.total_minor AS amount
    FROM order_refunds AS r JOIN orders AS o ON o.id = r.order_id
    UNION ALL
    SELECT r.id, part.account, seller.seller_id, part.amount
    FROM order_refunds AS r
        CROSS JOIN LATERAL json_to_recordset(r.sellers) AS seller (
            seller_id uuid, goods_minor bigint, exclusive_tax_minor bigint, platform_discount_minor bigint,
            commission_minor bigint, commission_tax_minor bigint, is_commission_tax_inclusive boolean
        )
        CROSS JOIN LATERAL (
            SELECT CASE WHEN seller.is_commission_tax_inclusive THEN seller.commission_tax_minor ELSE 0 END AS contained
        ) AS taxed
        CROSS JOIN LATERAL (VALUES
            ('seller', seller.commission_minor - taxed.contained + seller.commission_tax_minor
                - seller.goods_minor - seller.platform_discount_minor),
            ('commission', taxed.contained - seller.commission_minor),
            ('commission_tax', -seller.commission_tax_minor),
            ('sales_tax', -seller.exclusive_tax_minor),
            ('platform_discounts', seller.platform_discount_minor)
        ) AS part (account, amount)
    UNION ALL
    SELECT id, 'sales_tax', NULL, -fee_exclusive_tax_minor FROM order_refunds
    UNION ALL
    SELECT id, 'delivery', NULL, -delivery_fee_minor - small_basket_fee_minor FROM order_refunds
), wanted AS (
    SELECT refund_id, account, party_id, sum(amount) AS amount FROM expected
    GROUP BY refund_id, account, party_id HAVING sum(amount) <> 0
), found AS (
    SELECT t.source_id AS refund_id, line.account, line.party_id, sum(line.amount_minor) AS amount
    FROM ledger_transactions AS t
        CROSS JOIN LATERAL unnest(t.accounts, t.party_ids, t.amounts_minor) AS line (account, party_id, amount_minor)
    WHERE t.kind = 'refund'
    GROUP BY t.source_id, line.account, line.party_id HAVING sum(line.amount_minor) <> 0
)
SELECT format('refund %s: %s of %s is %s in the ledger, and should be %s', coalesce(wanted.refund_id, found.refund_id),
    coalesce(wanted.account, found.account), coalesce(wanted.party_id::text, found.party_id::text, 'nobody'),
    coalesce(found.amount, 0), coalesce(wanted.amount, 0)) AS detail
FROM wanted FULL JOIN found ON found.refund_id = wanted.refund_id AND found.account = wanted.account
    AND coalesce(found.party_id, '00000000-0000-0000-0000-000000000000')
        = coalesce(wanted.party_id, '00000000-0000-0000-0000-000000000000')
WHERE wanted.amount IS DISTINCT FROM found.amount
ORDER BY 1 LIMIT $1;

-- name: refunded
WITH of_lines AS (
    SELECT r.refund_id, sum(r.goods_minor + CASE WHEN l.is_tax_included THEN 0 ELSE r.tax_minor END) AS total
    FROM order_refund_lines AS r JOIN order_lines AS l USING (order_id, line_id) GROUP BY r.refund_id
), of_order AS (
    SELECT order_id, sum(delivery_fee_minor) AS delivery, sum(small_basket_fee_minor) AS small_basket,
        sum(fee_exclusive_tax_minor) AS exclusive_tax, sum(fee_inclusive_tax_minor) AS inclusive_tax
    FROM order_refunds GROUP BY order_id
), units AS (
    SELECT order_id, sum(quantity) AS quantity FROM order_refund_lines GROUP BY order_id
), worse AS (
    SELECT l.order_id, l.line_id, l.quantity, sum(r.quantity) AS refunded
    FROM order_refund_lines AS r JOIN order_lines AS l USING (order_id, line_id)
    GROUP BY l.order_id, l.line_id HAVING sum(r.quantity) > l.quantity
)
SELECT format('refund %s: its lines and fees come to %s, and it to %s', r.id,
    coalesce(l.total, 0) + r.delivery_fee_minor + r.small_basket_fee_minor + r.fee_exclusive_tax_minor, r.total_minor) AS detail
FROM order_refunds AS r LEFT JOIN of_lines AS l ON l.refund_id = r.id
WHERE r.total_minor
    <> coalesce(l.total, 0) + r.delivery_fee_minor + r.small_basket_fee_minor + r.fee_exclusive_tax_minor
UNION ALL
SELECT format('order %s: of line %s are refunded %s units of %s', order_id, line_id, refunded, quantity) FROM worse
UNION ALL
SELECT format('order %s is %s: refunded are %s units of %s, and fees %s of %s', o.id, o.status, coalesce(u.quantity, 0),
    o.quantity, coalesce(f.delivery + f.small_basket, 0), o.delivery_fee_minor + o.small_basket_fee_minor)
FROM orders AS o LEFT JOIN of_order AS f ON f.order_id = o.id LEFT JOIN units AS u ON u.order_id = o.id
WHERE CASE
    WHEN f.order_id IS NULL THEN o.status IN ('partly_refunded', 'refunded')
    WHEN (u.quantity, f.delivery, f.small_basket, f.exclusive_tax, f.inclusive_tax) IS NOT DISTINCT FROM
        (o.quantity, o.delivery_fee_minor, o.small_basket_fee_minor, o.fee_exclusive_tax_minor, o.fee_inclusive_tax_minor)
        THEN o.status <> 'refunded'
    ELSE o.status <> 'partly_refunded'
END
ORDER BY 1 LIMIT $1;
