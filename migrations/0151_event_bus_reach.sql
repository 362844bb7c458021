-- Why: nobody could tell from the service whether the bus itself (Redis or Kafka) is away, or only slow: what waits was known, and
--   not that nothing can be published. Whoever measures the bus writes down whether it answered, and since when that is so.
-- Locks: none on what there is.
-- Undo: drop table event_bus_reach.

CREATE TABLE event_bus_reach (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    is_away    boolean NOT NULL,
    since      timestamptz NOT NULL,
    checked_at timestamptz NOT NULL,
    -- What the bus said, or why it said nothing.
    detail     text CHECK (length(detail) <= 1000)
);
