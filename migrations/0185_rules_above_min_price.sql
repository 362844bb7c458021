-- Why: a promotion or coupon says whether it leaves lines at the min_price of their products or goes below it. Rules that are there,
--   and those that the release before writes, go below it as they did; this release writes what a rule says, true where a new
--   rule says nothing. The field stands beside the configuration, and not in it, because the release before reads no
--   configuration with a field that it does not know. Of other types it means nothing.
-- Locks: pricing_rules and pricing_rule_history for a moment; a default that is a constant rewrites no row.
-- Undo: drop the function, and the column of both tables. Rules then go below min_price.

ALTER TABLE pricing_rules ADD COLUMN respects_min_price boolean NOT NULL DEFAULT false;
ALTER TABLE pricing_rule_history ADD COLUMN respects_min_price boolean NOT NULL DEFAULT false;

-- A rule's configuration as it is shown, compiled and exported.
CREATE FUNCTION rule_configuration(type text, configuration jsonb, respects_min_price boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
    WHEN type IN ('PROMOTION', 'COUPON') THEN configuration || jsonb_build_object('respects_min_price', respects_min_price)
    ELSE configuration
END;
