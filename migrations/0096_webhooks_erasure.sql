-- Why: an event about a customer's quote or order holds the reference that the checkout gave it, which may say who somebody is;
--   when the customer is erased, so is that.
-- Locks: webhook_events against changes while the index is made.
-- Undo: ALTER TABLE webhook_events DROP COLUMN customer_id.

ALTER TABLE webhook_events ADD COLUMN customer_id uuid;
CREATE INDEX webhook_events_customer ON webhook_events (customer_id) WHERE customer_id IS NOT NULL;
