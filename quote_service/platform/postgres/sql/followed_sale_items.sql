-- name: followed_items
-- Items that are on sale, and those that answer for what was bought of them.
flash_sale_items item JOIN flash_sales sale ON sale.id = item.sale_id
WHERE (item.is_open AND sale.state = 'active')
    OR (NOT item.is_open AND item.epoch > 0
        AND (item.retired_at IS NULL OR item.retired_at > now() - interval '1 hour'))
