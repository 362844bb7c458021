-- Why: a flash sale says whether its prices may be below the min_price of its products. Those that are there, and those that the
--   release before writes, may, as they could.
-- Locks: flash_sales for a moment; a default that is a constant rewrites no row.
-- Undo: drop the column.

ALTER TABLE flash_sales ADD COLUMN respects_min_price boolean NOT NULL DEFAULT false;
