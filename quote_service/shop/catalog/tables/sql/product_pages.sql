-- One statement an order. Filters that are not given fold away when a statement is planned with its values, which
-- `plan_for_values` asks for: a plan for all values alike would read every product.

-- name: plan_for_values
SELECT set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: page_by_id
SELECT p.id, NULL::timestamptz AS updated_at, NULL::text AS price
FROM products AS p
WHERE ($1::uuid IS NULL OR p.category_id = $1)
  AND ($2::uuid IS NULL OR p.seller_id = $2)
  AND ($3::boolean IS NULL OR p.is_active = $3)
  AND ($4::text IS NULL OR p.search_words @@ product_search_query($4))
  AND ($5::text IS NULL OR p.id = (SELECT s.product_id FROM product_skus AS s WHERE s.sku = $5))
  AND $6::text IS NULL
  AND ($7::uuid IS NULL OR p.id > $7)
ORDER BY p.id
LIMIT $8;

-- name: page_by_currency
SELECT p.id, NULL::timestamptz AS updated_at, NULL::text AS price
FROM product_prices AS m JOIN products AS p ON p.id = m.product_id
WHERE m.variant_id IS NULL AND m.currency = $6
  AND ($7::uuid IS NULL OR m.product_id > $7)
  AND ($1::uuid IS NULL OR p.category_id = $1)
  AND ($2::uuid IS NULL OR p.seller_id = $2)
  AND ($3::boolean IS NULL OR p.is_active = $3)
  AND ($4::text IS NULL OR p.search_words @@ product_search_query($4))
  AND ($5::text IS NULL OR p.id = (SELECT s.product_id FROM product_skus AS s WHERE s.sku = $5))
ORDER BY m.product_id
LIMIT $8;

-- name: page_by_update
SELECT p.id, p.updated_at, NULL::text AS price
FROM products AS p
WHERE ($1::uuid IS NULL OR p.category_id = $1)
  AND ($2::uuid IS NULL OR p.seller_id = $2)
  AND ($3::boolean IS NULL OR p.is_active = $3)
  AND ($4::text IS NULL OR p.search_words @@ product_search_query($4))
  AND ($5::text IS NULL OR p.id = (SELECT s.product_id FROM product_skus AS s WHERE s.sku = $5))
  -- Not EXISTS, which may become a table of every product that has such a price.
  AND ($6::text IS NULL OR (SELECT true FROM product_prices AS m WHERE m.item_id = p.id AND m.currency = $6))
  AND p.updated_at > $9
  AND ($10::timestamptz IS NULL OR (p.updated_at, p.id) > ($10, $7::uuid))
ORDER BY p.updated_at, p.id
LIMIT $8;

-- name: page_by_price
SELECT p.id, NULL::timestamptz AS updated_at, m.current_price::text AS price
FROM product_prices AS m JOIN products AS p ON p.id = m.product_id
WHERE m.variant_id IS NULL AND m.currency = $6
  AND ($10::numeric IS NULL OR m.current_price >= $10)
  AND ($11::numeric IS NULL OR m.current_price <= $11)
  AND ($12::numeric IS NULL OR (m.current_price, m.product_id) > ($12, $7::uuid))
  AND ($1::uuid IS NULL OR p.category_id = $1)
  AND ($2::uuid IS NULL OR p.seller_id = $2)
  AND ($3::boolean IS NULL OR p.is_active = $3)
  AND ($4::text IS NULL OR p.search_words @@ product_search_query($4))
  AND ($5::text IS NULL OR p.id = (SELECT s.product_id FROM product_skus AS s WHERE s.sku = $5))
  AND ($9::timestamptz IS NULL OR p.updated_at > $9)
ORDER BY m.current_price, m.product_id
LIMIT $8;

-- name: words_of
SELECT words_of($1);

-- name: unknown_words
SELECT asked.word FROM unnest($1::text[]) AS asked (word)
WHERE length(asked.word) >= 3 AND asked.word !~ '[0-9]'
  AND NOT EXISTS (
      SELECT 1 FROM product_words AS known
      WHERE known.word >= asked.word COLLATE "C" AND known.word < (asked.word || U&'\+10FFFF') COLLATE "C"
  )
  AND NOT EXISTS (SELECT 1 FROM products AS p WHERE p.search_words @@ product_search_query(asked.word));

-- name: words_alike
SELECT words_alike($1);

-- name: page_of_ids
SELECT id FROM products WHERE id > $1 ORDER BY id LIMIT $2;
