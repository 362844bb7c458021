-- Why: two sizes of a family whose units were mixed up could not be put right together, since a partial index is looked at row by row.
--   As a constraint it can wait until all policies of an import are written. Policies of no family have nulls, which are never alike.
-- Locks: price_policies for the moment in which its index is made anew; rows are few.
-- Undo: ALTER TABLE price_policies DROP CONSTRAINT price_policies_family_units; CREATE UNIQUE INDEX price_policies_family_units ON
--   price_policies (currency, family, family_units) WHERE family IS NOT NULL.

DROP INDEX price_policies_family_units;
ALTER TABLE price_policies ADD CONSTRAINT price_policies_family_units
    UNIQUE (currency, family, family_units) DEFERRABLE INITIALLY IMMEDIATE;
