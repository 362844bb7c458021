-- Why: campaigns that move a product's price with its demand, and what each of them made of the price hour by hour.
--   next_step_at is when a worker has to look at a campaign again: at its start, then at each of its full hours; NULL once
--   it is over. Of a product and currency no two campaigns that are not over share an instant, whoever writes them.
--   accepted_quote_lines.variant_id: what a campaign of a variant counts. NULL for lines that name no variant, and for
--   those accepted before this migration.
-- Locks: products and product_variants against changes of their definition while the foreign keys are made;
--   accepted_quote_lines for the moment in which it gets its column.
-- Undo: drop table campaign_hours, campaigns; put keep_accepted_lines back as in 0041;
--   alter table accepted_quote_lines drop column variant_id.

CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    product_id uuid NOT NULL CONSTRAINT campaigns_product REFERENCES products (id),
    variant_id uuid,
    item_id uuid GENERATED ALWAYS AS (coalesce(variant_id, product_id)) STORED,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    duration_hours integer NOT NULL CHECK (duration_hours BETWEEN 1 AND 87600),
    limit_percent numeric(9, 6) NOT NULL CHECK (limit_percent BETWEEN 0 AND 100),
    target_sales_count integer NOT NULL CHECK (target_sales_count BETWEEN 1 AND 1000000000),
    starts_at timestamptz NOT NULL CHECK (isfinite(starts_at)),
    ends_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('scheduled', 'active', 'ended', 'cancelled')),
    -- What every move is a percentage of; NULL before the start.
    starting_price numeric(19, 6),
    -- What the campaign made the price last.
    last_price numeric(19, 6),
    next_step_at timestamptz,
    -- When it ended or was cancelled.
    stopped_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT campaigns_name UNIQUE (name),
    CONSTRAINT campaigns_variant FOREIGN KEY (product_id, variant_id) REFERENCES product_variants (product_id, id),
    CONSTRAINT campaigns_period CHECK (ends_at = starts_at + make_interval(hours => duration_hours)),
    CONSTRAINT campaigns_steps CHECK ((status IN ('scheduled', 'active')) = (next_step_at IS NOT NULL)),
    CONSTRAINT campaigns_stopped CHECK ((status IN ('scheduled', 'active')) = (stopped_at IS NULL)),
    CONSTRAINT campaigns_priced CHECK (
        (starting_price IS NULL) = (last_price IS NULL) AND CASE status
            WHEN 'scheduled' THEN starting_price IS NULL
            WHEN 'cancelled' THEN true
            ELSE starting_price IS NOT NULL
        END
    ),
    CONSTRAINT campaigns_no_overlap EXCLUDE USING gist (
        product_id WITH =, currency WITH =, tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (status IN ('scheduled', 'active'))
);
CREATE INDEX campaigns_due ON campaigns (next_step_at, id) WHERE next_step_at IS NOT NULL;
CREATE INDEX campaigns_of_item ON campaigns (item_id, currency) WHERE status = 'active';
CREATE INDEX campaigns_product_page ON campaigns (product_id, id);
CREATE INDEX campaigns_status_page ON campaigns (status, id);
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON campaigns
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- What was over stays as it was; a campaign keeps its terms once it has begun.
CREATE FUNCTION guard_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('ended', 'cancelled') OR (OLD.status = 'active' AND NEW.status = 'scheduled') OR NEW.id <> OLD.id
        OR OLD.status = 'active' AND (
            NEW.product_id, NEW.currency, NEW.duration_hours, NEW.limit_percent, NEW.target_sales_count, NEW.starts_at
        ) <> (
            OLD.product_id, OLD.currency, OLD.duration_hours, OLD.limit_percent, OLD.target_sales_count, OLD.starts_at
        )
        OR OLD.status = 'active' AND NEW.variant_id IS DISTINCT FROM OLD.variant_id
    THEN
        RAISE EXCEPTION 'campaign % is decided', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_campaign BEFORE UPDATE ON campaigns FOR EACH ROW EXECUTE FUNCTION guard_campaign();

CREATE TABLE campaign_hours (
    campaign_id uuid NOT NULL REFERENCES campaigns (id),
    -- Full hours since the start. Hours that nobody worked out have no row.
    hour integer NOT NULL CHECK (hour BETWEEN 0 AND 87600),
    -- Units sold until that hour.
    sold bigint NOT NULL CHECK (sold >= 0),
    starting_price numeric(19, 6) NOT NULL,
    price numeric(19, 6) NOT NULL,
    held_by text CHECK (held_by IN ('limit', 'min_price', 'max_price')),
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, hour)
);
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON campaign_hours
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON campaign_hours
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE accepted_quote_lines ADD COLUMN variant_id uuid;

CREATE OR REPLACE FUNCTION keep_accepted_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accepted_quote_lines (
        quote_id, line, product_id, variant_id, accepted_at, currency, quantity, net_minor, price_source
    )
    SELECT NEW.quote_id, item.line, item.product_id, item.variant_id, NEW.accepted_at, NEW.currency, item.quantity,
        (item.line_total - item.discount_amount) * 10 ^ NEW.exponent::numeric, item.price_source
    FROM ROWS FROM (
        json_to_recordset(convert_from(NEW.data, 'UTF8')::json -> 'items') AS (
            product_id uuid, variant_id uuid, quantity integer, line_total numeric, discount_amount numeric,
            price_source text
        )
    ) WITH ORDINALITY
        AS item (product_id, variant_id, quantity, line_total, discount_amount, price_source, line);
    RETURN NULL;
END $$;
