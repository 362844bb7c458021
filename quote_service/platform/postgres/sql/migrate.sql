-- name: lock_schema
SELECT pg_advisory_lock(hashtextextended('quote-service schema', 0));

-- name: create_applied_migrations
CREATE TABLE IF NOT EXISTS applied_migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: applied_migrations
SELECT name, sha256 FROM applied_migrations;

-- name: record_migration
INSERT INTO applied_migrations (name, sha256) VALUES ($1, $2);
