-- Why: words in names are found among a million rows without reading them all, and lists are sorted by name and by last change on
--   an index. A server without pg_trgm reads the table for a word, as it did before.
-- Locks: each table against writers while its indexes are made: about 10 s for each million rows.
-- Undo: drop the indexes below.

CREATE INDEX sellers_name_page ON sellers (lower(name), id);
CREATE INDEX sellers_created_page ON sellers (created_at, id);
CREATE INDEX sellers_updated_page ON sellers (updated_at, id);
CREATE INDEX customers_created_page ON customers (created_at, id);

DO $do$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX sellers_words ON sellers USING gin (
            name gin_trgm_ops, external_ref gin_trgm_ops, region gin_trgm_ops
        );
        CREATE INDEX customers_words ON customers USING gin (external_ref gin_trgm_ops, email gin_trgm_ops);
        CREATE INDEX competitor_listings_words ON competitor_listings USING gin (
            title gin_trgm_ops, brand gin_trgm_ops, gtin gin_trgm_ops, sku gin_trgm_ops, external_id gin_trgm_ops
        );
    END IF;
END $do$;
