-- Commission rates of $1 sellers that no basket of the load has: they make the rulebook large, and match nothing.
INSERT INTO commission_rates (
    id, seller_id, commission_type, rate, region_key, effective_from, created_by, created_at, changed_by, changed_at
)
SELECT gen_random_uuid(), gen_random_uuid(), 'PERCENTAGE', 10, '', '2025-01-01T00:00:00Z', 'bench', now(), 'bench', now()
FROM generate_series(1, $1::bigint)
