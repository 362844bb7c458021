-- name: take_unchecked
-- The oldest first. Not yet those of the last seconds: who was writing a change then may still be about to commit it.
DELETE FROM honoured_unchecked
WHERE number IN (
    SELECT waiting.number FROM honoured_unchecked AS waiting
    JOIN accepted_quotes AS quote ON quote.quote_id = waiting.quote_id
    WHERE quote.accepted_at <= clock_timestamp() - make_interval(secs => $2)
    ORDER BY waiting.number LIMIT $1
)
RETURNING quote_id;

-- name: read_accepted
SELECT
    quote_id::text AS quote_id,
    currency,
    data,
    request,
    rulebook_version,
    epoch_us(issued_at) AS issued_at_us,
    epoch_us(accepted_at) AS accepted_at_us,
    total_minor,
    seller_commission_minor + category_commission_minor + logistics_commission_minor AS commission_minor
FROM accepted_quotes WHERE quote_id = ANY ($1::uuid[]) ORDER BY accepted_at, quote_id;

-- name: add_quotes
INSERT INTO honoured_quotes AS held
SELECT * FROM unnest(
    $1::timestamptz[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::bigint[], $10::bigint[]
)
ON CONFLICT (quarter, currency) DO UPDATE SET
    accepted = held.accepted + excluded.accepted,
    not_compared = held.not_compared + excluded.not_compared,
    changed = held.changed + excluded.changed,
    dearer = held.dearer + excluded.dearer,
    cheaper = held.cheaper + excluded.cheaper,
    cost_minor = held.cost_minor + excluded.cost_minor,
    gain_minor = held.gain_minor + excluded.gain_minor,
    commission_minor = held.commission_minor + excluded.commission_minor;

-- name: add_effects
INSERT INTO honoured_effects AS held
SELECT * FROM unnest(
    $1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[]
)
ON CONFLICT (quarter, currency, kind, key) DO UPDATE SET
    quotes = held.quotes + excluded.quotes,
    total_minor = held.total_minor + excluded.total_minor,
    commission_minor = held.commission_minor + excluded.commission_minor;

-- name: quotes
-- Days in UTC where they are whole, from $4 to before $5, and quarters of an hour at the edges.
SELECT currency, sum(accepted)::bigint AS accepted, sum(not_compared)::bigint AS not_compared, sum(changed)::bigint AS changed,
    sum(dearer)::bigint AS dearer, sum(cheaper)::bigint AS cheaper, sum(cost_minor)::bigint AS cost_minor,
    sum(gain_minor)::bigint AS gain_minor, sum(commission_minor)::bigint AS commission_minor
FROM (
    SELECT * FROM honoured_quotes WHERE quarter >= $1 AND quarter < $4
    UNION ALL SELECT * FROM honoured_quote_days WHERE day >= $4 AND day < $5
    UNION ALL SELECT * FROM honoured_quotes WHERE quarter >= $5 AND quarter < $2
) AS parts
WHERE $3::text IS NULL OR currency = $3
GROUP BY currency ORDER BY currency;

-- name: effects
-- The largest of each currency, and what all others come to, in a row without a kind.
WITH summed AS (
    SELECT currency, kind, key, sum(quotes)::bigint AS quotes, sum(total_minor)::bigint AS total_minor,
        sum(commission_minor)::bigint AS commission_minor
    FROM (
        SELECT * FROM honoured_effects WHERE quarter >= $1 AND quarter < $4
        UNION ALL SELECT * FROM honoured_effect_days WHERE day >= $4 AND day < $5
        UNION ALL SELECT * FROM honoured_effects WHERE quarter >= $5 AND quarter < $2
    ) AS parts
    WHERE $3::text IS NULL OR currency = $3
    GROUP BY currency, kind, key
), placed AS (
    SELECT summed.*, row_number() OVER (
        PARTITION BY currency ORDER BY abs(total_minor) DESC, abs(commission_minor) DESC, kind, key
    ) AS place
    FROM summed
)
SELECT currency, kind, key, quotes, total_minor, commission_minor, place FROM placed WHERE place <= $6
UNION ALL
SELECT currency, NULL, NULL, sum(quotes)::bigint, sum(total_minor)::bigint, sum(commission_minor)::bigint, $6 + 1
FROM placed WHERE place > $6 GROUP BY currency
ORDER BY currency, place;

-- name: remove_quotes
DELETE FROM honoured_quotes;

-- name: remove_effects
DELETE FROM honoured_effects;

-- name: remove_unchecked
DELETE FROM honoured_unchecked;

-- name: uncheck
INSERT INTO honoured_unchecked (quote_id) SELECT quote_id FROM accepted_quotes ORDER BY accepted_at, quote_id;

-- name: unchecked_since
-- Since when quotes wait, NULL where none does; and the present.
SELECT (
    SELECT min(quote.accepted_at) FROM (SELECT quote_id FROM honoured_unchecked ORDER BY number LIMIT 1000) AS waiting
    JOIN accepted_quotes AS quote ON quote.quote_id = waiting.quote_id
), clock_timestamp();
