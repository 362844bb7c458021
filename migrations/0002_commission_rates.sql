-- Why: what the marketplace keeps of a line, with every earlier version of each rate, so that a past rulebook version
--   can be rebuilt: a row counted in versions changed_in <= v < replaced_in (the current row: no replaced_in).
--   region_key is the folded form of region, worked out by the application: two spellings of one place are one scope.
-- Locks: none on existing tables. btree_gist is a trusted extension: the owner of the database may create it.
-- Undo: drop table commission_rate_history, commission_rates; drop function keep_commission_rate_version.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE commission_rates (
    id uuid PRIMARY KEY,
    seller_id uuid,
    category_id uuid,
    logistics_provider text CHECK (length(logistics_provider) BETWEEN 1 AND 100),
    commission_type text NOT NULL CHECK (commission_type IN ('PERCENTAGE', 'FLAT', 'TIERED')),
    rate numeric,
    min_amount numeric CHECK (min_amount >= 0 AND min_amount < 10000000000000),
    max_amount numeric CHECK (max_amount >= 0 AND max_amount < 10000000000000),
    tiers jsonb CHECK (jsonb_typeof(tiers) = 'array' AND jsonb_array_length(tiers) BETWEEN 1 AND 100),
    scope text CHECK (scope IN ('UNIT', 'LINE', 'ORDER')),
    split jsonb CHECK (jsonb_typeof(split) = 'object'),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    region text CHECK (length(region) BETWEEN 1 AND 400),
    region_key text NOT NULL,
    effective_from timestamptz NOT NULL CHECK (isfinite(effective_from)),
    effective_to timestamptz CHECK (isfinite(effective_to)),
    is_active boolean NOT NULL DEFAULT true,
    priority integer NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1000000 AND 1000000),
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_in bigint NOT NULL,
    CONSTRAINT commission_rates_period CHECK (effective_to > effective_from),
    CONSTRAINT commission_rates_clamps CHECK (min_amount <= max_amount),
    -- NaN sorts above every number, so each upper bound refuses it too.
    CONSTRAINT commission_rates_charge CHECK (
        CASE commission_type
            WHEN 'TIERED' THEN rate IS NULL AND tiers IS NOT NULL
            WHEN 'FLAT' THEN tiers IS NULL AND rate IS NOT NULL AND rate >= 0 AND rate < 10000000000000
            ELSE tiers IS NULL AND rate IS NOT NULL AND rate BETWEEN 0 AND 100
        END
    ),
    CONSTRAINT commission_rates_currency_given CHECK (
        currency IS NOT NULL OR (commission_type = 'PERCENTAGE' AND min_amount IS NULL AND max_amount IS NULL)
    ),
    CONSTRAINT commission_rates_region_folded CHECK ((region IS NULL) = (region_key = '')),
    -- One digest stands for the seven parts of the scope: an index over the parts themselves is several times as large
    -- and as slow to fill. The length keeps the key and the provider apart, whatever they contain.
    -- Deferrable, so that a bulk change may exchange periods between rows.
    CONSTRAINT commission_rates_no_overlap EXCLUDE USING gist (
        (md5(
            coalesce(seller_id::text, '') || '|' || coalesce(category_id::text, '') || '|' || coalesce(currency, '')
            || '|' || priority::text || '|' || length(region_key)::text || '|' || region_key
            || coalesce(logistics_provider, '')
        )::uuid) WITH =,
        tstzrange(effective_from, effective_to) WITH &&
    ) WHERE (is_active) DEFERRABLE INITIALLY IMMEDIATE
);

CREATE INDEX commission_rates_changed_in ON commission_rates (changed_in);
CREATE INDEX commission_rates_seller ON commission_rates (seller_id, id) WHERE seller_id IS NOT NULL;
CREATE INDEX commission_rates_category ON commission_rates (category_id, id) WHERE category_id IS NOT NULL;

-- replaced_in stands first, so that a column added to both tables later keeps them aligned.
CREATE TABLE commission_rate_history (
    replaced_in bigint NOT NULL,
    LIKE commission_rates,
    PRIMARY KEY (id, version)
);

CREATE FUNCTION keep_commission_rate_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := next_rulebook_version();
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        RETURN NEW;
    END IF;
    IF NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the id of a commission rate never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.version := OLD.version + 1;
    INSERT INTO commission_rate_history SELECT NEW.changed_in, OLD.*;
    RETURN NEW;
END $$;

CREATE TRIGGER lock_rulebook BEFORE INSERT OR UPDATE ON commission_rates
    FOR EACH STATEMENT EXECUTE FUNCTION lock_rulebook();
CREATE TRIGGER keep_version BEFORE INSERT OR UPDATE ON commission_rates
    FOR EACH ROW EXECUTE FUNCTION keep_commission_rate_version();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON commission_rates
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON commission_rate_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON commission_rate_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
