-- name: try_lock_fold
SELECT pg_try_advisory_xact_lock(hashtextextended('analytics fold of ' || $1, 0));
-- name: take_zone
UPDATE analytics_state SET time_zone = $1 WHERE time_zone IS NULL;
-- name: zone
SELECT time_zone FROM analytics_state;
-- name: folded_sources
SELECT source, folded_below::text AS folded_below, folded_at FROM analytics_folds;
-- name: fold_horizon
SELECT coalesce((SELECT folded_below FROM analytics_folds WHERE source = $1), '0'::xid8)::text AS folded_below,
    pg_snapshot_xmin(pg_current_snapshot())::text AS foldable_below;
-- name: note_fold
INSERT INTO analytics_folds (source, folded_below, folded_at)
VALUES ($1, coalesce($2::text::xid8, '0'), transaction_timestamp())
ON CONFLICT (source) DO UPDATE SET
    folded_below = coalesce($2::text::xid8, analytics_folds.folded_below), folded_at = excluded.folded_at;
