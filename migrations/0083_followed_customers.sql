-- Why: workers follow customers by the transaction that wrote them; a row that comes from elsewhere with another one is new here.
-- Locks: customers for a moment.
-- Undo: drop trigger keep_own_transaction on customers; drop function keep_own_transaction_of_customer.

CREATE FUNCTION keep_own_transaction_of_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;

CREATE TRIGGER keep_own_transaction BEFORE INSERT ON customers
    FOR EACH ROW WHEN (NEW.changed_in <> pg_current_xact_id()) EXECUTE FUNCTION keep_own_transaction_of_customer();
