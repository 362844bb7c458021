-- name: mark_fulfilled
-- A part that has been refunded does not keep the rest from being delivered.
UPDATE orders SET
    status = CASE WHEN status = 'placed' THEN 'fulfilled' ELSE status END,
    fulfilled_at = $2,
    changed_at = $2
WHERE id = $1 AND status IN ('placed', 'partly_refunded') AND fulfilled_at IS NULL
RETURNING status;

-- name: mark_cancelled
UPDATE orders SET status = 'cancelled', cancelled_at = $2, changed_at = $2
WHERE id = $1 AND status = 'placed'
RETURNING status;

-- name: write_event
-- Under the lock of the order's row.
INSERT INTO order_events (order_id, number, action, status, at, actor, actor_kind, request_id, reason)
SELECT $order_id, coalesce(max(number), 0) + 1, $action, $status, $change.at, $change.actor, $change.actor_kind,
    $change.request_id, $reason FROM order_events WHERE order_id = $order_id
RETURNING EXISTS (SELECT 1 :of_endpoints_wanting $wanted_by::text[]);

-- name: events_of
SELECT number, action, status, at, actor, reason FROM order_events WHERE order_id = $1 ORDER BY number;
