-- Why: what accepted quotes used up of coupons. coupon_uses says which quote used which coupon (and refuses to count one
--   quote twice); coupon_usage counts by coupon, and by coupon and customer, so that a limit is kept by one row's lock;
--   coupon_exhaustions tells the rulebook which counts have reached a limit. It carries the count and not a verdict,
--   because the next version of the coupon may have another limit.
-- Locks: none on existing tables.
-- Undo: drop table coupon_exhaustions, coupon_usage, coupon_uses; drop function stamp_coupon_exhaustion.

CREATE TABLE coupon_uses (
    quote_id uuid NOT NULL,
    rule_name text NOT NULL CHECK (length(rule_name) BETWEEN 1 AND 200),
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 200),
    customer_id uuid NOT NULL,
    used_at timestamptz NOT NULL,
    PRIMARY KEY (quote_id, rule_name)
);

CREATE INDEX coupon_uses_rule_name ON coupon_uses (rule_name, customer_id);

-- customer_id NULL: the count over all customers.
CREATE TABLE coupon_usage (
    rule_name text NOT NULL CHECK (length(rule_name) BETWEEN 1 AND 200),
    customer_id uuid,
    uses bigint NOT NULL CHECK (uses >= 0),
    CONSTRAINT coupon_usage_counter UNIQUE NULLS NOT DISTINCT (rule_name, customer_id)
);

CREATE TABLE coupon_exhaustions (
    rule_name text NOT NULL CHECK (length(rule_name) BETWEEN 1 AND 200),
    customer_id uuid,
    uses bigint NOT NULL CHECK (uses >= 0),
    changed_in bigint NOT NULL,
    CONSTRAINT coupon_exhaustions_counter UNIQUE NULLS NOT DISTINCT (rule_name, customer_id)
);

CREATE INDEX coupon_exhaustions_changed_in ON coupon_exhaustions (changed_in);

CREATE FUNCTION stamp_coupon_exhaustion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.rule_name, NEW.customer_id) IS DISTINCT FROM (OLD.rule_name, OLD.customer_id) THEN
        RAISE EXCEPTION 'an exhaustion never moves to another coupon' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.changed_in := next_rulebook_version();
    RETURN NEW;
END $$;

CREATE TRIGGER lock_rulebook BEFORE INSERT OR UPDATE ON coupon_exhaustions
    FOR EACH STATEMENT EXECUTE FUNCTION lock_rulebook();
CREATE TRIGGER stamp_change BEFORE INSERT OR UPDATE ON coupon_exhaustions
    FOR EACH ROW EXECUTE FUNCTION stamp_coupon_exhaustion();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON coupon_exhaustions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON coupon_uses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
