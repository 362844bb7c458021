-- name: insert_change
INSERT INTO audit_log (at, actor, actor_kind, action, object_kind, object_id, request_id, before, after, change_set_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::json, $9::text::json, $10);

-- name: changes
SELECT id, at, actor, actor_kind, action, object_kind, object_id, request_id, change_set_id, before::text AS before,
    after::text AS after
FROM audit_log;
