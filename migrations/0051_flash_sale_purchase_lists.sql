-- Why: a list of a customer's purchases, the newest first, reads no more rows than it shows.
-- Locks: writes of purchases wait while the index is built (a second or two for a million purchases).
-- Undo: drop index flash_sale_purchases_of_customer.

CREATE INDEX flash_sale_purchases_of_customer ON flash_sale_purchases (customer_id, id);
