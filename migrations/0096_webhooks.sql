-- Why: what happens is told to whoever asked for it. An event is written in the transaction of its effect, with one
--   delivery for each endpoint that wants it; processes in the background send what is due, again and again if need be.
--   Nothing refers to webhook_endpoints: a foreign key would have every accepted quote lock the one row of an endpoint. What
--   an endpoint that was removed had coming is removed by a sweep.
-- Locks: none; the tables are new.
-- Undo: DROP TABLE webhook_deliveries, webhook_events, webhook_endpoints.

CREATE TABLE webhook_endpoints (
    id                   uuid PRIMARY KEY,
    url                  text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    description          text NOT NULL DEFAULT '' CHECK (length(description) <= 500),
    -- Types such as rate.created, all of a subject (rate.*), or all there are (*).
    event_types          text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 100),
    is_enabled           boolean NOT NULL DEFAULT true,
    -- Why it is not enabled: a person's doing, an answer 410, or failures for days.
    disabled_reason      text CHECK (disabled_reason IN ('by_hand', 'gone', 'failing')),
    disabled_at          timestamptz,
    -- Sealed with the key of this id; the former one signs too until it expires.
    secret               bytea NOT NULL,
    secret_key_id        text NOT NULL,
    former_secret        bytea,
    former_secret_key_id text,
    former_secret_until  timestamptz,
    -- Since when no delivery has succeeded; NULL while they do.
    failing_since        timestamptz,
    version              integer NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    deleted_at           timestamptz,
    CONSTRAINT webhook_endpoints_disabled CHECK (
        is_enabled = (disabled_reason IS NULL) AND is_enabled = (disabled_at IS NULL)
    ),
    CONSTRAINT webhook_endpoints_former CHECK (
        (former_secret IS NULL) = (former_secret_key_id IS NULL) AND (former_secret IS NULL) = (former_secret_until IS NULL)
    )
);

CREATE TABLE webhook_events (
    id       uuid PRIMARY KEY,
    type     text NOT NULL,
    subject  text NOT NULL,
    -- json, not jsonb: a number stays as it was written.
    data     json NOT NULL,
    told_at  timestamptz NOT NULL DEFAULT statement_timestamp()
);
CREATE INDEX webhook_events_told ON webhook_events (told_at);

CREATE TABLE webhook_deliveries (
    endpoint_id     uuid NOT NULL,
    event_id        uuid NOT NULL CONSTRAINT webhook_deliveries_event REFERENCES webhook_events (id) ON DELETE CASCADE,
    state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'parked')),
    is_test         boolean NOT NULL DEFAULT false,
    attempts        integer NOT NULL DEFAULT 0,
    due_at          timestamptz DEFAULT statement_timestamp(),
    -- Until then whoever took it last is at it; after that it is anybody's again.
    claimed_until   timestamptz,
    -- The end of the day of attempts: a failure after it parks the delivery.
    give_up_at      timestamptz NOT NULL DEFAULT statement_timestamp() + interval '24 hours',
    -- Attempts since it was told, or replayed: what the pause goes by.
    attempts_in_row integer NOT NULL DEFAULT 0,
    last_attempt_at timestamptz,
    last_status     integer,
    last_error      text,
    last_answer     text,
    last_seconds    double precision,
    ended_at        timestamptz,
    PRIMARY KEY (endpoint_id, event_id),
    CONSTRAINT webhook_deliveries_due CHECK ((state = 'pending') = (due_at IS NOT NULL)),
    CONSTRAINT webhook_deliveries_ended CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, due_at, event_id) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_parked ON webhook_deliveries (endpoint_id, event_id) WHERE state = 'parked';
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_id);
