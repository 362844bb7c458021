-- name: setting
SELECT setting FROM pg_settings WHERE name = $1;
