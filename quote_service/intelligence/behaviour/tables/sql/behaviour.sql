-- name: add_quarters
-- In order, so that two consumers never wait for each other.
INSERT INTO product_behaviour_hours AS h (
    product_id, hour, views, searches, carts, cart_units, purchases, purchase_units, is_whole_hour
)
SELECT given.*, false FROM unnest(
    $1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]
) AS given (product_id, hour, views, searches, carts, cart_units, purchases, purchase_units)
ORDER BY product_id, hour
ON CONFLICT (product_id, hour) DO UPDATE SET
    views = h.views + excluded.views, searches = h.searches + excluded.searches, carts = h.carts + excluded.carts,
    cart_units = h.cart_units + excluded.cart_units, purchases = h.purchases + excluded.purchases,
    purchase_units = h.purchase_units + excluded.purchase_units;

-- name: days_of_products
-- By the local day in which the quarter of an hour begins.
SELECT product_id, (hour AT TIME ZONE $4)::date AS day, sum(views)::bigint AS views, sum(carts)::bigint AS carts
FROM product_behaviour_hours
WHERE product_id = ANY ($1::uuid[]) AND hour >= $2 AND hour < $3
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: points_of_product
-- By the last of the given instants at or before the quarter of an hour. What an earlier release kept by whole hours is exact unless one
-- of the instants lies within the hour.
SELECT ($3::timestamptz[])[width_bucket(hour, $3)] AS at, sum(views)::bigint AS views, sum(searches)::bigint AS searches,
    sum(carts)::bigint AS carts, sum(cart_units)::bigint AS cart_units, sum(purchases)::bigint AS purchases,
    sum(purchase_units)::bigint AS purchase_units,
    NOT bool_or(is_whole_hour AND width_bucket(hour, $3) <> width_bucket(hour + interval '45 minutes', $3)) AS is_exact
FROM product_behaviour_hours
WHERE product_id = $1 AND hour >= ($3::timestamptz[])[1] AND hour < $2
GROUP BY 1 ORDER BY 1;

-- name: ranked_products
SELECT product_id, sum(views)::bigint AS views, sum(searches)::bigint AS searches, sum(carts)::bigint AS carts,
    sum(cart_units)::bigint AS cart_units, sum(purchases)::bigint AS purchases, sum(purchase_units)::bigint AS purchase_units
FROM product_behaviour_hours
WHERE hour >= $1 AND hour < $2
GROUP BY product_id
ORDER BY CASE $3 WHEN 'views' THEN sum(views) WHEN 'searches' THEN sum(searches) WHEN 'carts' THEN sum(carts)
    ELSE sum(purchases) END DESC, product_id
LIMIT $4;

-- name: known_products
SELECT id FROM products WHERE id = ANY ($1::uuid[]);

-- name: forget_hours
DELETE FROM product_behaviour_hours WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM product_behaviour_hours WHERE hour < statement_timestamp() - make_interval(days => $1) LIMIT $2
));
