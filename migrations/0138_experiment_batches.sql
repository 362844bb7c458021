-- Why: what a process has seen of experiments waits as a row for many customers instead of one for each customer and flag. With
--   eight flags that split customers, a new customer's quote cost half as much again, and most of it was writing these rows.
--   Of a batch the n-th customer was exposed at the n-th instant, to the arms of the n-th code: for each flag the place of the arm
--   among those of its experiment, from 0, or nothing, divided by dots. Instants are microseconds since 1970, as quotes have them.
-- Locks: none on what there is.
-- Undo: see that nothing waits in them; drop tables experiment_outcome_batches, experiment_exposure_batches.

CREATE TABLE experiment_exposure_batches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flag_ids uuid[] NOT NULL,
    versions integer[] NOT NULL,
    stages integer[] NOT NULL,
    customer_ids uuid[] NOT NULL,
    instants_us bigint[] NOT NULL,
    codes text[] NOT NULL,
    -- How many exposures these are at most, so that what is counted at once is bounded without reading them.
    size integer NOT NULL,
    CHECK (cardinality(customer_ids) = cardinality(instants_us) AND cardinality(customer_ids) = cardinality(codes))
);

CREATE TABLE experiment_outcome_batches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    metric text NOT NULL,
    customer_ids uuid[] NOT NULL,
    observations bigint[] NOT NULL,
    totals numeric[] NOT NULL,
    instants_us bigint[] NOT NULL,
    size integer NOT NULL,
    CHECK (cardinality(customer_ids) = cardinality(totals))
);
