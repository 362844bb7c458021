-- name: steered_price
-- A price that is not the variant's own is its product's, and follows that.
SELECT current_price::text, min_price::text, max_price::text
FROM product_prices
WHERE item_id = $1 AND currency = $2 AND (variant_id IS NULL OR 'current_price' = ANY (own));
