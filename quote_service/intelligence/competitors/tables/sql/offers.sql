-- name: write_offers
-- What was seen of listings that the transaction holds. An observation is kept where it says something else than the one before
-- it, or a day later; what only repeats it confirms it. Of the same listing and instant the first that came stays.
WITH seen AS (
    SELECT *, lag(content) OVER former AS prior_content, lag(observed_at) OVER former AS prior_at
    FROM jsonb_to_recordset($1::text::jsonb) AS given (
        listing_id uuid, observation_id uuid, observed_at timestamptz, content text, currency text, price numeric,
        list_price numeric, shipping numeric, unit_price numeric, availability text, condition text, valid_until text,
        seller text, read_from text, excerpt text
    )
    WINDOW former AS (PARTITION BY listing_id ORDER BY observed_at)
), kept AS (
    SELECT seen.*, coalesce(seen.prior_content, now.content) IS DISTINCT FROM seen.content AS is_new
    FROM seen LEFT JOIN competitor_offers AS now ON now.listing_id = seen.listing_id
    WHERE coalesce(seen.prior_content, now.content) IS DISTINCT FROM seen.content
        OR (seen.prior_at IS NULL AND seen.observed_at < now.observed_at)
        OR seen.observed_at >= coalesce(seen.prior_at, now.recorded_at) + interval '1 day'
), written AS (
    INSERT INTO competitor_observations (
        id, listing_id, observed_at, received_at, currency, price, list_price, shipping, unit_price, availability, condition,
        valid_until, seller, read_from, excerpt, fetch_id
    )
    SELECT observation_id, listing_id, observed_at, $2, currency, price, list_price, shipping, unit_price, availability,
        condition, valid_until, seller, read_from, excerpt, $3
    FROM kept
    ON CONFLICT (listing_id, observed_at) DO NOTHING
    RETURNING id
), newest AS (
    SELECT DISTINCT ON (listing_id) * FROM seen ORDER BY listing_id, observed_at DESC
), recorded AS (
    SELECT DISTINCT ON (kept.listing_id) kept.listing_id, kept.observation_id, kept.observed_at
    FROM kept JOIN written ON written.id = kept.observation_id ORDER BY kept.listing_id, kept.observed_at DESC
), changed AS (
    SELECT DISTINCT ON (kept.listing_id) kept.listing_id, kept.observed_at
    FROM kept JOIN written ON written.id = kept.observation_id WHERE kept.is_new
    ORDER BY kept.listing_id, kept.observed_at DESC
), stood AS (
    INSERT INTO competitor_offers AS o (
        listing_id, observation_id, recorded_at, observed_at, confirmed_at, content, currency, price, list_price, shipping,
        unit_price, availability, condition, valid_until, seller, doubted_reason
    )
    SELECT n.listing_id, coalesce(r.observation_id, now.observation_id, n.observation_id),
        coalesce(r.observed_at, now.recorded_at, n.observed_at), coalesce(c.observed_at, now.observed_at, n.observed_at),
        n.observed_at, n.content, n.currency, n.price, n.list_price, n.shipping, n.unit_price, n.availability, n.condition,
        n.valid_until, n.seller, CASE WHEN c.listing_id IS NULL THEN now.doubted_reason END
    FROM newest AS n
    LEFT JOIN competitor_offers AS now ON now.listing_id = n.listing_id
    LEFT JOIN recorded AS r ON r.listing_id = n.listing_id
    LEFT JOIN changed AS c ON c.listing_id = n.listing_id
    ON CONFLICT (listing_id) DO UPDATE SET
        observation_id = excluded.observation_id, recorded_at = excluded.recorded_at, observed_at = excluded.observed_at,
        confirmed_at = excluded.confirmed_at, content = excluded.content, currency = excluded.currency,
        price = excluded.price, list_price = excluded.list_price, shipping = excluded.shipping,
        unit_price = excluded.unit_price, availability = excluded.availability, condition = excluded.condition,
        valid_until = excluded.valid_until, seller = excluded.seller, doubted_reason = excluded.doubted_reason
    WHERE excluded.confirmed_at > o.confirmed_at
)
SELECT count(*) FROM written;

-- name: confirm_offers
-- The source says that nothing has changed since it was last read; what it did not tell of then stays as old as it is.
UPDATE competitor_offers AS o SET confirmed_at = $2
FROM competitor_listings AS l JOIN competitor_sources AS s ON s.id = l.source_id
WHERE l.id = o.listing_id AND l.source_id = $1 AND o.confirmed_at < $2 AND o.confirmed_at >= s.last_ok_at;

-- name: observations
SELECT id, listing_id, observed_at, received_at, currency, price::text, list_price::text, shipping::text, unit_price::text, availability,
    condition, seller, read_from, excerpt, fetch_id, doubted_reason
FROM competitor_observations;

-- name: prices_now
SELECT * FROM competitor_prices_now
WHERE product_id = ANY ($1::uuid[]) AND ($2::text IS NULL OR currency = $2) AND ($3::uuid IS NULL OR competitor_id = $3)
ORDER BY product_id, competitor, listing_id;

-- name: history_of_products
SELECT l.product_id, l.variant_id, l.id AS listing_id, l.competitor_id, l.units::text AS units, o.id AS observation_id,
    o.observed_at, o.currency, o.price::text AS price, o.shipping::text AS shipping, o.availability, o.condition,
    o.doubted_reason
FROM competitor_listings AS l JOIN competitor_observations AS o ON o.listing_id = l.id
WHERE l.product_id = ANY ($1::uuid[]) AND o.observed_at >= $2 AND o.observed_at < $3
ORDER BY l.product_id, l.id, o.observed_at;

-- name: observations_by_id
-- Of listings that are matched and watched.
SELECT l.product_id, l.variant_id, l.id AS listing_id, l.competitor_id, l.units::text AS units, o.id AS observation_id,
    o.observed_at, o.currency, o.price::text AS price, o.shipping::text AS shipping, o.availability, o.condition,
    o.doubted_reason
FROM competitor_observations AS o
JOIN competitor_listings AS l ON l.id = o.listing_id
JOIN competitor_sources AS s ON s.id = l.source_id
JOIN competitors AS c ON c.id = l.competitor_id
WHERE o.id = ANY ($1::uuid[]) AND l.product_id IS NOT NULL AND s.is_enabled AND c.is_active
ORDER BY o.observed_at, o.id;

-- name: doubt_observation
WITH doubted AS (
    UPDATE competitor_observations SET doubted_reason = $2, doubted_at = statement_timestamp() WHERE id = $1 RETURNING id
), now AS (
    UPDATE competitor_offers SET doubted_reason = $2 WHERE observation_id = $1
)
SELECT count(*) FROM doubted;

-- name: forget_observations
-- The newest of a listing stays: without it nothing would say since when a price is what it is.
DELETE FROM competitor_observations WHERE ctid = ANY (ARRAY(
    SELECT o.ctid FROM competitor_observations AS o
    WHERE o.received_at < statement_timestamp() - make_interval(days => $1)
        AND NOT EXISTS (SELECT 1 FROM competitor_offers AS now WHERE now.observation_id = o.id)
    LIMIT $2
));
