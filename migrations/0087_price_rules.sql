-- Why: five more types of pricing rules, which change the catalog's prices.
-- Locks: pricing_rules against readers and writers while its rows are checked, which are few.
-- Undo: delete the rules of these types, and put the constraint of 0003 back. The release before cannot read such rules: it
--   keeps the rulebook that it has until they are switched off, so none should be written before every process is replaced.

ALTER TABLE pricing_rules DROP CONSTRAINT pricing_rules_type;
ALTER TABLE pricing_rules ADD CONSTRAINT pricing_rules_type CHECK (
    type IN (
        'DELIVERY_FEE', 'EXPRESS_FEE', 'SMALL_BASKET_FEE', 'FREE_DELIVERY', 'TAX', 'PROMOTION', 'COUPON',
        'TIME_PRICE', 'INVENTORY_PRICE', 'DEMAND_PRICE', 'USER_TIER_PRICE', 'QUANTITY_PRICE'
    )
);
