-- Why: sizes of one thing are priced in relation to each other: a bigger pack costs no less in all and no more by unit. A product's
--   policy names its family and how many units its pack has; the database holds what is set by itself to it, as it does the other
--   bounds.
-- Locks: price_policies for the moment in which its columns and index are made; rows are few.
-- Undo: DROP FUNCTION guard_price_family CASCADE; DROP FUNCTION price_family_bounds; DROP INDEX price_policies_family_units; ALTER TABLE
--   price_policies DROP COLUMN family, DROP COLUMN family_units.

ALTER TABLE price_policies
    ADD COLUMN family text CHECK (length(family) BETWEEN 1 AND 100),
    ADD COLUMN family_units numeric(19, 6) CHECK (family_units > 0 AND family_units < 10000000000000),
    ADD CONSTRAINT price_policies_family CHECK (
        (family IS NULL) = (family_units IS NULL) AND (family IS NULL OR product_id IS NOT NULL)
    );
-- Two of one size could never move apart from each other.
CREATE UNIQUE INDEX price_policies_family_units ON price_policies (currency, family, family_units) WHERE family IS NOT NULL;

-- What the prices of the rest of its family allow, both ends included; NULL is no limit.
CREATE FUNCTION price_family_bounds(product uuid, of_currency text, OUT lowest numeric, OUT highest numeric)
    LANGUAGE sql STABLE AS $$
    SELECT max(CASE WHEN other.family_units < own.family_units THEN pp.current_price
            ELSE pp.current_price * own.family_units / other.family_units END),
        min(CASE WHEN other.family_units > own.family_units THEN pp.current_price
            ELSE pp.current_price * own.family_units / other.family_units END)
    FROM price_policies AS own
    JOIN price_policies AS other
        ON other.family = own.family AND other.currency = own.currency AND other.product_id <> own.product_id
    JOIN products AS pr ON pr.id = other.product_id AND pr.is_active
    JOIN product_prices AS pp ON pp.item_id = other.product_id AND pp.currency = other.currency
    WHERE own.product_id = product AND own.currency = of_currency
$$;

CREATE FUNCTION guard_price_family() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    family record;
    price numeric := NEW.price_minor / 10::numeric ^ NEW.exponent;
BEGIN
    SELECT * INTO family FROM price_family_bounds(NEW.product_id, NEW.currency);
    -- A quotient of numerics may be off in its last digit.
    IF price < family.lowest - 0.000000001 OR price > family.highest + 0.000000001 THEN
        PERFORM refuse_price_decision('price_decisions_family', 'the price does not fit those of its family');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_family BEFORE INSERT OR UPDATE OF state ON price_decisions
    FOR EACH ROW WHEN (NEW.state = 'applied' AND NOT NEW.by_person) EXECUTE FUNCTION guard_price_family();
