-- name: insert_change
INSERT INTO audit_log (at, actor, actor_kind, action, object_kind, object_id, request_id, before, after, change_set_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::json, $9::text::json, $10);

-- name: page_of_changes
SELECT id, at, actor, actor_kind, action, object_kind, object_id, request_id, change_set_id, before::text AS before,
    after::text AS after
FROM audit_log
WHERE ($1::text IS NULL OR object_kind = $1)
  AND ($2::text IS NULL OR object_id = $2)
  AND ($3::text IS NULL OR actor = $3)
  AND ($4::text IS NULL OR action = $4)
  AND ($5::timestamptz IS NULL OR at >= $5)
  AND ($6::timestamptz IS NULL OR at < $6)
  AND ($7::bigint IS NULL OR id < $7)
  AND ($9::uuid IS NULL OR change_set_id = $9)
ORDER BY id DESC
LIMIT $8;
