-- name: category
SELECT id, name, parent_id, category_path(id) AS path, version, created_by, created_at, changed_by, updated_at
FROM categories WHERE id = $1;

-- name: lock_tree
-- As the trigger does (migration 0060), but before any row: rows first and the tree second could be a circle of waiters.
SELECT pg_advisory_xact_lock(hashtext('categories'));

-- name: lock_category
SELECT version FROM categories WHERE id = $1 FOR UPDATE;

-- name: insert_category
INSERT INTO categories (id, parent_id, name, created_by, created_at, changed_by, updated_at)
VALUES ($1, $2, $3, $4, $5, $4, $5);

-- name: update_category
UPDATE categories SET parent_id = $2, name = $3, changed_by = $4 WHERE id = $1;

-- name: delete_category
DELETE FROM categories WHERE id = $1;

-- name: known_categories
SELECT id FROM categories WHERE id = ANY ($1::uuid[]) FOR KEY SHARE;

-- name: categories
SELECT id, name, parent_id, category_path(id) AS path, version, created_by, created_at, changed_by, updated_at FROM categories;
