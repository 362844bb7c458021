-- Why: what the analytics of flash sales ask for.
--   flash_sale_views: quotes that showed a sale price, by item and minute; every process adds what it has counted.
--   accepted_quote_lines: what was sold of a product before a sale, without reading whole quotes. A trigger writes it with
--   the quote; the key holds all columns, so that a product's days are read from it alone.
--   flash_sale_items_by_product: the earlier sales of a product.
-- Locks: accepted_quotes and flash_sale_items against writing while it runs. It reads the quotes that were accepted from
--   seven days before the first sale on (seven days before now where there is none): earlier ones are never asked for.
-- Undo: drop table flash_sale_views, accepted_quote_lines; drop function keep_accepted_lines cascade;
--   drop index flash_sale_items_by_product.

CREATE TABLE flash_sale_views (
    -- Items of a sale that has not begun are written anew when it is replaced.
    item_id bigint NOT NULL REFERENCES flash_sale_items (id) ON DELETE CASCADE,
    minute timestamptz NOT NULL,
    views bigint NOT NULL CHECK (views > 0),
    PRIMARY KEY (item_id, minute)
);

CREATE INDEX flash_sale_items_by_product ON flash_sale_items (product_id);

CREATE TABLE accepted_quote_lines (
    quote_id uuid NOT NULL,
    line integer NOT NULL CHECK (line >= 1),
    product_id uuid NOT NULL,
    accepted_at timestamptz NOT NULL,
    currency text NOT NULL,
    quantity integer NOT NULL CHECK (quantity >= 1),
    -- What the line costs after discounts, in minor units.
    net_minor bigint NOT NULL,
    price_source text NOT NULL,
    PRIMARY KEY (product_id, accepted_at, quote_id, line) INCLUDE (currency, quantity, net_minor, price_source)
);

-- The statement stands here by itself and not in a function of its own: calling one doubles what it costs an accept.
CREATE FUNCTION keep_accepted_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accepted_quote_lines (
        quote_id, line, product_id, accepted_at, currency, quantity, net_minor, price_source
    )
    SELECT NEW.quote_id, item.line, item.product_id, NEW.accepted_at, NEW.currency, item.quantity,
        (item.line_total - item.discount_amount) * 10 ^ NEW.exponent::numeric, item.price_source
    FROM ROWS FROM (
        json_to_recordset(convert_from(NEW.data, 'UTF8')::json -> 'items') AS (
            product_id uuid, quantity integer, line_total numeric, discount_amount numeric, price_source text
        )
    ) WITH ORDINALITY AS item (product_id, quantity, line_total, discount_amount, price_source, line);
    RETURN NULL;
END $$;

CREATE TRIGGER keep_lines AFTER INSERT ON accepted_quotes FOR EACH ROW EXECUTE FUNCTION keep_accepted_lines();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON accepted_quote_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON accepted_quote_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO accepted_quote_lines (quote_id, line, product_id, accepted_at, currency, quantity, net_minor, price_source)
SELECT quote.quote_id, item.line, item.product_id, quote.accepted_at, quote.currency, item.quantity,
    (item.line_total - item.discount_amount) * 10 ^ quote.exponent::numeric, item.price_source
FROM accepted_quotes quote
CROSS JOIN LATERAL ROWS FROM (
    json_to_recordset(convert_from(quote.data, 'UTF8')::json -> 'items') AS (
        product_id uuid, quantity integer, line_total numeric, discount_amount numeric, price_source text
    )
) WITH ORDINALITY AS item (product_id, quantity, line_total, discount_amount, price_source, line)
WHERE quote.accepted_at >= least(now(), (SELECT min(starts_at) FROM flash_sales)) - interval '7 days';
