-- Why: while a price rule asks for stock or demand, every worker follows them too. Stock is followed by its movements, which are
--   only ever added, so that a change of stock itself still touches no index; an item that begins without units moves none, and
--   is found by the transaction that it began in. Demand is counted from accepted lines by time.
-- Locks: inventory and inventory_movements for a moment; earlier rows are not written. accepted_quote_lines against writers
--   while the index is made, about a second for a million lines.
-- Undo: drop the three indexes, trigger keep_beginning with its function, and the columns inventory_movements.changed_in and
--   inventory.begun_in.

ALTER TABLE inventory_movements ADD COLUMN changed_in xid8;
ALTER TABLE inventory_movements ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
CREATE INDEX inventory_movements_changed_in ON inventory_movements (changed_in) WHERE changed_in IS NOT NULL;

ALTER TABLE inventory ADD COLUMN begun_in xid8;
ALTER TABLE inventory ALTER COLUMN begun_in SET DEFAULT pg_current_xact_id();
CREATE INDEX inventory_begun_in ON inventory (begun_in) WHERE begun_in IS NOT NULL;

-- A row of version 0 stands for no stock being kept yet.
CREATE FUNCTION keep_beginning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.begun_in := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER keep_beginning BEFORE UPDATE ON inventory
    FOR EACH ROW WHEN (OLD.version = 0) EXECUTE FUNCTION keep_beginning();

CREATE INDEX accepted_quote_lines_time ON accepted_quote_lines (accepted_at) INCLUDE (product_id, quantity);
