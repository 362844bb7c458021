-- name: holds_products
SELECT EXISTS (SELECT FROM products);

-- name: holds_seed
SELECT EXISTS (SELECT FROM product_skus WHERE sku = $1) OR EXISTS (SELECT FROM customers WHERE id = $2);

-- name: holds_rules
SELECT EXISTS (SELECT FROM pricing_rules);

-- name: set_author
SELECT
    set_config('quote_service.price_actor', $1, true), set_config('quote_service.stock_actor', $1, true),
    set_config('quote_service.stock_reason', 'First count', true);

-- name: set_price_reason
SELECT
    set_config('quote_service.price_reason', $1, true), set_config('quote_service.price_note', $2, true),
    set_config('quote_service.price_at', $3, true), set_config('quote_service.stock_at', $3, true);

-- name: move_prices
UPDATE product_prices AS price SET current_price = moved.price
FROM unnest($1::uuid[], $2::numeric[]) AS moved (item_id, price)
WHERE price.item_id = moved.item_id AND price.currency = $3;

-- name: analyze
ANALYZE categories, sellers, products, product_variants, product_skus, product_prices, price_history, inventory,
    inventory_movements, customers, commission_rates, accepted_quotes (quote_id, customer_id, accepted_at),
    accepted_quote_lines (product_id, accepted_at);
