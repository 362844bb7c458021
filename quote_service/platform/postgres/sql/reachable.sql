-- name: has_migrations
SELECT to_regclass('applied_migrations') IS NOT NULL AS has_migrations;

-- name: applied_names
SELECT name FROM applied_migrations;
