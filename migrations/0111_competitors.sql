-- Why: what competitors charge. A competitor has sources that are fetched, or pushed to; a source has listings, each of which
--   may be one of our products; a listing has the offer that it has now, and observations of what it was. What is fetched
--   next, from where and how soon stands in rows, so that any number of processes are polite together.
--   Observations refer to listings without a foreign key: they are added by the thousand, and swept when they are old.
-- Locks: products and product_variants against writers while what finds them by GTIN is indexed; api_keys against writers
--   while its few rows are checked.
-- Undo: drop the tables below and the views, the two indexes and product_gtins; take the scopes from every key, and put the constraint of
--   0062 back.

CREATE TABLE competitors (
    id          uuid PRIMARY KEY,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    website     text CHECK (length(website) <= 2000),
    notes       text NOT NULL DEFAULT '' CHECK (length(notes) <= 2000),
    is_active   boolean NOT NULL DEFAULT true,
    version     integer NOT NULL DEFAULT 1,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL,
    changed_by  text NOT NULL,
    updated_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX competitors_name ON competitors (lower(name));

CREATE TABLE competitor_sources (
    id                  uuid PRIMARY KEY,
    competitor_id       uuid NOT NULL CONSTRAINT competitor_sources_competitor REFERENCES competitors (id),
    name                text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kind                text NOT NULL CHECK (kind IN ('page', 'feed', 'api', 'push')),
    -- What a source of its kind needs to be fetched and read; json, not jsonb: as it was written.
    settings            json NOT NULL,
    -- Sealed with the key of this id.
    credentials         bytea,
    credentials_key_id  text,
    currency            text CHECK (currency ~ '^[A-Z]{3}$'),
    interval_seconds    integer NOT NULL CHECK (interval_seconds BETWEEN 60 AND 2592000),
    stale_after_seconds integer NOT NULL CHECK (stale_after_seconds BETWEEN 60 AND 31536000),
    is_enabled          boolean NOT NULL DEFAULT true,
    disabled_reason     text CHECK (disabled_reason IN ('by_hand', 'challenge', 'gone')),
    -- Whom it shares its pace with: a host, or one operation of an API. NULL for what is pushed.
    lane                text,
    due_at              timestamptz,
    last_fetch_at       timestamptz,
    last_outcome        text,
    last_detail         text NOT NULL DEFAULT '',
    -- When it last told prices, or that they are as they were.
    last_ok_at          timestamptz,
    failures            integer NOT NULL DEFAULT 0,
    etag                text,
    last_modified       text,
    version             integer NOT NULL DEFAULT 1,
    created_by          text NOT NULL,
    created_at          timestamptz NOT NULL,
    changed_by          text NOT NULL,
    updated_at          timestamptz NOT NULL,
    CONSTRAINT competitor_sources_disabled CHECK (is_enabled = (disabled_reason IS NULL)),
    CONSTRAINT competitor_sources_due CHECK ((due_at IS NULL) OR lane IS NOT NULL),
    CONSTRAINT competitor_sources_credentials CHECK ((credentials IS NULL) = (credentials_key_id IS NULL))
);
CREATE INDEX competitor_sources_of ON competitor_sources (competitor_id, id);
CREATE INDEX competitor_sources_waiting ON competitor_sources (lane, due_at) WHERE due_at IS NOT NULL;

-- A source as it is shown. One that has never told anything is stale when it has had the time.
CREATE VIEW competitor_sources_shown AS
SELECT id, competitor_id, name, kind, settings::text AS settings, currency, interval_seconds, stale_after_seconds, is_enabled,
    disabled_reason, credentials IS NOT NULL AS has_credentials, due_at AS next_fetch_at, last_fetch_at, last_outcome,
    last_detail, last_ok_at, failures,
    coalesce(last_ok_at, created_at) < statement_timestamp() - make_interval(secs => stale_after_seconds) AS is_stale,
    version, created_at, updated_at, created_by, changed_by
FROM competitor_sources;

-- A host, or an operation of an API: one request at a time, at its pace, whichever process sends it.
CREATE TABLE competitor_lanes (
    lane          text PRIMARY KEY,
    -- When the last request of an even pace would have been sent (GCRA); a burst is ahead of it.
    paced_at      timestamptz NOT NULL DEFAULT '-infinity',
    not_before    timestamptz NOT NULL DEFAULT '-infinity',
    -- Until then whoever took it last is at it; after that it is anybody's again.
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    claim         uuid,
    refusals      integer NOT NULL DEFAULT 0
);

CREATE TABLE competitor_robots (
    origin     text PRIMARY KEY,
    verdict    text NOT NULL CHECK (verdict IN ('rules', 'allow', 'deny')),
    rules      text NOT NULL DEFAULT '',
    detail     text NOT NULL DEFAULT '',
    fetched_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

-- What was uploaded for a feed, until a background process has read it.
CREATE TABLE competitor_uploads (
    source_id    uuid PRIMARY KEY REFERENCES competitor_sources (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    content_type text NOT NULL,
    body         bytea NOT NULL,
    received_at  timestamptz NOT NULL,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE competitor_fetches (
    id          uuid PRIMARY KEY,
    source_id   uuid NOT NULL,
    at          timestamptz NOT NULL,
    outcome     text NOT NULL,
    detail      text NOT NULL DEFAULT '',
    url         text NOT NULL DEFAULT '',
    status      integer,
    seconds     double precision,
    bytes       bigint NOT NULL DEFAULT 0,
    sha256      bytea,
    offers      integer NOT NULL DEFAULT 0
);
CREATE INDEX competitor_fetches_of ON competitor_fetches (source_id, id);
CREATE INDEX competitor_fetches_at ON competitor_fetches (at);

CREATE TABLE competitor_listings (
    id                uuid PRIMARY KEY,
    source_id         uuid NOT NULL REFERENCES competitor_sources (id) ON DELETE CASCADE,
    competitor_id     uuid NOT NULL,
    external_id       text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 2000),
    title             text,
    brand             text,
    gtin              text CHECK (gtin ~ '^[0-9]{14}$'),
    sku               text,
    url               text,
    pack_quantity     numeric CHECK (pack_quantity > 0),
    pack_unit         text,
    match_state       text NOT NULL DEFAULT 'unmatched' CHECK (match_state IN ('unmatched', 'proposed', 'matched', 'ignored')),
    match_method      text CHECK (match_method IN ('source', 'sku_map', 'gtin', 'person')),
    product_id        uuid,
    variant_id        uuid,
    -- How many units of ours one of theirs holds.
    units             numeric(19, 6) NOT NULL DEFAULT 1 CHECK (units > 0),
    proposals         json NOT NULL DEFAULT '[]',
    -- Products and variants that a person has said it is not.
    rejected          uuid[] NOT NULL DEFAULT '{}',
    -- Something about it is new since it was last looked for.
    is_match_due      boolean NOT NULL DEFAULT true,
    matched_by        text,
    matched_at        timestamptz,
    version           integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    CONSTRAINT competitor_listings_external UNIQUE (source_id, external_id),
    CONSTRAINT competitor_listings_matched CHECK (
        (match_state = 'matched') = (product_id IS NOT NULL) AND (match_state = 'matched') = (match_method IS NOT NULL)
        AND (variant_id IS NULL OR product_id IS NOT NULL)
    )
);
CREATE INDEX competitor_listings_product ON competitor_listings (product_id) WHERE product_id IS NOT NULL;
CREATE INDEX competitor_listings_of ON competitor_listings (competitor_id, id);
CREATE INDEX competitor_listings_state ON competitor_listings (match_state, id);
CREATE INDEX competitor_listings_due ON competitor_listings (id) WHERE is_match_due;

CREATE TABLE competitor_observations (
    id             uuid PRIMARY KEY,
    listing_id     uuid NOT NULL,
    observed_at    timestamptz NOT NULL,
    received_at    timestamptz NOT NULL,
    currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    price          numeric(19, 6) CHECK (price >= 0 AND price < 10::numeric ^ 13),
    list_price     numeric(19, 6) CHECK (list_price >= 0 AND list_price < 10::numeric ^ 13),
    shipping       numeric(19, 6) CHECK (shipping >= 0 AND shipping < 10::numeric ^ 13),
    unit_price     numeric(19, 6),
    availability   text NOT NULL,
    condition      text NOT NULL,
    valid_until    text,
    seller         text,
    read_from      text NOT NULL DEFAULT '',
    excerpt        text,
    fetch_id       uuid,
    doubted_reason text,
    CONSTRAINT competitor_observations_once UNIQUE (listing_id, observed_at),
    CONSTRAINT competitor_observations_price CHECK (
        price IS NOT NULL OR availability IN ('out_of_stock', 'discontinued')
    )
);
CREATE INDEX competitor_observations_at ON competitor_observations USING brin (received_at);

-- What a listing offers now: its newest observation, and when it was last seen to be so.
CREATE TABLE competitor_offers (
    listing_id     uuid PRIMARY KEY REFERENCES competitor_listings (id) ON DELETE CASCADE,
    observation_id uuid NOT NULL,
    -- When that was observed, since when the offer is what it is, and when it was last seen to be.
    recorded_at    timestamptz NOT NULL,
    observed_at    timestamptz NOT NULL,
    confirmed_at   timestamptz NOT NULL,
    -- What makes one offer differ from another, as one text.
    content        text NOT NULL,
    currency       text NOT NULL,
    price          numeric(19, 6),
    list_price     numeric(19, 6),
    shipping       numeric(19, 6),
    unit_price     numeric(19, 6),
    availability   text NOT NULL,
    condition      text NOT NULL,
    valid_until    text,
    seller         text,
    doubted_reason text
) WITH (fillfactor = 80);

-- A listing as it is shown, with what it offers now.
CREATE VIEW competitor_listings_shown AS
SELECT l.id, l.source_id, l.competitor_id, l.external_id, l.title, l.brand, l.gtin, l.sku, l.url,
    l.pack_quantity::text AS pack_quantity, l.pack_unit, l.match_state, l.match_method, l.product_id, l.variant_id,
    l.units::text AS units, l.proposals::text AS proposals, l.matched_by, l.version, l.created_at, l.updated_at, o.currency,
    o.price::text AS price, o.list_price::text AS list_price, o.shipping::text AS shipping, o.unit_price::text AS unit_price,
    o.availability, o.condition, o.valid_until, o.seller, o.observed_at, o.confirmed_at,
    o.confirmed_at > statement_timestamp() - make_interval(secs => s.stale_after_seconds) AS is_fresh, o.doubted_reason
FROM competitor_listings AS l
JOIN competitor_sources AS s ON s.id = l.source_id
LEFT JOIN competitor_offers AS o ON o.listing_id = l.id;

-- What competitors charge for what is matched, and everything that tells whether it may be compared.
CREATE VIEW competitor_prices_now AS
SELECT l.id AS listing_id, l.competitor_id, c.name AS competitor, l.product_id, l.variant_id, o.currency,
    o.price::text AS price, o.shipping::text AS shipping, l.units::text AS units, o.availability, o.condition, l.url,
    s.last_outcome AS outcome, o.observed_at, o.confirmed_at,
    o.confirmed_at > statement_timestamp() - make_interval(secs => s.stale_after_seconds) AS is_fresh,
    o.doubted_reason IS NOT NULL AS is_doubted, s.is_enabled AND c.is_active AS is_watched
FROM competitor_listings AS l
JOIN competitor_offers AS o ON o.listing_id = l.id
JOIN competitor_sources AS s ON s.id = l.source_id
JOIN competitors AS c ON c.id = l.competitor_id
WHERE l.product_id IS NOT NULL;

CREATE TABLE competitor_skus (
    competitor_id uuid NOT NULL REFERENCES competitors (id) ON DELETE CASCADE,
    their_sku     text NOT NULL CHECK (length(their_sku) BETWEEN 1 AND 500),
    product_id    uuid NOT NULL,
    variant_id    uuid,
    units         numeric(19, 6) NOT NULL DEFAULT 1 CHECK (units > 0),
    PRIMARY KEY (competitor_id, their_sku)
);

-- The trade item numbers among the attributes of a product or variant, as fourteen digits; wrong check digits are none.
CREATE FUNCTION product_gtins(attributes jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (
        SELECT array_agg(DISTINCT padded)
        FROM (
            SELECT lpad(digits, 14, '0') AS padded
            FROM (
                SELECT regexp_replace(attributes ->> name, '[\s-]', '', 'g') AS digits
                FROM unnest(ARRAY['gtin', 'ean', 'upc', 'gtin8', 'gtin12', 'gtin13', 'gtin14', 'isbn']) AS name
            ) AS given
            WHERE digits ~ '^([0-9]{8}|[0-9]{12,14})$'
        ) AS numbers
        WHERE (
            SELECT sum(substr(padded, place, 1)::integer * CASE WHEN place % 2 = 1 THEN 3 ELSE 1 END)
            FROM generate_series(1, 14) AS place
        ) % 10 = 0
    );
CREATE INDEX products_gtins ON products USING gin (product_gtins(attributes));
CREATE INDEX product_variants_gtins ON product_variants USING gin (product_gtins(attributes));

ALTER TABLE api_keys DROP CONSTRAINT api_keys_scopes_known;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_scopes_known CHECK (
    scopes <@ ARRAY[
        'quote:write', 'quote:read', 'flash:purchase', 'flags:evaluate', 'rates:write', 'rules:write', 'flags:write',
        'sales:write', 'catalog:write', 'reports:read', 'order:write', 'telemetry:write', 'competitors:write',
        'observations:write'
    ]
);
