-- name: insert_row
INSERT INTO audit_log (at, actor, actor_kind, action, object_kind, object_id, request_id, before, after, change_set_id)
VALUES (
    $author.at, $author.actor, $author.actor_kind, $action, $object_kind, $object_id, $author.request_id, $before::text::json,
    $after::text::json, $author.change_set_id
);

-- name: changes
SELECT id, at, actor, actor_kind, action, object_kind, object_id, request_id, change_set_id, before::text AS before,
    after::text AS after
FROM audit_log;
