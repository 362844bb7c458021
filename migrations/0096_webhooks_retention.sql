-- Why: a sweep finds what has been delivered or parked for long by its end; nothing looks for events by their instant alone.
-- Locks: webhook_deliveries against changes while the index is made.
-- Undo: DROP INDEX webhook_deliveries_ended; CREATE INDEX webhook_events_told ON webhook_events (told_at).

CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
DROP INDEX webhook_events_told;
