-- name: write_listings
-- Those that are new, and those that are called otherwise now; the latter are looked for again unless a person has decided.
INSERT INTO competitor_listings AS l (
    id, source_id, competitor_id, external_id, title, brand, gtin, sku, url, pack_quantity, pack_unit, created_at, updated_at
)
SELECT id, $1, $2, external_id, title, brand, gtin, sku, url, pack_quantity, pack_unit, $4, $4
FROM jsonb_to_recordset($3::text::jsonb) AS given (
    id uuid, external_id text, title text, brand text, gtin text, sku text, url text, pack_quantity numeric, pack_unit text
)
ORDER BY external_id
ON CONFLICT (source_id, external_id) DO UPDATE SET
    title = coalesce(excluded.title, l.title), brand = coalesce(excluded.brand, l.brand),
    gtin = coalesce(excluded.gtin, l.gtin), sku = coalesce(excluded.sku, l.sku), url = coalesce(excluded.url, l.url),
    pack_quantity = coalesce(excluded.pack_quantity, l.pack_quantity), pack_unit = coalesce(excluded.pack_unit, l.pack_unit),
    is_match_due = l.is_match_due OR l.match_state IN ('unmatched', 'proposed'), updated_at = excluded.updated_at
WHERE (l.title, l.brand, l.gtin, l.sku, l.url, l.pack_quantity, l.pack_unit) IS DISTINCT FROM (
    coalesce(excluded.title, l.title), coalesce(excluded.brand, l.brand), coalesce(excluded.gtin, l.gtin),
    coalesce(excluded.sku, l.sku), coalesce(excluded.url, l.url), coalesce(excluded.pack_quantity, l.pack_quantity),
    coalesce(excluded.pack_unit, l.pack_unit)
);

-- name: part_from_products
-- What was matched by a number or an SKU that is another one now: it is looked for again, as if it were new.
UPDATE competitor_listings AS l SET match_state = 'unmatched', match_method = NULL, product_id = NULL, variant_id = NULL, units = 1,
    is_match_due = true, version = version + 1, updated_at = $3
FROM jsonb_to_recordset($2::text::jsonb) AS given (external_id text, gtin text, sku text)
WHERE l.source_id = $1 AND l.external_id = given.external_id
    AND (l.match_method = 'gtin' AND l.gtin <> given.gtin OR l.match_method = 'sku_map' AND l.sku <> given.sku);

-- name: known_product
-- What a page was called when it was last read, and what the product is called that it is matched to, or that its source names.
SELECT l.title, l.gtin, l.sku, p.name || coalesce(' ' || v.name, '') AS our_name,
    coalesce(product_gtins(v.attributes), product_gtins(p.attributes), '{}') AS our_gtins
FROM competitor_sources AS s
LEFT JOIN competitor_listings AS l ON l.source_id = s.id AND l.external_id = $2
LEFT JOIN products AS p ON p.id = coalesce(l.product_id, $3::uuid)
LEFT JOIN product_variants AS v ON v.product_id = p.id
    AND v.id = CASE WHEN l.product_id IS NULL THEN $4::uuid ELSE l.variant_id END
WHERE s.id = $1;

-- name: ids_of_listings
-- In one order, so that two writers of the same offers never wait for each other.
SELECT id, external_id FROM competitor_listings WHERE source_id = $1 AND external_id = ANY ($2::text[])
ORDER BY id FOR NO KEY UPDATE;

-- name: match_by_source
UPDATE competitor_listings SET match_state = 'matched', match_method = 'source', product_id = $page.product_id,
    variant_id = $page.variant_id, units = $page.units,
    proposals = '[]', is_match_due = false, version = version + 1, updated_at = $at
WHERE source_id = $source_id AND external_id = $page.url AND match_state <> 'ignored' AND match_method IS DISTINCT FROM 'person'
    AND ($is_said_now OR coalesce($page.variant_id::uuid, $page.product_id::uuid) <> ALL (rejected))
    AND (product_id, variant_id, units, match_method) IS DISTINCT FROM ($page.product_id, $page.variant_id, $page.units,
        'source');

-- name: match_by_sku
UPDATE competitor_listings AS l SET match_state = 'matched', match_method = 'sku_map', product_id = m.product_id,
    variant_id = m.variant_id, units = m.units, proposals = '[]', is_match_due = false, version = l.version + 1, updated_at = $3
FROM competitor_skus AS m
WHERE m.competitor_id = l.competitor_id AND m.their_sku = l.sku AND l.competitor_id = $1
    AND ($2::uuid[] IS NULL OR l.id = ANY ($2))
    AND (l.match_state IN ('unmatched', 'proposed') OR l.match_method IN ('sku_map', 'gtin'))
    AND coalesce(m.variant_id, m.product_id) <> ALL (l.rejected)
    AND (l.product_id, l.variant_id, l.units, l.match_method)
        IS DISTINCT FROM (m.product_id, m.variant_id, m.units, 'sku_map');

-- name: match_by_gtin
-- Where exactly one product or variant of ours has the number; a variant that has it is meant, and not its product.
WITH waiting AS (
    SELECT id, gtin, rejected FROM competitor_listings
    WHERE id = ANY ($1::uuid[]) AND gtin IS NOT NULL AND match_state IN ('unmatched', 'proposed')
), found AS (
    SELECT w.id, p.id AS product_id, NULL::uuid AS variant_id
    FROM waiting AS w JOIN products AS p ON product_gtins(p.attributes) @> ARRAY[w.gtin]
    WHERE p.id <> ALL (w.rejected)
    UNION ALL
    SELECT w.id, v.product_id, v.id
    FROM waiting AS w JOIN product_variants AS v ON product_gtins(v.attributes) @> ARRAY[w.gtin]
    WHERE v.place IS NOT NULL AND v.id <> ALL (w.rejected)
), meant AS (
    SELECT * FROM found AS f
    WHERE f.variant_id IS NOT NULL
        OR NOT EXISTS (SELECT 1 FROM found AS g WHERE g.id = f.id AND g.product_id = f.product_id AND g.variant_id IS NOT NULL)
), single AS (
    SELECT id, min(product_id::text)::uuid AS product_id, min(variant_id::text)::uuid AS variant_id
    FROM meant GROUP BY id HAVING count(*) = 1
)
UPDATE competitor_listings AS l SET match_state = 'matched', match_method = 'gtin', product_id = single.product_id,
    variant_id = single.variant_id, units = 1, proposals = '[]', is_match_due = false, version = l.version + 1, updated_at = $2
FROM single WHERE l.id = single.id;

-- name: waiting_for_proposals
SELECT id, title, brand, gtin, rejected, proposals::text AS proposals, updated_at FROM competitor_listings
WHERE is_match_due AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2;

-- name: candidates
-- Products that share words with a name, those that share the most first; numbers and short words say too little to look by.
WITH words AS (
    SELECT DISTINCT word FROM unnest(words_of($1)) AS word WHERE length(word) >= 3 AND word !~ '^[0-9]+$' LIMIT 12
), query AS (
    SELECT string_agg('''' || word || '''', ' | ')::tsquery AS any_of FROM words
), found AS (
    SELECT p.id, p.name FROM products AS p, query
    WHERE query.any_of IS NOT NULL AND p.search_words @@ query.any_of AND p.is_active AND p.id <> ALL ($2::uuid[])
    ORDER BY ts_rank(p.search_words, query.any_of) DESC, p.id LIMIT 60
)
SELECT found.id AS product_id, NULL::uuid AS variant_id, found.name FROM found
UNION ALL
SELECT v.product_id, v.id, found.name || ' ' || v.name
FROM found JOIN product_variants AS v ON v.product_id = found.id
WHERE v.place IS NOT NULL AND v.id <> ALL ($2::uuid[])
LIMIT 300;

-- name: write_proposals
-- What was looked for of a listing as it was at $5. Those that are proposed already are no news, and where somebody has decided
-- meanwhile, or it is called otherwise, nothing is written: it is due still, or needs nothing.
UPDATE competitor_listings AS l SET is_match_due = false, looked_at = statement_timestamp(),
    proposals = CASE WHEN news.is_reported THEN $2::text::json ELSE l.proposals END,
    match_state = CASE WHEN NOT news.is_reported THEN l.match_state WHEN $3 THEN 'proposed' ELSE 'unmatched' END,
    updated_at = CASE WHEN news.is_reported THEN $4 ELSE l.updated_at END, version = l.version + news.is_reported::integer
FROM (
    SELECT match_state IN ('unmatched', 'proposed') AND proposals::text <> $2 AS is_reported
    FROM competitor_listings WHERE id = $1
) AS news
WHERE l.id = $1 AND l.updated_at = $5;

-- name: look_again
UPDATE competitor_listings SET is_match_due = true WHERE id = ANY (ARRAY(
    SELECT id FROM competitor_listings
    WHERE match_state IN ('unmatched', 'proposed') AND NOT is_match_due
        AND looked_at < statement_timestamp() - interval '1 day'
    LIMIT $1
));

-- name: decide_listing
UPDATE competitor_listings SET match_state = $decided.state, match_method = $decided.method, product_id = $decided.product_id,
    variant_id = $decided.variant_id, units = $decided.units::text::numeric,
    proposals = $decided.proposals::text::json, rejected = $decided.rejected, is_match_due = $decided.is_match_due,
        matched_by = $author, matched_at = $at, updated_at = $at,
    version = version + 1
WHERE id = $listing_id;

-- name: lock_listing
SELECT rejected FROM competitor_listings WHERE id = $1 FOR NO KEY UPDATE;

-- name: read_listing
SELECT * FROM competitor_listings_shown WHERE id = $1;

-- name: listings
SELECT * FROM competitor_listings_shown;

-- name: count_by_state
SELECT match_state, count(*) AS listings FROM competitor_listings GROUP BY 1;
