-- Why: with the currency in front, an index of all policies looks to the planner as good as the one by product for finding a product's
--   policy, as long as the table was never analysed; it would read every policy of the currency for every product. By family nobody
--   is led astray.
-- Locks: price_policies for the moment in which its index is made anew; rows are few.
-- Undo: the constraint as 0156_family_units_swapped.sql has it.

ALTER TABLE price_policies DROP CONSTRAINT price_policies_family_units;
ALTER TABLE price_policies ADD CONSTRAINT price_policies_family_units
    UNIQUE (family, family_units, currency) DEFERRABLE INITIALLY IMMEDIATE;
