-- name: seller
SELECT id, name, external_ref, is_active, region, version, created_by, created_at, changed_by, updated_at
FROM sellers WHERE id = $1;

-- name: lock_seller
SELECT id, name, external_ref, is_active, region, version, created_by, created_at, changed_by, updated_at
FROM sellers WHERE id = $1 FOR UPDATE;

-- name: insert_seller
INSERT INTO sellers (id, name, external_ref, is_active, region, created_by, created_at, changed_by, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $7);

-- name: update_seller
UPDATE sellers SET name = $2, external_ref = $3, is_active = $4, region = $5, changed_by = $6 WHERE id = $1;

-- name: delete_seller
DELETE FROM sellers WHERE id = $1;

-- name: known_sellers
SELECT id FROM sellers WHERE id = ANY ($1::uuid[]) FOR KEY SHARE;

-- name: sellers
SELECT id, name, external_ref, is_active, region, version, created_by, created_at, changed_by, updated_at FROM sellers;
