-- name: first_to_cluster
-- The oldest day of any of these cubes that does not lie by key yet.
SELECT each.cube, first.day
FROM unnest($2::text[]) AS each (cube)
LEFT JOIN analytics_clusters AS held ON held.source = $1 AND held.cube = each.cube
CROSS JOIN LATERAL (
    SELECT min(period) AS day FROM analytics_rollups
    WHERE cube = each.cube AND grain = 'day' AND period >= coalesce(held.clustered_until, '-infinity')
) AS first
WHERE first.day IS NOT NULL
ORDER BY first.day, each.cube
LIMIT 1;

-- name: many_rows
SELECT count(*) FROM (
    SELECT FROM analytics_rollups WHERE cube = $1 AND grain = 'day' AND period >= $2 AND period < $3 LIMIT $4
) AS found;

-- name: say_rows_are_moved
SET LOCAL analytics.rows_are_moved = 'on';

-- name: lay_by_key
-- The second key first: cubes of rules and flags are asked by it, and it has fewer values.
WITH taken AS (
    DELETE FROM analytics_rollups WHERE cube = $1 AND grain = 'day' AND period >= $2 AND period < $3 RETURNING *
)
INSERT INTO analytics_rollups SELECT * FROM taken ORDER BY key_b, key_a, currency, period;

-- name: note_clustered
INSERT INTO analytics_clusters (source, cube, clustered_until) VALUES ($table.source, $cube, $until)
ON CONFLICT (source, cube) DO UPDATE SET clustered_until = excluded.clustered_until;

-- name: forget_clusters
DELETE FROM analytics_clusters;
