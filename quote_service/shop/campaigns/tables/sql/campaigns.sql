-- name: insert_campaign
INSERT INTO campaigns (
    id, name, product_id, variant_id, currency, duration_hours, limit_percent, target_sales_count, starts_at, ends_at,
    status, next_step_at, created_by, created_at, changed_by, changed_at
) VALUES ($campaign.id, $campaign.name, $campaign.product_id, $campaign.variant_id, $campaign.currency, $campaign.duration,
    $campaign.price_manipulation_limit, $campaign.target_sales_count, $campaign.starts_at, $campaign.ends_at, 'scheduled',
    $campaign.starts_at, $campaign.created_by, $campaign.created_at, $campaign.created_by, $campaign.created_at);

-- name: campaign
SELECT id, name, product_id, variant_id, currency, duration_hours, limit_percent::text, target_sales_count, starts_at,
    ends_at, status, starting_price::text, last_price::text, stopped_at, version, created_by, created_at, changed_by,
    changed_at
FROM campaigns WHERE id = $1;

-- name: lock_campaign
SELECT id FROM campaigns WHERE id = $1 FOR UPDATE;

-- name: campaigns
SELECT id, name, product_id, variant_id, currency, duration_hours, limit_percent::text, target_sales_count, starts_at,
    ends_at, status, starting_price::text, last_price::text, stopped_at, version, created_by, created_at, changed_by,
    changed_at
FROM campaigns;

-- name: replace_terms
UPDATE campaigns SET name = $campaign.name, product_id = $campaign.product_id, variant_id = $campaign.variant_id,
    currency = $campaign.currency, duration_hours = $campaign.duration, limit_percent = $campaign.price_manipulation_limit,
    target_sales_count = $campaign.target_sales_count, starts_at = $campaign.starts_at, ends_at = $campaign.ends_at,
        next_step_at = $campaign.starts_at, version = version + 1, changed_by = $author,
    changed_at = $at
WHERE id = $campaign.id;

-- name: write_state
-- A new version only where something that is shown changes: not at each hour.
UPDATE campaigns AS c SET status = given.status, starting_price = given.starting_price, last_price = given.last_price,
    next_step_at = given.next_step_at, stopped_at = given.stopped_at,
    version = CASE WHEN given.is_shown THEN version + 1 ELSE version END,
    changed_by = CASE WHEN given.is_shown THEN given.author ELSE changed_by END,
    changed_at = CASE WHEN given.is_shown THEN given.at ELSE changed_at END
FROM (
    SELECT $2::text AS status, $3::numeric AS starting_price, $4::numeric AS last_price, $5::timestamptz AS next_step_at,
        $6::timestamptz AS stopped_at, $7::text AS author, $8::timestamptz AS at,
        EXISTS (
            SELECT 1 FROM campaigns WHERE id = $1 AND (status, starting_price) IS DISTINCT FROM ($2::text, $3::numeric)
        ) AS is_shown
) AS given
WHERE c.id = $1;

-- name: next_due
-- The campaign that is due first and that nobody has in hand. Of one product and currency only the first: it gives its
-- price back before the next one takes it for its starting price.
SELECT c.id, coalesce($1::timestamptz, statement_timestamp()) AS at
FROM campaigns AS c
WHERE c.next_step_at <= coalesce($1::timestamptz, statement_timestamp())
    AND ($2::uuid IS NULL OR c.id = $2) AND c.id <> ALL ($3::uuid[])
    AND NOT EXISTS (
        SELECT 1 FROM campaigns AS earlier
        WHERE earlier.next_step_at IS NOT NULL AND earlier.product_id = c.product_id AND earlier.currency = c.currency
            AND earlier.starts_at < c.starts_at
    )
ORDER BY c.next_step_at, c.id
LIMIT 1
FOR UPDATE OF c SKIP LOCKED;

-- name: seconds_to_next_step
SELECT extract(epoch FROM min(next_step_at) - statement_timestamp())::float8
FROM campaigns WHERE next_step_at IS NOT NULL;

-- name: find_clash
SELECT id, name FROM campaigns
WHERE status IN ('scheduled', 'active') AND id <> $1 AND product_id = $2 AND currency = $3
    AND tstzrange(starts_at, ends_at) && tstzrange($4, $5)
ORDER BY starts_at
LIMIT 1;

-- name: insert_hour
INSERT INTO campaign_hours (campaign_id, hour, sold, starting_price, price, held_by, decided_at)
VALUES ($campaign_id, $price.elapsed_hours, $price.sold, $starting, $becomes, $price.held_by, $at);

-- name: page_of_hours
SELECT hour, sold, starting_price::text, price::text, held_by FROM campaign_hours
WHERE campaign_id = $1 AND hour > $2
ORDER BY hour
LIMIT $3;

-- name: last_hours
SELECT hour, sold, starting_price::text, price::text, held_by FROM (
    SELECT hour, sold, starting_price, price, held_by FROM campaign_hours
    WHERE campaign_id = $1
    ORDER BY hour DESC
    LIMIT $2
) AS latest
ORDER BY hour;

-- name: count_by_status
SELECT status, count(*) AS campaigns FROM campaigns WHERE next_step_at IS NOT NULL GROUP BY status;

-- name: seconds_overdue
SELECT greatest(extract(epoch FROM statement_timestamp() - min(next_step_at)), 0)::float8
FROM campaigns WHERE next_step_at IS NOT NULL;

-- name: database_now
SELECT statement_timestamp();
