-- Why: a flag whose experiment does harm is taken back by the service and stays so until a person re-arms it: `state` says so,
--   beside the switch `is_enabled`, which is people's. And flags of GrowthBook that hash as its first version did can move here:
--   the algorithm `growthbook-v1`.
-- Locks: feature_flags and feature_flag_history for a moment; the new check of `algorithm` reads feature_flags once. A constant
--   default rewrites no row. The release before writes neither column nor algorithm and still runs.
-- Undo: drop the columns `state`; put the check of `algorithm` back to the three it had (0004).

ALTER TABLE feature_flags
    ADD COLUMN state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE', 'ROLLED_BACK'));
-- In the same place: what the trigger keeps of a version is the row as it stands.
ALTER TABLE feature_flag_history ADD COLUMN state text NOT NULL DEFAULT 'ACTIVE';

ALTER TABLE feature_flags DROP CONSTRAINT feature_flags_algorithm_check;
ALTER TABLE feature_flags ADD CONSTRAINT feature_flags_algorithm_check
    CHECK (algorithm IN ('mm3-v1', 'unleash', 'growthbook-v1', 'growthbook-v2'));
