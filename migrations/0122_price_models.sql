-- Why: what was learnt about demand, a version each time: how each product answers to its price and how much of it sells, as
--   decisions take it, and how the forecasts that competed did. Versions go by age; decisions keep what they used of them.
-- Locks: none that anybody waits for.
-- Undo: DROP TABLE price_model_products, price_models.

CREATE TABLE price_models (
    id            uuid PRIMARY KEY,
    created_at    timestamptz NOT NULL,
    learned_from  date NOT NULL,
    -- The last day that was learnt from.
    learned_until date NOT NULL CHECK (learned_until >= learned_from),
    products      integer NOT NULL CHECK (products >= 0),
    rows          integer NOT NULL CHECK (rows >= 0),
    -- The forecast that is used, of those that were tried.
    champion      text NOT NULL,
    trials        json NOT NULL,
    uses_behaviour boolean NOT NULL DEFAULT false,
    seconds       double precision NOT NULL CHECK (seconds >= 0),
    learned_with  json NOT NULL
);
CREATE INDEX price_models_newest ON price_models (created_at);

CREATE TABLE price_model_products (
    model_id        uuid NOT NULL CONSTRAINT price_model_products_model REFERENCES price_models (id) ON DELETE CASCADE,
    product_id      uuid NOT NULL,
    currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- The price that so many units a day are expected at.
    reference_minor bigint NOT NULL CHECK (reference_minor > 0),
    units_a_day     double precision NOT NULL CHECK (units_a_day >= 0 AND units_a_day < 'Infinity'),
    is_identified   boolean NOT NULL,
    elasticity      json NOT NULL,
    PRIMARY KEY (model_id, product_id, currency)
);
CREATE INDEX price_model_products_of ON price_model_products (product_id, currency);
