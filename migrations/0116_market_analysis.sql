-- Why: what a market analysis makes of prices, sales and competitors' observations: figures by product and day, how competitors and
--   platforms price, and how much prices vary. All of it is worked out anew from its sources at any time, so nothing here is
--   ever the only copy. Sums are kept rather than means: they are exact, and means are divided once, where they are shown.
--   market_runs is who works on it: one run at a time, held by a lease.
--   Nothing refers to products: rows come by the ten thousand, and products are never removed.
-- Locks: price_history against writers while its index is made, a moment for a million rows (a range of pages has one entry).
-- Undo: drop index price_history_at; drop table market_totals, market_volatility, market_distribution, market_days,
--   market_products, market_runs.

CREATE INDEX price_history_at ON price_history USING brin (at);

CREATE TABLE market_runs (
    id           uuid PRIMARY KEY,
    scope        text NOT NULL CHECK (scope IN ('changed', 'all', 'whole')),
    engine       text NOT NULL CHECK (engine IN ('duckdb', 'spark')),
    status       text NOT NULL CHECK (status IN ('running', 'done', 'failed', 'lost')),
    started_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    -- Until then whoever runs it is at it; after that it is begun again.
    lease_until  timestamptz NOT NULL,
    -- The last day that figures are of, by the time zone of reports.
    day          date NOT NULL,
    products     bigint NOT NULL DEFAULT 0 CHECK (products >= 0),
    written      bigint NOT NULL DEFAULT 0 CHECK (written >= 0),
    detail       text NOT NULL DEFAULT '',
    CONSTRAINT market_runs_finished CHECK ((status = 'running') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX market_runs_one ON market_runs (status) WHERE status = 'running';
CREATE INDEX market_runs_started ON market_runs (started_at);

-- Since which day figures of a product are there, and when they were last worked out.
CREATE TABLE market_products (
    product_id  uuid PRIMARY KEY,
    since       date NOT NULL,
    analysed_at timestamptz NOT NULL
);

CREATE TABLE market_days (
    product_id     uuid NOT NULL,
    currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    day            date NOT NULL,
    -- Our price: at the beginning and the end of the day, its lowest and highest; NULL while there is none.
    price_open     numeric(18, 6),
    price_close    numeric(18, 6),
    price_low      numeric(18, 6),
    price_high     numeric(18, 6),
    moves          integer NOT NULL CHECK (moves >= 0),
    -- Of this day and the 29 before it.
    lowest_30d     numeric(18, 6),
    close_7d_ago   numeric(18, 6),
    close_30d_ago  numeric(18, 6),
    units          bigint NOT NULL,
    orders         bigint NOT NULL,
    revenue_minor  bigint NOT NULL,
    units_returned bigint NOT NULL,
    units_7d       bigint NOT NULL,
    units_28d      bigint NOT NULL,
    -- What competitors' listings cost at the end of the day.
    rivals         integer NOT NULL CHECK (rivals >= 0),
    rival_low      numeric(18, 6),
    rival_q1       numeric(18, 6),
    rival_median   numeric(18, 6),
    rival_q3       numeric(18, 6),
    rival_high     numeric(18, 6),
    rival_sum      numeric(38, 6),
    -- Of these listings, those that cost less than ours, as much, and more; all 0 while we have no price.
    cheaper        integer NOT NULL,
    equal          integer NOT NULL,
    dearer         integer NOT NULL,
    CONSTRAINT market_days_pkey PRIMARY KEY (product_id, currency, day),
    CONSTRAINT market_days_prices CHECK (price_low <= price_high AND lowest_30d <= price_low),
    CONSTRAINT market_days_rivals CHECK (
        (rivals > 0) = (rival_median IS NOT NULL) AND rival_low <= rival_median AND rival_median <= rival_high
        AND cheaper + equal + dearer IN (0, rivals)
    )
);

-- How one competitor, or one platform, prices a product: of the listings' prices at the end of each of 30 days.
CREATE TABLE market_distribution (
    product_id  uuid NOT NULL,
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    kind        text NOT NULL CHECK (kind IN ('competitor', 'platform')),
    key         text NOT NULL,
    listings    integer NOT NULL CHECK (listings > 0),
    days        integer NOT NULL CHECK (days BETWEEN 1 AND 30),
    prices      integer NOT NULL CHECK (prices >= days),
    low         numeric(18, 6) NOT NULL,
    q1          numeric(18, 6) NOT NULL,
    median      numeric(18, 6) NOT NULL,
    q3          numeric(18, 6) NOT NULL,
    high        numeric(18, 6) NOT NULL,
    sum         numeric(38, 6) NOT NULL,
    -- The lowest at the end of the last day; NULL where there is none any more.
    newest      numeric(18, 6),
    -- Of the prices, those of days on which we had one: how many were below it, the same and above it, and both added up.
    cheaper     integer NOT NULL,
    equal       integer NOT NULL,
    dearer      integer NOT NULL,
    compared    numeric(38, 6) NOT NULL,
    ours        numeric(38, 6) NOT NULL,
    CONSTRAINT market_distribution_pkey PRIMARY KEY (product_id, currency, kind, key),
    CONSTRAINT market_distribution_order CHECK (low <= q1 AND q1 <= median AND median <= q3 AND q3 <= high),
    CONSTRAINT market_distribution_compared CHECK (cheaper + equal + dearer <= prices)
);

-- The same added up over products, so that a report of the whole market reads a few rows.
CREATE TABLE market_totals (
    currency text NOT NULL,
    kind     text NOT NULL,
    key      text NOT NULL,
    products bigint NOT NULL,
    listings bigint NOT NULL,
    prices   bigint NOT NULL,
    cheaper  bigint NOT NULL,
    equal    bigint NOT NULL,
    dearer   bigint NOT NULL,
    compared numeric NOT NULL,
    ours     numeric NOT NULL,
    CONSTRAINT market_totals_pkey PRIMARY KEY (currency, kind, key)
);

-- How much a price varies: ours (own), the median of competitors (market), or the lowest of one competitor, by days with a price.
CREATE TABLE market_volatility (
    product_id  uuid NOT NULL,
    currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    subject     text NOT NULL CHECK (subject IN ('own', 'market', 'competitor')),
    key         text NOT NULL,
    window_days integer NOT NULL CHECK (window_days IN (30, 90)),
    days        integer NOT NULL CHECK (days BETWEEN 1 AND 90),
    low         numeric(18, 6) NOT NULL,
    high        numeric(18, 6) NOT NULL,
    sum         numeric(38, 6) NOT NULL,
    squares     numeric(38, 12) NOT NULL,
    rises       integer NOT NULL,
    falls       integer NOT NULL,
    -- Standard deviation over mean.
    variation   numeric(18, 6) NOT NULL CHECK (variation >= 0),
    CONSTRAINT market_volatility_pkey PRIMARY KEY (product_id, currency, subject, key, window_days),
    CONSTRAINT market_volatility_key CHECK ((subject = 'competitor') = (key <> ''))
);
CREATE INDEX market_volatility_largest ON market_volatility (subject, window_days, variation, product_id, currency);
