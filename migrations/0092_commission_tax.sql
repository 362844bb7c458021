-- Why: rules that tax the marketplace's commission, by where each seller is: the catalog knows that from now on. Workers follow
--   it by the transaction that changed it, as they follow categories; a seller without a region leaves no row behind.
-- Locks: pricing_rules against readers and writers while its rows are checked, which are few; sellers for a moment.
-- Undo: delete the rules of this type and put the constraint of 0087 back; drop table seller_region_changes, the triggers below
--   with their function, and column sellers.region. The release before cannot read such rules: it keeps the rulebook that it
--   has until they are switched off, so none should be written before every process is replaced.

ALTER TABLE pricing_rules DROP CONSTRAINT pricing_rules_type;
ALTER TABLE pricing_rules ADD CONSTRAINT pricing_rules_type CHECK (
    type IN (
        'DELIVERY_FEE', 'EXPRESS_FEE', 'SMALL_BASKET_FEE', 'FREE_DELIVERY', 'TAX', 'PROMOTION', 'COUPON',
        'TIME_PRICE', 'INVENTORY_PRICE', 'DEMAND_PRICE', 'USER_TIER_PRICE', 'QUANTITY_PRICE', 'COMMISSION_TAX'
    )
);

ALTER TABLE sellers ADD COLUMN region text CHECK (length(region) BETWEEN 2 AND 400);

CREATE TABLE seller_region_changes (
    seller_id uuid NOT NULL,
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX seller_region_changes_changed_in ON seller_region_changes (changed_in);

CREATE FUNCTION keep_seller_region() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seller_region_changes (seller_id) VALUES (coalesce(NEW.id, OLD.id));
    RETURN NULL;
END $$;

CREATE TRIGGER keep_region AFTER INSERT ON sellers
    FOR EACH ROW WHEN (NEW.region IS NOT NULL) EXECUTE FUNCTION keep_seller_region();
CREATE TRIGGER keep_changed_region AFTER UPDATE ON sellers
    FOR EACH ROW WHEN (NEW.region IS DISTINCT FROM OLD.region) EXECUTE FUNCTION keep_seller_region();
CREATE TRIGGER keep_removed_region AFTER DELETE ON sellers
    FOR EACH ROW WHEN (OLD.region IS NOT NULL) EXECUTE FUNCTION keep_seller_region();
