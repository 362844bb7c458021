-- Why: accepting holds a lock for each customer until the transaction ends. Who puts in accepted quotes of many customers at once
--   (`quote-service seed`) would need more locks than PostgreSQL has. A customer whom the very same transaction has made needs
--   none: nobody else sees the row, so nobody erases it before that transaction has ended.
-- Locks: none.
-- Undo: put hold_customer_of_quote of 0083_erasure back.

CREATE OR REPLACE FUNCTION hold_customer_of_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM customers
        WHERE id = NEW.customer_id AND changed_in = pg_current_xact_id() AND version = 1 AND erased_at IS NULL
    ) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(customer_lock(NEW.customer_id));
    IF is_erased_customer(NEW.customer_id) THEN
        RETURN without_person(NEW);
    END IF;
    RETURN NEW;
END $$;
