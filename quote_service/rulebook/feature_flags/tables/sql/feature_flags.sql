-- name: hold_flags
-- What every writer of flags holds until it commits; taken first, so that writers queue and none waits for another's row.
SELECT 1 FROM rulebook_state FOR UPDATE;

-- name: key_was_used
SELECT EXISTS (SELECT FROM feature_flags WHERE key = $1);

-- name: insert_flag
INSERT INTO feature_flags (
    id, key, name, description, type, value, default_value, is_enabled, rollout, expose_in_quote, accept_group, salt,
    algorithm, guardrails, created_by, created_at, changed_by, changed_at
)
VALUES (
    $flag_id, $draft.key, $draft.name, $draft.description, $draft.type, $draft.value::text::json,
    $draft.default_value::text::json, $draft.is_enabled, $draft.rollout::text::json, $draft.expose_in_quote, $draft.accept_group,
    $draft.salt, $draft.algorithm, $draft.guardrails::text::json, $change.actor, $change.at,
    $change.actor, $change.at
)
RETURNING *;

-- name: replace_flag
UPDATE feature_flags
SET
    name = $draft.name,
    description = $draft.description,
    type = $draft.type,
    value = $draft.value::text::json,
    default_value = $draft.default_value::text::json,
    is_enabled = $draft.is_enabled,
    rollout = $draft.rollout::text::json,
    expose_in_quote = $draft.expose_in_quote,
    accept_group = $draft.accept_group,
    guardrails = $draft.guardrails::text::json,
    changed_by = $change.actor,
    changed_at = $change.at
WHERE id = $flag_id
RETURNING *;

-- name: switch_off_flag
UPDATE feature_flags SET is_enabled = false, changed_by = $change.actor, changed_at = $change.at WHERE id = $flag_id RETURNING *;

-- name: set_flag_state
UPDATE feature_flags SET state = $2, rollback = $3::text::json, changed_by = $4, changed_at = $5 WHERE id = $1 RETURNING *;

-- name: archive_flag
UPDATE feature_flags SET is_archived = true, changed_by = $change.actor, changed_at = $change.at WHERE id = $flag_id RETURNING *;

-- name: flag_by_id
SELECT * FROM feature_flags WHERE id = $1;

-- name: flag_by_key
-- The one that is not archived, where there are several from before keys were kept for good.
SELECT * FROM feature_flags WHERE key = $1 ORDER BY is_archived, changed_in DESC LIMIT 1;

-- name: page_of_flags
SELECT * FROM feature_flags
WHERE is_archived = $1
  AND ($2::text IS NULL OR type = $2)
  AND ($3::boolean IS NULL OR is_enabled = $3)
  AND ($4::boolean IS NULL OR expose_in_quote = $4)
  AND ($5::text IS NULL OR starts_with(key, $5))
  AND ($6::text IS NULL OR state = $6)
  AND ($7::text IS NULL OR (key COLLATE "C", id) > ($7 COLLATE "C", $8::uuid))
ORDER BY key COLLATE "C", id
LIMIT $9;

-- name: page_of_versions
SELECT
    id, version, key, name, description, type, value, default_value, is_enabled, rollout, expose_in_quote, accept_group,
    salt, algorithm, guardrails, is_archived, state, rollback, created_by, created_at, changed_by, changed_at
FROM feature_flags
WHERE id = $1 AND ($2::integer IS NULL OR version < $2)
UNION ALL
SELECT
    id, version, key, name, description, type, value, default_value, is_enabled, rollout, expose_in_quote, accept_group,
    salt, algorithm, guardrails, is_archived, state, rollback, created_by, created_at, changed_by, changed_at
FROM feature_flag_history
WHERE id = $1 AND ($2::integer IS NULL OR version < $2)
ORDER BY version DESC
LIMIT $3;
