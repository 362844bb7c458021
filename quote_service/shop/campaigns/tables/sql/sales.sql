-- name: sales_of_product
SELECT coalesce(sum(quantity), 0)::bigint AS units, coalesce(sum(net_minor), 0) AS turnover_minor
FROM accepted_quote_lines
WHERE product_id = $1 AND accepted_at >= $3 AND accepted_at < $4 AND currency = $2;

-- name: sales_of_variant
SELECT coalesce(sum(quantity), 0)::bigint AS units, coalesce(sum(net_minor), 0) AS turnover_minor
FROM accepted_quote_lines
WHERE product_id = $1 AND accepted_at >= $3 AND accepted_at < $4 AND currency = $2 AND variant_id = $5;
