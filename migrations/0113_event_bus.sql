-- Why: what happens to products is told to whoever listens on the event bus (Redis Streams or Kafka). An event is written in
--   the transaction of its effect; processes in the background publish it and take it out. A consumer notes each event that it
--   has handled in the transaction of what it does for it, so that an event that comes twice has its effect once. One that
--   cannot be handled is put aside, tried again, and kept for a person to look at.
--   Moves of prices and observations of competitors are written by triggers, so that no writer can forget them.
-- Locks: price_history and competitor_observations against writers while their triggers are made.
-- Undo: drop the three triggers and their functions, the tables below, and new_event_id.

-- A version-7 UUID: it begins with its instant in milliseconds, which says how old an event is.
CREATE FUNCTION new_event_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(set_bit(set_bit(overlay(
        uuid_send(gen_random_uuid())
        PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
$$;

CREATE TABLE event_outbox (
    -- Whose rows are published one after the other: those of one key are in one lane.
    lane  smallint GENERATED ALWAYS AS ((hashtext(key) & 7)::smallint) STORED,
    seq   bigint GENERATED ALWAYS AS IDENTITY,
    id    uuid NOT NULL DEFAULT new_event_id(),
    topic text NOT NULL CHECK (topic IN ('price-updates', 'competitor-data', 'user-behavior', 'decisions')),
    key   text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    type  text NOT NULL CHECK (type ~ '^[a-z_]+(\.[a-z_]+)+$'),
    -- json, not jsonb: a number stays as it was written. What is longer than this, brokers refuse.
    data  json NOT NULL CHECK (octet_length(data::text) <= 262144),
    at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT event_outbox_pkey PRIMARY KEY (lane, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);

-- Who publishes of a lane holds its row.
CREATE TABLE event_lanes (lane smallint PRIMARY KEY);
INSERT INTO event_lanes SELECT generate_series(0, 7);

CREATE TABLE event_handled (
    consumer_group text NOT NULL,
    event_id       uuid NOT NULL,
    CONSTRAINT event_handled_pkey PRIMARY KEY (consumer_group, event_id)
);

CREATE TABLE event_dead_letters (
    id             uuid PRIMARY KEY DEFAULT new_event_id(),
    consumer_group text NOT NULL CHECK (length(consumer_group) BETWEEN 1 AND 100),
    topic          text NOT NULL,
    event_id       uuid NOT NULL,
    -- NULL where what came is no event; `raw` is then what came, as far as it is kept.
    key            text,
    type           text,
    at             timestamptz,
    data           json,
    raw            bytea CHECK (octet_length(raw) <= 65536),
    state          text NOT NULL CHECK (state IN ('retrying', 'dead')),
    attempts       integer NOT NULL DEFAULT 1 CHECK (attempts >= 1),
    last_error     text NOT NULL CHECK (length(last_error) <= 2000),
    due_at         timestamptz,
    failed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT event_dead_letters_once UNIQUE (consumer_group, event_id),
    CONSTRAINT event_dead_letters_due CHECK ((state = 'retrying') = (due_at IS NOT NULL)),
    CONSTRAINT event_dead_letters_event CHECK (
        (data IS NULL) = (raw IS NOT NULL) AND (data IS NULL OR (key IS NOT NULL AND type IS NOT NULL AND at IS NOT NULL))
        AND (data IS NOT NULL OR state = 'dead')
    )
);
CREATE INDEX event_dead_letters_due ON event_dead_letters (due_at) WHERE due_at IS NOT NULL;

-- Which consumers of a group there are on Redis Streams, and which partitions each reads. Kafka's broker knows by itself.
CREATE TABLE event_consumers (
    consumer_group text NOT NULL,
    topic          text NOT NULL,
    name           text NOT NULL,
    until          timestamptz NOT NULL,
    PRIMARY KEY (consumer_group, topic, name)
);
CREATE TABLE event_leases (
    consumer_group text NOT NULL,
    topic          text NOT NULL,
    partition      integer NOT NULL,
    holder         text,
    until          timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (consumer_group, topic, partition)
);

-- Asked of the consumers of a group: read again from an instant. Each partition is done by whoever reads it.
CREATE TABLE event_replays (
    id             uuid PRIMARY KEY DEFAULT new_event_id(),
    consumer_group text NOT NULL,
    topic          text NOT NULL,
    since          timestamptz NOT NULL CHECK (isfinite(since)),
    partitions     integer[] NOT NULL DEFAULT '{}',
    asked_by       text NOT NULL,
    asked_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- How far a group is behind, as a background process last found it.
CREATE TABLE event_positions (
    consumer_group text NOT NULL,
    topic          text NOT NULL,
    partition      integer NOT NULL,
    waiting        bigint NOT NULL CHECK (waiting >= 0),
    oldest_at      timestamptz,
    measured_at    timestamptz NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
);

CREATE FUNCTION tell_bus_of_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_outbox (topic, key, type, data)
    SELECT 'price-updates', product_id::text, 'price.changed', json_build_object(
        'product_id', product_id, 'variant_id', variant_id, 'currency', currency, 'old_price', trim_scale(old_price)::text,
        'new_price', trim_scale(new_price)::text, 'reason', reason, 'source_id', source_id,
        'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )
    FROM added ORDER BY id;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_bus AFTER INSERT ON price_history
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_bus_of_prices();

CREATE FUNCTION tell_bus_of_observations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_outbox (topic, key, type, data)
    SELECT 'competitor-data', coalesce(l.product_id, l.id)::text,
        'competitor.observed', json_build_object(
            'observation_id', a.id, 'listing_id', l.id, 'competitor_id', l.competitor_id, 'product_id', l.product_id,
            'variant_id', l.variant_id, 'units', trim_scale(l.units)::text, 'currency', a.currency,
            'price', trim_scale(a.price)::text, 'list_price', trim_scale(a.list_price)::text,
            'shipping', trim_scale(a.shipping)::text, 'availability', a.availability, 'condition', a.condition,
            'observed_at', to_char(a.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )
    FROM added AS a JOIN competitor_listings AS l ON l.id = a.listing_id
    ORDER BY a.observed_at, a.id;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_bus AFTER INSERT ON competitor_observations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tell_bus_of_observations();

-- Only of rows whose doubt is new.
CREATE FUNCTION tell_bus_of_doubts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_outbox (topic, key, type, data)
    SELECT 'competitor-data', coalesce(l.product_id, l.id)::text, 'competitor.doubted', json_build_object(
        'observation_id', a.id, 'listing_id', l.id, 'competitor_id', l.competitor_id, 'product_id', l.product_id,
        'doubted_reason', a.doubted_reason
    )
    FROM added AS a JOIN removed AS r ON r.id = a.id JOIN competitor_listings AS l ON l.id = a.listing_id
    WHERE a.doubted_reason IS DISTINCT FROM r.doubted_reason
    ORDER BY a.observed_at, a.id;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_bus_of_doubts AFTER UPDATE ON competitor_observations
    REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tell_bus_of_doubts();
