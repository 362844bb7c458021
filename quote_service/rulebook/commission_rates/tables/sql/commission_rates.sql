-- Every writer takes the rulebook's lock first and its rows second, as the triggers do: the other way round two of them
-- could wait for each other. It is held to the end of the transaction, so what is read under it stays true.
-- Rows to write come as one JSON list, which is one round trip and one plan for a single rate and for ten thousand.

-- name: columns
-- The fields of a RateRecord.
id, seller_id, category_id, logistics_provider, commission_type, rate::text, min_amount::text, max_amount::text, tiers::text,
scope_of_rate(scope, commission_type, by_seller) AS scope, split::text, currency, region, effective_from, effective_to,
is_active, priority, on_refund, version, created_by, created_at, changed_by, changed_at;

-- name: incoming
jsonb_to_recordset($1::text::jsonb) AS incoming (
    position integer, id uuid, version integer, seller_id uuid, category_id uuid, logistics_provider text,
    commission_type text, rate numeric, min_amount numeric, max_amount numeric, tiers jsonb, scope text, by_seller boolean,
    split jsonb, currency text, region text, region_key text, effective_from timestamptz,
    effective_to timestamptz, is_active boolean, priority integer, on_refund text
);

-- name: lock_rulebook
SELECT version FROM rulebook_state FOR UPDATE;

-- name: read_rate
SELECT :columns
FROM commission_rates WHERE id = $1;

-- name: rates
SELECT :columns
FROM commission_rates WHERE id = ANY ($1::uuid[]);

-- name: insert_rates
INSERT INTO commission_rates (
    id, seller_id, category_id, logistics_provider, commission_type, rate, min_amount, max_amount, tiers, scope,
    by_seller, split, currency, region, region_key, effective_from, effective_to, is_active, priority, on_refund, created_by, created_at,
    changed_by, changed_at
)
SELECT
    id, seller_id, category_id, logistics_provider, commission_type, rate, min_amount, max_amount, tiers, scope,
    by_seller, split, currency, region, region_key, effective_from, effective_to, is_active, priority, on_refund, $2, $3, $2, $3
FROM :incoming
RETURNING :columns;

-- name: update_rates
-- One statement, so that rows may exchange their periods. A row that is no longer of the version that was read stays.
WITH written AS (
UPDATE commission_rates AS rate SET
    seller_id = incoming.seller_id,
    category_id = incoming.category_id,
    logistics_provider = incoming.logistics_provider,
    commission_type = incoming.commission_type,
    rate = incoming.rate,
    min_amount = incoming.min_amount,
    max_amount = incoming.max_amount,
    tiers = incoming.tiers,
    scope = incoming.scope,
    by_seller = incoming.by_seller,
    split = incoming.split,
    currency = incoming.currency,
    region = incoming.region,
    region_key = incoming.region_key,
    effective_from = incoming.effective_from,
    effective_to = incoming.effective_to,
    is_active = incoming.is_active,
    priority = incoming.priority,
    on_refund = incoming.on_refund,
    changed_by = $2,
    changed_at = $3
FROM :incoming
WHERE rate.id = incoming.id AND rate.version = incoming.version
RETURNING rate.*
)
SELECT :columns FROM written;

-- name: overlaps
-- The digest is that of the constraint commission_rates_no_overlap, letter by letter, so that its index serves.
SELECT DISTINCT ON (incoming.position) incoming.position, rate.id
FROM :incoming
JOIN commission_rates AS rate ON
    (md5(
        coalesce(rate.seller_id::text, '') || '|' || coalesce(rate.category_id::text, '') || '|'
        || coalesce(rate.currency, '') || '|' || rate.priority::text || '|' || length(rate.region_key)::text || '|' || rate.region_key
        || coalesce(rate.logistics_provider, '')
    )::uuid)
    = (md5(
        coalesce(incoming.seller_id::text, '') || '|' || coalesce(incoming.category_id::text, '') || '|'
        || coalesce(incoming.currency, '') || '|' || incoming.priority::text || '|' || length(incoming.region_key)::text || '|' || incoming.region_key
        || coalesce(incoming.logistics_provider, '')
    )::uuid)
    AND tstzrange(rate.effective_from, rate.effective_to) && tstzrange(incoming.effective_from, incoming.effective_to)
WHERE rate.is_active AND incoming.is_active AND rate.id <> ALL ($2::uuid[])
ORDER BY incoming.position, rate.id;

-- name: every_rate
SELECT :columns,
    region_key
FROM commission_rates;

-- name: page_of_versions
SELECT :columns
FROM commission_rates WHERE id = $1 AND ($2::integer IS NULL OR version < $2)
UNION ALL
SELECT :columns
FROM commission_rate_history WHERE id = $1 AND ($2::integer IS NULL OR version < $2)
ORDER BY version DESC
LIMIT $3;

-- name: read_rulebook_version
SELECT version FROM rulebook_state;

-- name: page_by_id
-- Rates are never removed: whatever there was in an earlier rulebook version is here, in this version or a later one.
SELECT :columns,
    changed_in
FROM commission_rates WHERE id > $1 ORDER BY id LIMIT $2;

-- name: versions_as_of
SELECT :columns
FROM commission_rate_history WHERE id = ANY ($1::uuid[]) AND changed_in <= $2 AND replaced_in > $2;

-- name: read_refund_rules
SELECT id, on_refund FROM commission_rates WHERE id = ANY ($1::uuid[]);
