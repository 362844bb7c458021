-- Why: within what bounds prices may be proposed or set: of a product, of a category, or of everything in a currency. What a policy
--   leaves open is its category's, then everybody's; price_policies_in_force says what that comes to, for the code and for the
--   triggers of decisions alike. Percentages are kept in basis points, so that bounds are exact.
--   price_decision_products holds what is so of single products: taken out of the loop by an experiment, or put back from
--   automatic to suggestions by a roll back until somebody confirms.
-- Locks: products and categories against changes of their definition while the foreign keys are made.
-- Undo: DROP VIEW price_policies_in_force; DROP TABLE price_decision_products, price_policies.

CREATE TABLE price_policies (
    id                     uuid PRIMARY KEY,
    product_id             uuid CONSTRAINT price_policies_product REFERENCES products (id),
    category_id            uuid CONSTRAINT price_policies_category REFERENCES categories (id),
    currency               text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    mode                   text CHECK (mode IN ('off', 'shadow', 'suggest', 'auto')),
    floor_price            numeric(19, 6) CHECK (floor_price > 0 AND floor_price < 10000000000000),
    floor_bp               integer CHECK (floor_bp BETWEEN 1 AND 10000),
    ceiling_price          numeric(19, 6) CHECK (ceiling_price > 0 AND ceiling_price < 10000000000000),
    minimum_advertised     numeric(19, 6) CHECK (minimum_advertised > 0 AND minimum_advertised < 10000000000000),
    cost                   numeric(19, 6) CHECK (cost >= 0 AND cost < 10000000000000),
    lowest_margin_bp       integer CHECK (lowest_margin_bp BETWEEN 0 AND 9999),
    highest_margin_bp      integer CHECK (highest_margin_bp BETWEEN 0 AND 10000),
    step_bp                integer CHECK (step_bp BETWEEN 0 AND 10000),
    day_bp                 integer CHECK (day_bp BETWEEN 0 AND 10000),
    cumulative_bp          integer CHECK (cumulative_bp BETWEEN 0 AND 10000),
    above_competitors_bp   integer CHECK (above_competitors_bp BETWEEN 0 AND 100000),
    below_competitors_bp   integer CHECK (below_competitors_bp BETWEEN 0 AND 10000),
    competitor_seconds     integer CHECK (competitor_seconds BETWEEN 60 AND 31536000),
    price_every            numeric(19, 6) CHECK (price_every > 0 AND price_every < 10000000000000),
    price_endings          numeric(19, 6)[] CHECK (cardinality(price_endings) BETWEEN 1 AND 20),
    keep_lowest_30_days    boolean,
    breaker_move_bp        integer CHECK (breaker_move_bp BETWEEN 0 AND 10000),
    breaker_share_bp       integer CHECK (breaker_share_bp BETWEEN 0 AND 10000),
    version                integer NOT NULL DEFAULT 1,
    created_by             text NOT NULL,
    created_at             timestamptz NOT NULL,
    changed_by             text NOT NULL,
    updated_at             timestamptz NOT NULL,
    -- The ids are null or not together with each other: one policy of each.
    CONSTRAINT price_policies_scope UNIQUE NULLS NOT DISTINCT (product_id, category_id, currency),
    CONSTRAINT price_policies_one_scope CHECK (product_id IS NULL OR category_id IS NULL),
    -- An amount is of one product.
    CONSTRAINT price_policies_amounts CHECK (
        product_id IS NOT NULL OR num_nonnulls(floor_price, ceiling_price, minimum_advertised, cost) = 0
    ),
    -- Of the whole catalog.
    CONSTRAINT price_policies_breaker CHECK (
        (product_id IS NULL AND category_id IS NULL) OR num_nonnulls(breaker_move_bp, breaker_share_bp) = 0
    ),
    CONSTRAINT price_policies_points CHECK ((price_every IS NULL) = (price_endings IS NULL)),
    CONSTRAINT price_policies_floor CHECK (floor_price <= ceiling_price AND minimum_advertised <= ceiling_price),
    CONSTRAINT price_policies_margins CHECK (lowest_margin_bp <= highest_margin_bp)
);
CREATE INDEX price_policies_category ON price_policies (category_id, currency) WHERE category_id IS NOT NULL;

CREATE TABLE price_decision_products (
    product_id uuid NOT NULL CONSTRAINT price_decision_products_product REFERENCES products (id),
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- The price experiment that has the product; the loop leaves it alone meanwhile.
    claimed_by uuid,
    -- Rolled back then, and not confirmed since: what would be set is suggested.
    demoted_at timestamptz,
    PRIMARY KEY (product_id, currency)
);

-- What holds for the own price of each product. Amounts in minor units; bounds are rounded inwards, and the cost up.
CREATE VIEW price_policies_in_force AS
SELECT pp.product_id, pp.currency, pr.category_id, pr.is_active, currency_digits(pp.currency) AS exponent,
    p.id AS policy_id, p.version AS policy_version, k.id AS category_policy_id, k.version AS category_policy_version,
    a.id AS default_policy_id, a.version AS default_policy_version,
    CASE WHEN s.demoted_at IS NOT NULL AND told.mode = 'auto' THEN 'suggest' ELSE told.mode END AS mode,
    s.claimed_by, s.demoted_at,
    pp.current_price * scale AS current_units,
    ceil(greatest(p.floor_price, pp.base_price * coalesce(p.floor_bp, k.floor_bp, a.floor_bp) / 10000, nullif(pp.min_price, 0))
        * scale)::bigint AS floor_minor,
    floor(least(p.ceiling_price, pp.max_price) * scale)::bigint AS ceiling_minor,
    ceil(p.minimum_advertised * scale)::bigint AS minimum_advertised_minor,
    ceil(coalesce(p.cost, pp.cost_price) * scale)::bigint AS cost_minor,
    p.cost IS NOT NULL AS is_cost_of_policy,
    told.lowest_margin_bp, greatest(told.highest_margin_bp, told.lowest_margin_bp) AS highest_margin_bp,
    coalesce(p.step_bp, k.step_bp, a.step_bp, 500) AS step_bp,
    coalesce(p.day_bp, k.day_bp, a.day_bp, 1000) AS day_bp,
    coalesce(p.cumulative_bp, k.cumulative_bp, a.cumulative_bp, 2000) AS cumulative_bp,
    coalesce(p.above_competitors_bp, k.above_competitors_bp, a.above_competitors_bp) AS above_competitors_bp,
    coalesce(p.below_competitors_bp, k.below_competitors_bp, a.below_competitors_bp) AS below_competitors_bp,
    coalesce(p.competitor_seconds, k.competitor_seconds, a.competitor_seconds, 86400) AS competitor_seconds,
    coalesce(p.price_every, k.price_every, a.price_every) AS price_every,
    CASE WHEN p.price_every IS NOT NULL THEN p.price_endings WHEN k.price_every IS NOT NULL THEN k.price_endings
        ELSE a.price_endings END AS price_endings,
    coalesce(p.keep_lowest_30_days, k.keep_lowest_30_days, a.keep_lowest_30_days, false) AS keep_lowest_30_days,
    coalesce(a.breaker_move_bp, 300) AS breaker_move_bp, coalesce(a.breaker_share_bp, 2000) AS breaker_share_bp
FROM product_prices AS pp
JOIN products AS pr ON pr.id = pp.product_id
CROSS JOIN LATERAL (SELECT 10::numeric ^ currency_digits(pp.currency) AS scale) AS unit
LEFT JOIN price_policies AS p ON p.product_id = pp.product_id AND p.currency = pp.currency
LEFT JOIN LATERAL (
    -- The nearest category that has one.
    WITH RECURSIVE above (id, steps) AS (
        SELECT pr.category_id, 0
        UNION ALL
        SELECT c.parent_id, above.steps + 1 FROM above JOIN categories AS c ON c.id = above.id WHERE c.parent_id IS NOT NULL
    )
    SELECT q.* FROM above JOIN price_policies AS q ON q.category_id = above.id AND q.currency = pp.currency
    ORDER BY above.steps LIMIT 1
) AS k ON true
LEFT JOIN price_policies AS a ON a.product_id IS NULL AND a.category_id IS NULL AND a.currency = pp.currency
LEFT JOIN price_decision_products AS s ON s.product_id = pp.product_id AND s.currency = pp.currency
CROSS JOIN LATERAL (
    SELECT coalesce(p.mode, k.mode, a.mode, 'off') AS mode,
        coalesce(p.lowest_margin_bp, k.lowest_margin_bp, a.lowest_margin_bp, 500) AS lowest_margin_bp,
        coalesce(p.highest_margin_bp, k.highest_margin_bp, a.highest_margin_bp, 3000) AS highest_margin_bp
) AS told
WHERE pp.variant_id IS NULL;
