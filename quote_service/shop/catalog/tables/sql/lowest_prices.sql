-- name: read_lowest_prices
-- A sale is of a product with all its variants, so the most expensive bound of them counts; what a variant has not of its own is its
-- product's.
SELECT product_id, currency, max(min_price) FILTER (WHERE variant_id IS NULL OR 'min_price' = ANY (own)) AS min_price,
    max(cost_price) FILTER (WHERE variant_id IS NULL OR 'cost_price' = ANY (own)) AS cost_price
FROM product_prices
WHERE product_id = ANY ($1::uuid[])
GROUP BY product_id, currency;
