-- name: start_factor
INSERT INTO second_factors AS known (user_id, secret, secret_key_id, started_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id) DO UPDATE SET secret = $2, secret_key_id = $3, started_at = $4, last_step = 0
WHERE known.confirmed_at IS NULL
RETURNING true;

-- name: lock_factor
SELECT secret, secret_key_id, confirmed_at, last_step FROM second_factors WHERE user_id = $1 FOR UPDATE;

-- name: confirm_factor
UPDATE second_factors SET confirmed_at = $2 WHERE user_id = $1;

-- name: note_step
UPDATE second_factors SET last_step = $2 WHERE user_id = $1;

-- name: remove_factor
DELETE FROM second_factors WHERE user_id = $1 RETURNING true;

-- name: forget_codes
DELETE FROM recovery_codes WHERE user_id = $1;

-- name: add_codes
INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[]);

-- name: use_code
UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL RETURNING true;

-- name: codes_left
SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL;

-- name: sealed_with
SELECT user_id, secret AS text, secret_key_id AS key_id FROM second_factors WHERE secret_key_id = ANY ($1::text[]) LIMIT $2
FOR NO KEY UPDATE SKIP LOCKED;

-- name: write_seal
UPDATE second_factors SET secret = $2, secret_key_id = $3 WHERE user_id = $1;

-- name: forget_unconfirmed
WITH gone AS (
    DELETE FROM second_factors
    WHERE user_id IN (
        SELECT user_id FROM second_factors WHERE confirmed_at IS NULL AND started_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
)
SELECT count(*) FROM gone;
