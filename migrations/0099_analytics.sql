-- Why: what was quoted, counted by the processes that quote and rolled up, so that reports need not read quotes one by one.
--   analytics_quote_minutes: what processes have counted and nobody has rolled up yet. Each writes what it counted since its
--   last flush; a fold adds it to analytics_quotes and removes it, in one transaction. So a row is either here or in there.
--   analytics_quotes: the rollups, by cube and grain. A cube is one dimension, two of them, or none; every figure is a sum, so
--   rows of one cube and grain can be added over periods and keys (of rule and flag cubes over periods alone: a quote has
--   several). analytics_quotes_unfolded: what has not been rolled up, in the same cubes.
--   Nobody is named in any of them, so erasing a customer leaves them as they are.
-- Locks: none; the tables are new.
-- Undo: DROP VIEW analytics_quotes_unfolded; DROP TABLE analytics_quotes, analytics_quote_minutes, analytics_sources,
--   analytics_folds, analytics_state.

CREATE TABLE analytics_state (
    is_only boolean CONSTRAINT analytics_state_pkey PRIMARY KEY DEFAULT true CHECK (is_only),
    -- NULL until the first fold, which takes that of its settings.
    time_zone text
);
COMMENT ON TABLE analytics_state IS 'One row: what all rollups have in common';
COMMENT ON COLUMN analytics_state.time_zone IS
    'IANA zone that days, months and hours of rollups begin by; only a rebuild changes it';
INSERT INTO analytics_state DEFAULT VALUES;

CREATE TABLE analytics_folds (
    source text CONSTRAINT analytics_folds_pkey PRIMARY KEY,
    folded_below xid8 NOT NULL DEFAULT '0',
    folded_at timestamptz NOT NULL
);
COMMENT ON TABLE analytics_folds IS 'How far each source has been rolled up; its row is locked by whoever folds it';
COMMENT ON COLUMN analytics_folds.source IS 'quotes, or another source of rollups';
COMMENT ON COLUMN analytics_folds.folded_below IS
    'For sources whose rows stay: rows written by transactions below this one are in the rollups, others are not';
COMMENT ON COLUMN analytics_folds.folded_at IS 'When the fold that was committed last had begun';

CREATE TABLE analytics_sources (
    id uuid CONSTRAINT analytics_sources_pkey PRIMARY KEY,
    flush bigint NOT NULL,
    flushed_at timestamptz NOT NULL
);
COMMENT ON TABLE analytics_sources IS 'Processes that count quotes: a flush that is sent again is not written again';
COMMENT ON COLUMN analytics_sources.id IS 'Of the process, chosen at its start';
COMMENT ON COLUMN analytics_sources.flush IS 'Number of its last flush that was written';
CREATE INDEX analytics_sources_flushed_at ON analytics_sources (flushed_at);

CREATE TABLE analytics_quote_minutes (
    flushed_at timestamptz NOT NULL DEFAULT statement_timestamp(),
    minute timestamptz NOT NULL,
    is_line boolean NOT NULL,
    currency text NOT NULL,
    region text NOT NULL,
    tier text NOT NULL,
    flags text[] NOT NULL,
    seller text NOT NULL DEFAULT '',
    category text NOT NULL DEFAULT '',
    product text NOT NULL DEFAULT '',
    rules text[] NOT NULL,
    rule_counts bigint[] NOT NULL,
    rule_gross_minor bigint[] NOT NULL,
    rule_total_minor bigint[] NOT NULL,
    rule_seller_minor bigint[] NOT NULL,
    rule_platform_minor bigint[] NOT NULL,
    quotes bigint NOT NULL DEFAULT 0,
    priced bigint NOT NULL DEFAULT 0,
    local bigint NOT NULL DEFAULT 0,
    redis bigint NOT NULL DEFAULT 0,
    express bigint NOT NULL DEFAULT 0,
    lines bigint NOT NULL,
    units bigint NOT NULL,
    lines_request bigint NOT NULL,
    lines_catalog bigint NOT NULL,
    lines_flash_sale bigint NOT NULL,
    gross_minor bigint NOT NULL,
    seller_discount_minor bigint NOT NULL,
    platform_discount_minor bigint NOT NULL,
    delivery_fee_minor bigint NOT NULL DEFAULT 0,
    small_basket_fee_minor bigint NOT NULL DEFAULT 0,
    exclusive_tax_minor bigint NOT NULL,
    inclusive_tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    latency_us bigint NOT NULL DEFAULT 0,
    latency_100us bigint NOT NULL DEFAULT 0,
    latency_1ms bigint NOT NULL DEFAULT 0,
    latency_10ms bigint NOT NULL DEFAULT 0,
    latency_100ms bigint NOT NULL DEFAULT 0,
    latency_1s bigint NOT NULL DEFAULT 0,
    CONSTRAINT analytics_quote_minutes_rules CHECK (
        cardinality(rules) = cardinality(rule_counts) AND cardinality(rules) = cardinality(rule_gross_minor)
        AND cardinality(rules) = cardinality(rule_total_minor) AND cardinality(rules) = cardinality(rule_seller_minor)
        AND cardinality(rules) = cardinality(rule_platform_minor)
    )
);
CREATE INDEX analytics_quote_minutes_flushed_at ON analytics_quote_minutes (flushed_at);
COMMENT ON TABLE analytics_quote_minutes IS
    'What was counted and is not in the rollups yet. Several rows of one minute and key add up';
COMMENT ON COLUMN analytics_quote_minutes.is_line IS
    'Figures of lines, with their seller, category and product; otherwise figures of whole quotes, with fees';
COMMENT ON COLUMN analytics_quote_minutes.region IS
    'Country and city as TR/Istanbul, folded as regions of rules are; other where there were too many at once';
COMMENT ON COLUMN analytics_quote_minutes.tier IS 'The customer''s tier; empty where there is none';
COMMENT ON COLUMN analytics_quote_minutes.flags IS 'The flags that the quotes show, each key=variant or key=value';
COMMENT ON COLUMN analytics_quote_minutes.seller IS
    'Seller, category and product (UUIDs) of lines whose product is in the catalog; empty for others and for quotes';
COMMENT ON COLUMN analytics_quote_minutes.rules IS
    'Names of rules that acted: on the quotes, or of discounts on the lines; the arrays after it have an element for each';
COMMENT ON COLUMN analytics_quote_minutes.rule_counts IS 'Quotes or lines that the rule acted on';
COMMENT ON COLUMN analytics_quote_minutes.rule_gross_minor IS 'Gross of these';
COMMENT ON COLUMN analytics_quote_minutes.rule_total_minor IS 'Total of these';
COMMENT ON COLUMN analytics_quote_minutes.rule_seller_minor IS 'What of the rule''s discounts sellers pay for';
COMMENT ON COLUMN analytics_quote_minutes.rule_platform_minor IS 'What of the rule''s discounts the platform pays for';

CREATE TABLE analytics_quotes (
    cube text NOT NULL,
    grain text NOT NULL CONSTRAINT analytics_quotes_grain CHECK (grain IN ('hour', 'day', 'month', 'month_hour')),
    period timestamptz NOT NULL,
    hour smallint NOT NULL DEFAULT -1
        CONSTRAINT analytics_quotes_hour CHECK (hour BETWEEN -1 AND 23 AND (hour >= 0) = (grain = 'month_hour')),
    currency text NOT NULL,
    key_a text NOT NULL,
    key_b text NOT NULL,
    quotes bigint NOT NULL,
    priced bigint NOT NULL,
    local bigint NOT NULL,
    redis bigint NOT NULL,
    express bigint NOT NULL,
    lines bigint NOT NULL,
    units bigint NOT NULL,
    lines_request bigint NOT NULL,
    lines_catalog bigint NOT NULL,
    lines_flash_sale bigint NOT NULL,
    gross_minor bigint NOT NULL,
    seller_discount_minor bigint NOT NULL,
    platform_discount_minor bigint NOT NULL,
    delivery_fee_minor bigint NOT NULL,
    small_basket_fee_minor bigint NOT NULL,
    exclusive_tax_minor bigint NOT NULL,
    inclusive_tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    latency_us bigint NOT NULL,
    latency_100us bigint NOT NULL,
    latency_1ms bigint NOT NULL,
    latency_10ms bigint NOT NULL,
    latency_100ms bigint NOT NULL,
    latency_1s bigint NOT NULL,
    CONSTRAINT analytics_quotes_pkey PRIMARY KEY (cube, grain, period, key_a, key_b, currency, hour)
-- Room on each page for the next figures of its rows.
) WITH (fillfactor = 80);
-- A key of a cube over a stretch of time.
CREATE INDEX analytics_quotes_key_a ON analytics_quotes (cube, grain, key_a, period);
CREATE INDEX analytics_quotes_key_b ON analytics_quotes (cube, grain, key_b, period) WHERE key_b <> '';
COMMENT ON TABLE analytics_quotes IS
    'Rollups of what was counted. Amounts are minor units of the currency; one too large for the column stays at its bound';
COMMENT ON COLUMN analytics_quotes.cube IS
    'Empty, a dimension, or two joined by + in the order region, category, seller, product, rule, flag, tier';
COMMENT ON COLUMN analytics_quotes.grain IS
    'hour, day, month: the period begins at `period`. month_hour: one hour of the day, over the month that begins at `period`';
COMMENT ON COLUMN analytics_quotes.period IS 'When it begins, by the time zone in analytics_state';
COMMENT ON COLUMN analytics_quotes.hour IS 'Of month_hour: the hour of the day, 0 to 23; otherwise -1';
COMMENT ON COLUMN analytics_quotes.key_a IS 'Value of the first dimension of the cube; empty where it is not known';
COMMENT ON COLUMN analytics_quotes.key_b IS 'Value of the second dimension; empty where it is not known or there is none';
COMMENT ON COLUMN analytics_quotes.quotes IS
    'Answers with a quote, the same quote handed out again too. 0 in cubes of category, seller, product and rule';
COMMENT ON COLUMN analytics_quotes.priced IS
    'Quotes issued: all lines, units and amounts are of these. 0 in cubes of category, seller and product, whose counts are of lines';
COMMENT ON COLUMN analytics_quotes.local IS 'Answers with a quote that the process had issued or found before';
COMMENT ON COLUMN analytics_quotes.redis IS 'Answers with a quote that another process had issued';
COMMENT ON COLUMN analytics_quotes.express IS 'Quotes issued for express delivery';
COMMENT ON COLUMN analytics_quotes.lines IS
    'Lines of quotes issued; in a cube of rule and category, seller or product those that the rule gave a discount on';
COMMENT ON COLUMN analytics_quotes.lines_request IS
    'Of the lines, those whose price the request gave; lines_catalog and lines_flash_sale are the others';
COMMENT ON COLUMN analytics_quotes.gross_minor IS 'Lines before discounts, as item_total of a quote';
COMMENT ON COLUMN analytics_quotes.seller_discount_minor IS
    'What of the discounts sellers pay for; in cubes of rule the rule''s own discounts';
COMMENT ON COLUMN analytics_quotes.platform_discount_minor IS
    'What of the discounts the platform pays for; in cubes of rule the rule''s own discounts';
COMMENT ON COLUMN analytics_quotes.delivery_fee_minor IS 'Fees are 0 in cubes of category, seller, product and rule';
COMMENT ON COLUMN analytics_quotes.exclusive_tax_minor IS
    'Tax added to prices, that on fees too; in cubes of category, seller and product that of lines; 0 in cubes of rule';
COMMENT ON COLUMN analytics_quotes.inclusive_tax_minor IS 'Tax contained in prices, likewise';
COMMENT ON COLUMN analytics_quotes.total_minor IS
    'What customers would pay; of lines without fees. In cubes of rule of the quotes or lines that it acted on';
COMMENT ON COLUMN analytics_quotes.commission_minor IS 'Commission before its tax; 0 in cubes of rule';
COMMENT ON COLUMN analytics_quotes.latency_us IS
    'Time that the answers took, together; 0 in cubes of category, seller, product and rule, as the counts after it';
COMMENT ON COLUMN analytics_quotes.latency_100us IS 'Answers that took at most 100 us';
COMMENT ON COLUMN analytics_quotes.latency_1ms IS 'Answers that took longer than that and at most 1 ms, and so on';

-- Every row of analytics_quote_minutes in each cube that it belongs to, not added up yet. A statement that names a cube reads
-- that branch alone.
DO $$
BEGIN
    EXECUTE (
        WITH kinds (kind, source, figures) AS (VALUES
            ('quote', 'analytics_quote_minutes m',
                'quotes, priced, local, redis, express, lines, units, lines_request, lines_catalog, lines_flash_sale, '
                'gross_minor, seller_discount_minor, platform_discount_minor, delivery_fee_minor, small_basket_fee_minor, '
                'exclusive_tax_minor, inclusive_tax_minor, total_minor, commission_minor, latency_us, latency_100us, '
                'latency_1ms, latency_10ms, latency_100ms, latency_1s'),
            ('rule', 'analytics_quote_minutes m CROSS JOIN LATERAL unnest('
                'rules, rule_counts, rule_gross_minor, rule_total_minor, rule_seller_minor, rule_platform_minor'
                ') AS r (rule, counts, gross, total, by_seller, by_platform)',
                '0::bigint, CASE WHEN is_line THEN 0 ELSE counts END, 0::bigint, 0::bigint, 0::bigint, '
                'CASE WHEN is_line THEN counts ELSE 0 END, 0::bigint, 0::bigint, 0::bigint, 0::bigint, '
                'gross, by_seller, by_platform, 0::bigint, 0::bigint, 0::bigint, 0::bigint, total, 0::bigint, '
                '0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint')
        ), cubes (cube, is_line, kind, key_a, key_b) AS (VALUES
            ('', false, 'quote', '''''', ''''''),
            ('region', false, 'quote', 'region', ''''''),
            ('tier', false, 'quote', 'tier', ''''''),
            ('region+tier', false, 'quote', 'region', 'tier'),
            ('flag', false, 'quote', 'flag', ''''''),
            ('region+flag', false, 'quote', 'region', 'flag'),
            ('flag+tier', false, 'quote', 'flag', 'tier'),
            ('rule', false, 'rule', 'rule', ''''''),
            ('region+rule', false, 'rule', 'region', 'rule'),
            ('rule+tier', false, 'rule', 'rule', 'tier'),
            ('rule+flag', false, 'rule', 'rule', 'flag'),
            ('category', true, 'quote', 'category', ''''''),
            ('seller', true, 'quote', 'seller', ''''''),
            ('product', true, 'quote', 'product', ''''''),
            ('category+seller', true, 'quote', 'category', 'seller'),
            ('category+product', true, 'quote', 'category', 'product'),
            ('seller+product', true, 'quote', 'seller', 'product'),
            ('region+category', true, 'quote', 'region', 'category'),
            ('region+seller', true, 'quote', 'region', 'seller'),
            ('region+product', true, 'quote', 'region', 'product'),
            ('category+tier', true, 'quote', 'category', 'tier'),
            ('seller+tier', true, 'quote', 'seller', 'tier'),
            ('product+tier', true, 'quote', 'product', 'tier'),
            ('category+flag', true, 'quote', 'category', 'flag'),
            ('seller+flag', true, 'quote', 'seller', 'flag'),
            ('product+flag', true, 'quote', 'product', 'flag'),
            ('category+rule', true, 'rule', 'category', 'rule'),
            ('seller+rule', true, 'rule', 'seller', 'rule'),
            ('product+rule', true, 'rule', 'product', 'rule')
        )
        SELECT 'CREATE VIEW analytics_quotes_unfolded (flushed_at, minute, cube, currency, key_a, key_b, '
            || (SELECT figures FROM kinds WHERE kind = 'quote') || ') AS '
            || string_agg(format(
                'SELECT flushed_at, minute, %L::text, currency, %s, %s, %s FROM %s%s WHERE is_line = %L::boolean',
                cube, key_a, key_b, figures, source,
                CASE WHEN 'flag' IN (key_a, key_b) THEN ' CROSS JOIN LATERAL unnest(flags) AS f (flag)' ELSE '' END,
                is_line
            ), ' UNION ALL ')
        FROM cubes JOIN kinds USING (kind)
    );
END $$;
COMMENT ON VIEW analytics_quotes_unfolded IS
    'What is not in analytics_quotes yet, in the same cubes and figures; `minute` lies within the period it belongs to';
