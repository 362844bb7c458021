-- Why: versioned pricing rules. A version is a row that never changes but for is_active (with who switched it and
--   when); each such switch keeps the row as it was, so that a past rulebook version can be rebuilt.
-- Locks: none on existing tables.
-- Undo: drop table pricing_rule_history, pricing_rules; drop function keep_pricing_rule_version.

CREATE TABLE pricing_rules (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    type text NOT NULL CONSTRAINT pricing_rules_type CHECK (
        type IN ('DELIVERY_FEE', 'EXPRESS_FEE', 'SMALL_BASKET_FEE', 'FREE_DELIVERY', 'TAX', 'PROMOTION', 'COUPON')
    ),
    configuration jsonb NOT NULL CHECK (jsonb_typeof(configuration) = 'object'),
    conditions jsonb CHECK (jsonb_typeof(conditions) = 'object'),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    region text CHECK (length(region) BETWEEN 1 AND 400),
    region_key text NOT NULL,
    priority integer NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1000000 AND 1000000),
    effective_from timestamptz NOT NULL CHECK (isfinite(effective_from)),
    effective_to timestamptz CHECK (isfinite(effective_to)),
    is_active boolean NOT NULL DEFAULT true,
    version integer NOT NULL CHECK (version > 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    -- Counts the switches of is_active; `version` is the rule's own.
    revision integer NOT NULL DEFAULT 1,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_in bigint NOT NULL,
    CONSTRAINT pricing_rules_period CHECK (effective_to > effective_from),
    CONSTRAINT pricing_rules_region_folded CHECK ((region IS NULL) = (region_key = '')),
    -- The types that hold amounts whatever else they hold; the rest is told from the configuration on write.
    CONSTRAINT pricing_rules_currency_given CHECK (
        currency IS NOT NULL OR type NOT IN ('DELIVERY_FEE', 'EXPRESS_FEE', 'SMALL_BASKET_FEE')
    ),
    CONSTRAINT pricing_rules_name_version UNIQUE (name, version),
    CONSTRAINT pricing_rules_one_type EXCLUDE USING gist (name WITH =, type WITH <>)
);

CREATE INDEX pricing_rules_changed_in ON pricing_rules (changed_in);

CREATE TABLE pricing_rule_history (
    replaced_in bigint NOT NULL,
    LIKE pricing_rules,
    PRIMARY KEY (id, revision)
);

CREATE FUNCTION keep_pricing_rule_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    switched pricing_rules := OLD;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        switched.is_active := NEW.is_active;
        switched.changed_by := NEW.changed_by;
        switched.changed_at := NEW.changed_at;
        -- Compared as stored, so that 1.0 and 1.00 differ.
        IF NOT switched *= NEW THEN
            RAISE EXCEPTION 'a version of a pricing rule never changes' USING ERRCODE = 'restrict_violation';
        END IF;
        NEW.revision := OLD.revision + 1;
        NEW.changed_in := next_rulebook_version();
        INSERT INTO pricing_rule_history SELECT NEW.changed_in, OLD.*;
        RETURN NEW;
    END IF;
    NEW.revision := 1;
    NEW.changed_in := next_rulebook_version();
    RETURN NEW;
END $$;

CREATE TRIGGER lock_rulebook BEFORE INSERT OR UPDATE ON pricing_rules
    FOR EACH STATEMENT EXECUTE FUNCTION lock_rulebook();
CREATE TRIGGER keep_version BEFORE INSERT OR UPDATE ON pricing_rules
    FOR EACH ROW EXECUTE FUNCTION keep_pricing_rule_version();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON pricing_rules
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON pricing_rule_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON pricing_rule_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
