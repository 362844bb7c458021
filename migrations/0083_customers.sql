-- Why: what the shop knows of a customer, so far as prices need it: tier and segments, with an e-mail address and the name that
--   another system has for the customer. Ids come from outside: a checkout knows its customers, and a shopper is one by the id
--   of the login.
--   A row is never removed: `erased_at` marks a customer whose data has been erased, so that the id is not used again by
--   mistake, and so that whoever follows the table hears of it. Such a row says nothing of a person and never changes again.
-- Locks: none on existing tables.
-- Undo: drop table customers; drop function keep_customer_version.

CREATE TABLE customers (
    id uuid CONSTRAINT customers_pkey PRIMARY KEY,
    external_ref text CHECK (length(external_ref) BETWEEN 1 AND 200),
    email text CHECK (length(email) BETWEEN 3 AND 254),
    tier text CHECK (length(tier) BETWEEN 1 AND 200),
    segments text[] NOT NULL DEFAULT '{}' CHECK (cardinality(segments) <= 1000),
    is_active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    -- The transaction that wrote this version: what workers follow the table by.
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    erased_at timestamptz,
    CONSTRAINT customers_external_ref UNIQUE (external_ref),
    CONSTRAINT customers_erased CHECK (
        erased_at IS NULL OR (num_nonnulls(external_ref, email, tier) = 0 AND cardinality(segments) = 0 AND NOT is_active)
    )
);
-- Addresses that differ in case only are one.
CREATE UNIQUE INDEX customers_email ON customers (lower(email COLLATE "pg_c_utf8"));
CREATE INDEX customers_tier_page ON customers (tier, id) WHERE tier IS NOT NULL;
CREATE INDEX customers_segments ON customers USING gin (segments) WITH (fastupdate = off);
CREATE INDEX customers_active_page ON customers (is_active, id);
CREATE INDEX customers_updated ON customers (updated_at, id);
CREATE INDEX customers_changed_in ON customers (changed_in);

CREATE FUNCTION keep_customer_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the id of a customer never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'an erased customer never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.version := CASE WHEN OLD.changed_in = pg_current_xact_id() THEN OLD.version ELSE OLD.version + 1 END;
    NEW.changed_in := pg_current_xact_id();
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER keep_version BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION keep_customer_version();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON customers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
