-- name: write_reports
-- One that has an id counts once, whoever sends it again.
WITH given AS (
    SELECT *
    FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::timestamptz[], $5::text[])
        WITH ORDINALITY AS rows (customer_id, metric, total, at, id, place)
),
fresh AS (
    INSERT INTO experiment_metric_reports (reported_by, id, received_at)
    SELECT DISTINCT $6::text, id, now() FROM given WHERE id IS NOT NULL ORDER BY id
    ON CONFLICT (reported_by, id) DO NOTHING
    RETURNING id
),
counted AS (
    SELECT DISTINCT ON (coalesce(id, place::text), id IS NULL) customer_id, metric, total, at
    FROM given
    WHERE id IS NULL OR id IN (SELECT id FROM fresh)
    ORDER BY coalesce(id, place::text), id IS NULL, place
),
written AS (
    INSERT INTO experiment_outcomes_waiting (customer_id, metric, total, at, due_at)
    SELECT customer_id, metric, total, at, clock_timestamp() + interval '1 second'
    FROM counted
    WHERE NOT EXISTS (SELECT FROM customers AS c WHERE c.id = counted.customer_id AND c.erased_at IS NOT NULL)
)
SELECT count(*) FROM counted;
