-- Why: the quotes that a checkout has committed to, with all that the commission ledger, the analytics and an explanation
--   ask of them. A row is written once and never changes. `data` is the quote as issued; `request` and
--   `rulebook_version` are NULL where the quote was accepted by its signature alone, after the cache had lost it.
--   coupon_exhaustion_history keeps earlier counts, so that a past rulebook version can be rebuilt as it was.
-- Locks: coupon_exhaustions for the moment in which its trigger is made.
-- Undo: drop table accepted_quotes, coupon_exhaustion_history; drop function keep_coupon_exhaustion cascade.

CREATE TABLE accepted_quotes (
    quote_id uuid PRIMARY KEY,
    customer_id uuid,
    external_ref text,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Amounts are whole minor units; the exponent says how many digits of them are minor.
    exponent smallint NOT NULL CHECK (exponent BETWEEN 0 AND 6),
    item_total_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    subtotal_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    delivery_fee_minor bigint NOT NULL,
    small_basket_fee_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    platform_discount_minor bigint NOT NULL,
    seller_commission_minor bigint NOT NULL,
    category_commission_minor bigint NOT NULL,
    logistics_commission_minor bigint NOT NULL,
    -- [{"seller_id", "item_total_minor", "seller_discount_minor", "commission_minor", "payout_minor"}]
    payouts jsonb NOT NULL CHECK (jsonb_typeof(payouts) = 'array'),
    coupon_codes text[] NOT NULL,
    data bytea NOT NULL,
    request bytea,
    rulebook_version bigint,
    issued_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    accepted_at timestamptz NOT NULL,
    accepted_by text NOT NULL,
    accepted_by_kind text NOT NULL CHECK (accepted_by_kind IN ('user', 'key', 'system')),
    request_id text NOT NULL,
    receipt text NOT NULL
);

CREATE INDEX accepted_quotes_accepted_at ON accepted_quotes (accepted_at, quote_id);
CREATE INDEX accepted_quotes_customer ON accepted_quotes (customer_id, accepted_at) WHERE customer_id IS NOT NULL;

CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON accepted_quotes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON accepted_quotes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE coupon_exhaustion_history (
    replaced_in bigint NOT NULL,
    LIKE coupon_exhaustions
);

CREATE INDEX coupon_exhaustion_history_changed_in ON coupon_exhaustion_history (changed_in, replaced_in);

CREATE FUNCTION keep_coupon_exhaustion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO coupon_exhaustion_history SELECT NEW.changed_in, OLD.*;
    RETURN NULL;
END $$;

CREATE TRIGGER keep_version AFTER UPDATE ON coupon_exhaustions
    FOR EACH ROW WHEN (NEW.changed_in > OLD.changed_in) EXECUTE FUNCTION keep_coupon_exhaustion();
