-- Why: what a traced request has written for others to work off keeps the request's `traceparent`, so that the trace of a webhook,
--   of an event on the bus, of a replay or an import leads back to it. A transaction of a traced request says it once, by `quote.traceparent`, and
--   the columns take it from there: triggers and plain SQL need to know nothing of it. The release before writes these tables
--   without the columns, and ignores them.
-- Locks: each table exclusively for an instant; no row is written or read.
-- Undo: drop the five columns, and transaction_traceparent.

-- NULL where nothing is traced. What stands there after a transaction that had one is an empty text.
CREATE FUNCTION transaction_traceparent() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('quote.traceparent', true), '')
$$;

ALTER TABLE event_outbox ADD COLUMN traceparent text;
ALTER TABLE event_outbox ALTER COLUMN traceparent SET DEFAULT transaction_traceparent();

ALTER TABLE webhook_events ADD COLUMN traceparent text;
ALTER TABLE webhook_events ALTER COLUMN traceparent SET DEFAULT transaction_traceparent();

ALTER TABLE replays ADD COLUMN traceparent text;
ALTER TABLE replays ALTER COLUMN traceparent SET DEFAULT transaction_traceparent();

ALTER TABLE product_imports ADD COLUMN traceparent text;
ALTER TABLE product_imports ALTER COLUMN traceparent SET DEFAULT transaction_traceparent();

-- Of an event that waits to be handled once more; the cause is what has written the event, and not who put it aside.
ALTER TABLE event_dead_letters ADD COLUMN traceparent text;
