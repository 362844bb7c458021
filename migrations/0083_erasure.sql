-- Why: a customer can be erased. Accepted quotes stay, with all their lines and amounts, and without whose they are: `customer_id`,
--   the reference of the checkout (its column, and in `data`), the request with place and coordinates, and the name of a shopper
--   who accepted. The rows are still never changed in any other way, and never for a customer who is not erased: the trigger
--   below makes the change itself, so that no program can make another.
--   What is accepted after an erasure, or at the same moment, is written without it too. Kept answers name the customer they are
--   about, to be blanked; a use of a coupon may have lost whose it was (the counts in coupon_usage stay).
-- Locks: accepted_quotes, coupon_uses and idempotency_keys for a moment; writes of idempotency_keys while its index is built (it
--   holds the answers of one day).
-- Undo: put the trigger refuse_change back on accepted_quotes; drop the triggers, functions and the column below.

-- Held shared by what writes about a customer for good, and alone by the erasure, until their transactions end.
CREATE FUNCTION customer_lock(customer uuid) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashtextextended('customer ' || customer::text, 0);

-- The member stands second, so that one of the same name further in (a flag's value) is never met.
CREATE FUNCTION without_external_ref(data bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN convert_to(
        regexp_replace(
            convert_from(data, 'UTF8'), '^(\{"quote_id":"[0-9a-f-]+","external_ref":)"(?:[^"\\]|\\.)*"', '\1null'
        ),
        'UTF8'
    );

CREATE FUNCTION without_person(quote accepted_quotes) RETURNS accepted_quotes LANGUAGE plpgsql AS $$
BEGIN
    IF quote.accepted_by_kind = 'user' AND quote.accepted_by = quote.customer_id::text THEN
        quote.accepted_by := 'erased';
    END IF;
    quote.customer_id := NULL;
    quote.external_ref := NULL;
    quote.request := NULL;
    quote.data := without_external_ref(quote.data);
    RETURN quote;
END $$;

CREATE FUNCTION is_erased_customer(customer uuid) RETURNS boolean
    LANGUAGE sql VOLATILE
    RETURN EXISTS (SELECT FROM customers WHERE id = customer AND erased_at IS NOT NULL);

CREATE FUNCTION hold_customer_of_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(customer_lock(NEW.customer_id));
    IF is_erased_customer(NEW.customer_id) THEN
        RETURN without_person(NEW);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION guard_accepted_quote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked accepted_quotes := OLD;
BEGIN
    asked.customer_id := NULL;
    IF OLD.customer_id IS NULL OR NEW IS DISTINCT FROM asked OR NOT is_erased_customer(OLD.customer_id) THEN
        RAISE EXCEPTION 'rows of accepted_quotes are never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN without_person(OLD);
END $$;

CREATE TRIGGER hold_customer BEFORE INSERT ON accepted_quotes
    FOR EACH ROW WHEN (NEW.customer_id IS NOT NULL) EXECUTE FUNCTION hold_customer_of_quote();
CREATE TRIGGER refuse_change_of_row BEFORE UPDATE ON accepted_quotes
    FOR EACH ROW EXECUTE FUNCTION guard_accepted_quote();
DROP TRIGGER refuse_change ON accepted_quotes;

ALTER TABLE coupon_uses ALTER COLUMN customer_id DROP NOT NULL;

ALTER TABLE idempotency_keys ADD COLUMN customer_id uuid;
CREATE INDEX idempotency_keys_customer ON idempotency_keys (customer_id) WHERE customer_id IS NOT NULL;
