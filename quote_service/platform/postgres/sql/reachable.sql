-- name: has_migrations
SELECT to_regclass('applied_migrations') IS NOT NULL AS has_migrations;

-- name: what_is_refused
-- Of one table for all, which is read and only added to.
SELECT CASE
    WHEN NOT has_table_privilege(found.oid, 'SELECT') THEN 'read'
    WHEN NOT has_table_privilege(found.oid, 'INSERT') THEN 'change'
END AS refused
FROM (SELECT to_regclass('audit_log') AS oid) AS found;

-- name: takes_no_changes
SELECT current_setting('transaction_read_only') = 'on' AS takes_no_changes;

-- name: applied_names
SELECT name FROM applied_migrations;
