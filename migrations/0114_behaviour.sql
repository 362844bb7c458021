-- Why: what shoppers do with a product is one of the things that prices are decided by. Only sums by product and hour are kept:
--   there is no column that could say who it was.
-- Locks: none; the table is new.
-- Undo: DROP TABLE product_behaviour_hours.

CREATE TABLE product_behaviour_hours (
    product_id     uuid NOT NULL,
    hour           timestamptz NOT NULL CHECK (isfinite(hour) AND date_trunc('hour', hour, 'UTC') = hour),
    views          bigint NOT NULL DEFAULT 0 CHECK (views >= 0),
    searches       bigint NOT NULL DEFAULT 0 CHECK (searches >= 0),
    carts          bigint NOT NULL DEFAULT 0 CHECK (carts >= 0),
    cart_units     bigint NOT NULL DEFAULT 0 CHECK (cart_units >= 0),
    purchases      bigint NOT NULL DEFAULT 0 CHECK (purchases >= 0),
    purchase_units bigint NOT NULL DEFAULT 0 CHECK (purchase_units >= 0),
    CONSTRAINT product_behaviour_hours_pkey PRIMARY KEY (product_id, hour)
) WITH (fillfactor = 80);
CREATE INDEX product_behaviour_hours_hour ON product_behaviour_hours USING brin (hour);
