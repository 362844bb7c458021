-- Why: a key may have such scopes as routes ask for, and no others. `order:write` and `telemetry:write` were offered while
--   no route asked for them: they go from every key, so that no key wakes up with a right that nobody gave it when the
--   routes come; a key that had nothing else could do nothing, and is revoked.
-- Locks: api_keys against writers for as long as its few rows take; the release before may still write both names.
-- Undo: ALTER TABLE api_keys DROP CONSTRAINT api_keys_scopes_known; scopes that went and keys revoked are in audit_log.

WITH dormant AS (
    SELECT id, scopes AS had, array_remove(array_remove(scopes, 'order:write'), 'telemetry:write') AS left_over
    FROM api_keys
    WHERE revoked_at IS NULL AND scopes && ARRAY['order:write', 'telemetry:write']
    FOR UPDATE
), changed AS (
    UPDATE api_keys AS k
    SET scopes = CASE WHEN cardinality(d.left_over) = 0 THEN d.had ELSE d.left_over END,
        revoked_at = CASE WHEN cardinality(d.left_over) = 0 THEN clock_timestamp() END,
        updated_at = clock_timestamp(),
        version = k.version + 1
    FROM dormant AS d
    WHERE k.id = d.id
    RETURNING k.id, d.had, k.scopes, k.revoked_at
)
INSERT INTO audit_log (at, actor, actor_kind, action, object_kind, object_id, request_id, before, after)
SELECT clock_timestamp(), 'migration 0045', 'system',
    CASE WHEN revoked_at IS NULL THEN 'api_key.change' ELSE 'api_key.revoke' END, 'api_key', id::text, '',
    json_build_object('scopes', had), json_build_object('scopes', scopes, 'revoked_at', revoked_at)
FROM changed;

ALTER TABLE api_keys ADD CONSTRAINT api_keys_scopes_known CHECK (
    scopes <@ ARRAY[
        'quote:write', 'quote:read', 'flash:purchase', 'flags:evaluate', 'rates:write', 'rules:write', 'flags:write',
        'sales:write', 'reports:read', 'order:write', 'telemetry:write'
    ]
);
