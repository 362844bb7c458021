-- Why: an item of a sale that is over stays watched until all of it is recorded and decided, however long PostgreSQL or
--   the workers were away; and only then is it forgotten.
-- Locks: flash_sale_items, for as long as the items of past sales are marked.
-- Undo: drop index flash_sale_items_closed; alter table flash_sale_items drop column retired_at.

-- When Redis was told to let the item expire: nothing of it waited to be recorded or decided then.
ALTER TABLE flash_sale_items ADD COLUMN retired_at timestamptz;
UPDATE flash_sale_items item SET retired_at = now()
FROM flash_sales sale
WHERE sale.id = item.sale_id AND sale.state IN ('ended', 'cancelled') AND sale.changed_at < now() - interval '1 hour';
CREATE INDEX flash_sale_items_closed ON flash_sale_items (retired_at) WHERE NOT is_open AND epoch > 0;
