-- Why: a list of rates by currency, region, provider or instant walked the whole table where few rates fit; and the key of
--   an archived flag was free here, while the service uses a key once, so that what was measured under it stays apart.
-- Locks: writes of rates and of flags wait while the indexes are built (a second or two for a million rates). It fails, and
--   changes nothing, if a key is there twice, which the service never wrote.
-- Undo: drop the five indexes, and make feature_flags_key again with WHERE NOT is_archived.

CREATE INDEX commission_rates_currency ON commission_rates (currency, id) WHERE currency IS NOT NULL;
CREATE INDEX commission_rates_region ON commission_rates (region_key, id) WHERE region_key <> '';
CREATE INDEX commission_rates_provider ON commission_rates (logistics_provider, id) WHERE logistics_provider IS NOT NULL;
CREATE INDEX commission_rates_start ON commission_rates (effective_from);

DROP INDEX feature_flags_key;
CREATE UNIQUE INDEX feature_flags_key ON feature_flags (key);
