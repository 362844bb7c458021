-- Why: what happens to a product, counted by windows of a few minutes as events of the bus come: moves of our price, observations
--   of competitors, what shoppers do, price decisions. What counts them is PostgreSQL itself, or a stream of Apache Spark; each
--   has rows of its own, since neither could go on where the other has stopped. market_window_marks is how far each subject is:
--   its newest event, which the watermark follows, and what was counted, came too late, or could not be.
--   market_streams is who runs Spark's stream: one process at a time, held by a lease.
--   What is told of a doubt gets the observation's currency and instant, so that it counts in the window of the observation.
-- Locks: none that anybody waits for; the tables are new, and the function is replaced.
-- Undo: DROP TABLE market_streams, market_window_marks, market_windows; the function as in 0113.

CREATE TABLE market_windows (
    engine         text NOT NULL CHECK (engine IN ('postgresql', 'spark')),
    starts_at      timestamptz NOT NULL CHECK (isfinite(starts_at)),
    width_seconds  integer NOT NULL CHECK (width_seconds BETWEEN 1 AND 86400),
    product_id     uuid NOT NULL,
    -- Empty where no money is concerned.
    currency       text COLLATE "C" NOT NULL CHECK (currency ~ '^([A-Z]{3})?$'),
    subject        text COLLATE "C" NOT NULL CHECK (subject IN ('prices', 'competitors', 'behaviour', 'decisions')),
    -- Events of every kind; they only grow in number while a window is open.
    events         bigint NOT NULL CHECK (events > 0),
    newest_at      timestamptz NOT NULL,
    -- Of moves of our price: instant, event and price as text that sorts as the moves do.
    first_mark     text COLLATE "C",
    last_mark      text COLLATE "C",
    low            numeric(18, 6),
    high           numeric(18, 6),
    listings       uuid[] NOT NULL DEFAULT '{}',
    counted        bigint NOT NULL CHECK (counted >= 0),
    removed        bigint NOT NULL CHECK (removed >= 0),
    doubted        bigint NOT NULL CHECK (doubted >= 0),
    applied        bigint NOT NULL CHECK (applied >= 0),
    views          bigint NOT NULL CHECK (views >= 0),
    searches       bigint NOT NULL CHECK (searches >= 0),
    carts          bigint NOT NULL CHECK (carts >= 0),
    cart_units     bigint NOT NULL CHECK (cart_units >= 0),
    purchases      bigint NOT NULL CHECK (purchases >= 0),
    purchase_units bigint NOT NULL CHECK (purchase_units >= 0),
    -- In the order of the list, so that a page of the newest windows reads no more than it shows.
    CONSTRAINT market_windows_pkey PRIMARY KEY (engine, starts_at, width_seconds, product_id, currency, subject),
    CONSTRAINT market_windows_prices CHECK ((low IS NULL) = (high IS NULL) AND low <= high AND low >= 0),
    CONSTRAINT market_windows_marks CHECK ((first_mark IS NULL) = (last_mark IS NULL) AND first_mark <= last_mark),
    CONSTRAINT market_windows_within CHECK (
        newest_at >= starts_at AND newest_at < starts_at + make_interval(secs => width_seconds)
    )
) WITH (fillfactor = 80);
CREATE INDEX market_windows_product ON market_windows (engine, product_id, starts_at);

CREATE TABLE market_window_marks (
    engine     text NOT NULL CHECK (engine IN ('postgresql', 'spark')),
    subject    text NOT NULL CHECK (subject IN ('prices', 'competitors', 'behaviour', 'decisions')),
    newest_at  timestamptz CHECK (isfinite(newest_at)),
    counted    bigint NOT NULL DEFAULT 0 CHECK (counted >= 0),
    late       bigint NOT NULL DEFAULT 0 CHECK (late >= 0),
    ahead      bigint NOT NULL DEFAULT 0 CHECK (ahead >= 0),
    unreadable bigint NOT NULL DEFAULT 0 CHECK (unreadable >= 0),
    -- Of Spark: the stream, and its last batch whose figures are part of these.
    stream     text NOT NULL DEFAULT '',
    batch      bigint NOT NULL DEFAULT -1,
    updated_at timestamptz NOT NULL,
    CONSTRAINT market_window_marks_pkey PRIMARY KEY (engine, subject)
) WITH (fillfactor = 50);

CREATE TABLE market_streams (
    is_only     boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    holder      uuid NOT NULL,
    started_at  timestamptz NOT NULL,
    -- Until then whoever holds it is at it.
    lease_until timestamptz NOT NULL,
    -- How Spark reads Kafka.
    source      text NOT NULL CHECK (source IN ('python', 'kafka')),
    ended_at    timestamptz,
    detail      text NOT NULL DEFAULT ''
);

-- Only of rows whose doubt is new.
CREATE OR REPLACE FUNCTION tell_bus_of_doubts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO event_outbox (topic, key, type, data)
    SELECT 'competitor-data', coalesce(l.product_id, l.id)::text, 'competitor.doubted', json_build_object(
        'observation_id', a.id, 'listing_id', l.id, 'competitor_id', l.competitor_id, 'product_id', l.product_id,
        'doubted_reason', a.doubted_reason, 'was_doubted', r.doubted_reason IS NOT NULL, 'currency', a.currency,
        'price', trim_scale(a.price)::text,
        'observed_at', to_char(a.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )
    FROM added AS a JOIN removed AS r ON r.id = a.id JOIN competitor_listings AS l ON l.id = a.listing_id
    WHERE a.doubted_reason IS DISTINCT FROM r.doubted_reason
    ORDER BY a.observed_at, a.id;
    RETURN NULL;
END $$;
