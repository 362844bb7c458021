-- name: insert_user
INSERT INTO users (id, email, password_hash, role, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (email) DO NOTHING
RETURNING id, email, password_hash, role, is_active, version, generation, created_at, updated_at, last_login_at,
    second_factor_at;

-- name: account_by_email
SELECT id, email, password_hash, role, is_active, version, generation, created_at, updated_at, last_login_at,
    second_factor_at
FROM users WHERE email = $1;

-- name: account_by_id
SELECT id, email, password_hash, role, is_active, version, generation, created_at, updated_at, last_login_at,
    second_factor_at
FROM users WHERE id = $1;

-- name: lock_account
SELECT id, email, password_hash, role, is_active, version, generation, created_at, updated_at, last_login_at,
    second_factor_at
FROM users WHERE id = $1 FOR UPDATE;

-- name: update_account
UPDATE users
SET role = $2, is_active = $3, password_hash = $4, updated_at = $5, version = version + 1,
    generation = generation + 1, generation_at = clock_timestamp()
WHERE id = $1
RETURNING id, email, password_hash, role, is_active, version, generation, created_at, updated_at, last_login_at,
    second_factor_at;

-- name: users
SELECT id, email, role, is_active, version, created_at, updated_at, last_login_at, second_factor_at FROM users;

-- name: note_second_factor
UPDATE users SET second_factor_at = $2, updated_at = $3, version = version + 1 WHERE id = $1
RETURNING id, email, password_hash, role, is_active, version, generation, created_at, updated_at, last_login_at,
    second_factor_at;

-- name: note_login
UPDATE users SET last_login_at = $2 WHERE id = $1;

-- name: replace_password_hash
UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2;

-- name: lock_active_admins
SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id FOR UPDATE;

-- name: active_with_roles
SELECT id FROM users WHERE id = ANY ($1::uuid[]) AND role = ANY ($2::text[]) AND is_active;

-- name: erase_account
UPDATE users
SET email = $2, password_hash = 'erased', is_active = false, last_login_at = NULL, second_factor_at = NULL,
    updated_at = $3, version = version + 1,
    generation = generation + 1, generation_at = clock_timestamp()
WHERE id = $1
RETURNING id, email, password_hash, role, is_active, version, generation, created_at, updated_at, last_login_at,
    second_factor_at;
