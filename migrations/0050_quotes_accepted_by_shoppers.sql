-- Why: a shopper's form of a quote does not say what the marketplace keeps and what its sellers are paid. Where the cache
--   has lost the quote and a shopper accepts it by the signature of that form, these figures are not known: NULL says so,
--   all of them together, and 0 goes on meaning 0.
-- Locks: accepted_quotes for a moment; the check reads no row.
-- Undo: set the columns NOT NULL again, once no row has NULL there; drop constraint commission_is_known.

ALTER TABLE accepted_quotes
    ALTER COLUMN platform_discount_minor DROP NOT NULL,
    ALTER COLUMN seller_commission_minor DROP NOT NULL,
    ALTER COLUMN category_commission_minor DROP NOT NULL,
    ALTER COLUMN logistics_commission_minor DROP NOT NULL,
    ALTER COLUMN payouts DROP NOT NULL,
    ADD CONSTRAINT commission_is_known CHECK (
        num_nulls(
            platform_discount_minor, seller_commission_minor, category_commission_minor, logistics_commission_minor,
            payouts
        ) IN (0, 5)
    ) NOT VALID;
