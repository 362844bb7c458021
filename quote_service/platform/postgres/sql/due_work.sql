-- name: try_to_lead
-- Held by the session, so that it goes with whoever looks.
SELECT pg_try_advisory_lock(hashtextextended('due work', 0));

-- name: look
-- Which loops have something to do now, or within the second. Each line is one look into an index, or at a table that is nearly
-- always empty, and says what its loop asks for when its turn comes.
SELECT pg_notify('due_work', concat_ws(' ',
    CASE WHEN EXISTS (SELECT FROM price_changes WHERE status = 'scheduled' AND effective_at <= soon) THEN 'price_schedule' END,
    CASE WHEN EXISTS (SELECT FROM campaigns WHERE next_step_at <= soon) THEN 'campaigns' END,
    CASE WHEN EXISTS (SELECT FROM change_sets WHERE status = 'scheduled' AND publish_at <= soon) THEN 'change_sets' END,
    CASE WHEN EXISTS (SELECT FROM price_experiments WHERE state = 'running') THEN 'price_experiments' END,
    CASE WHEN EXISTS (SELECT FROM product_imports WHERE status IN ('queued', 'running')) THEN 'product_imports' END,
    CASE WHEN EXISTS (SELECT FROM reservations WHERE status = 'held' AND held_until <= soon) THEN 'reservation_sweep' END,
    CASE WHEN EXISTS (SELECT FROM analytics_uncounted) THEN 'sales_counting' END,
    CASE WHEN EXISTS (SELECT FROM honoured_unchecked) THEN 'honoured_prices' END,
    CASE WHEN EXISTS (SELECT FROM experiment_exposures_waiting) OR EXISTS (SELECT FROM experiment_exposure_batches)
        OR EXISTS (SELECT FROM experiment_outcomes_waiting) OR EXISTS (SELECT FROM experiment_outcome_batches)
        OR EXISTS (
            SELECT FROM experiments AS e WHERE e.ended_at IS NULL AND (
                NOT EXISTS (
                    SELECT FROM feature_flags AS f
                    WHERE f.id = e.flag_id AND f.version = e.version AND f.is_enabled AND NOT f.is_archived
                        AND f.state = 'ACTIVE'
                ) OR EXISTS (
                    SELECT FROM experiments AS later
                    WHERE later.flag_id = e.flag_id AND later.version = e.version AND later.stage > e.stage
                )
            )
        )
    THEN 'experiments' END,
    CASE WHEN EXISTS (
        SELECT FROM replays WHERE status = 'queued' OR (status = 'running' AND lease_until < soon)
    ) THEN 'replays' END,
    CASE WHEN EXISTS (
        SELECT FROM webhook_endpoints AS endpoint WHERE endpoint.deleted_at IS NULL AND EXISTS (
            SELECT FROM webhook_deliveries AS delivery
            WHERE delivery.endpoint_id = endpoint.id AND delivery.state = 'pending' AND delivery.due_at <= soon
                AND (endpoint.is_enabled OR delivery.is_test)
        )
    ) THEN 'webhooks' END,
    CASE WHEN EXISTS (
        SELECT FROM competitor_lanes AS l
        WHERE l.claimed_until < soon AND l.not_before <= soon AND EXISTS (
            SELECT FROM competitor_sources AS s JOIN competitors AS c ON c.id = s.competitor_id
            WHERE s.lane = l.lane AND s.due_at <= soon AND c.is_active
        )
    ) THEN 'competitors' END,
    CASE WHEN EXISTS (SELECT FROM competitor_uploads WHERE claimed_until < soon)
        OR EXISTS (SELECT FROM competitor_listings WHERE is_match_due)
    THEN 'competitor_listings' END,
    CASE WHEN EXISTS (SELECT FROM event_outbox) THEN 'event_relay' END,
    CASE WHEN EXISTS (SELECT FROM event_dead_letters WHERE due_at <= soon) THEN 'event_retries' END,
    CASE WHEN EXISTS (SELECT FROM event_replays) THEN 'event_replays' END,
    CASE WHEN EXISTS (SELECT FROM signals_pending) THEN 'signals' END,
    CASE WHEN EXISTS (
        SELECT FROM :followed_items
    ) THEN 'flash_sale_items' END,
    CASE WHEN EXISTS (
        SELECT FROM flash_sales
        WHERE (state = 'scheduled' AND starts_at <= soon) OR (state IN ('scheduled', 'active') AND ends_at <= soon)
    )
        OR EXISTS (SELECT FROM flash_sale_purchases WHERE status = 'reserved' AND expires_at <= soon)
        OR EXISTS (SELECT FROM flash_sale_purchases WHERE redis_due IS NOT NULL)
    THEN 'flash_sale_maintenance' END
))
FROM (SELECT clock_timestamp() + interval '1 second' AS soon) AS given;
