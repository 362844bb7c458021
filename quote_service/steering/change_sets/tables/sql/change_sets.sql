-- name: insert_change_set
INSERT INTO change_sets (id, name, note, status, content, authors, created_by, created_at, changed_by, changed_at)
VALUES ($set_id, $name, $note, 'draft', $contents::text::json, ARRAY[$change.actor::text], $change.actor, $change.at,
    $change.actor, $change.at);

-- name: change_set
SELECT id, name, note, status, content::text AS content, edition, authors, publish_at, published_by, published_at,
    failure::text AS failure, rolled_back_by, rolled_back_at, version, created_by, created_at, changed_by, changed_at
FROM change_sets WHERE id = $1;

-- name: lock_change_set
SELECT id FROM change_sets WHERE id = $1 FOR UPDATE;

-- name: change_sets
SELECT id, name, note, status, edition, authors, publish_at, published_by, published_at, failure::text AS failure,
    rolled_back_by, rolled_back_at, version, created_by, created_at, changed_by, changed_at
FROM change_sets;

-- name: write_edition
-- What was to be published is a draft again, and an approval of what it said is of another edition.
UPDATE change_sets SET name = $name, note = $note, content = $contents::text::json, status = 'draft', edition = edition + 1,
    authors = CASE WHEN $change.actor = ANY (authors) THEN authors ELSE authors || $change.actor::text END, failure = NULL,
        publish_at = NULL,
    published_by = NULL, version = version + 1, changed_by = $change.actor, changed_at = $change.at
WHERE id = $set_id;

-- name: write_state
-- What was published stays as it was written then: this release may write the same otherwise.
UPDATE change_sets SET status = $state.status,
    content = CASE WHEN status = 'published' THEN content ELSE $state.contents::text::json END, publish_at = $state.publish_at,
        published_by = $state.published_by, published_at = $state.published_at,
    failure = $state.failure::text::json, rolled_back_by = $state.rolled_back_by, rolled_back_at = $state.rolled_back_at,
        version = version + 1, changed_by = $change.actor,
    changed_at = $change.at
WHERE id = $state.id;

-- name: next_due
-- The earliest whose instant has come and that nobody has in hand; it is in hand until the transaction ends.
SELECT id FROM change_sets
WHERE status = 'scheduled' AND publish_at <= clock_timestamp() AND id <> ALL ($1::uuid[])
ORDER BY publish_at, id
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: seconds_to_next
SELECT extract(epoch FROM min(publish_at) - clock_timestamp())::float8 FROM change_sets WHERE status = 'scheduled';

-- name: write_review
INSERT INTO change_set_reviews (change_set_id, edition, reviewer, decision, note, reviewed_at)
VALUES ($set_id, $review.edition, $review.reviewer, $review.decision, $review.note, $review.reviewed_at)
ON CONFLICT (change_set_id, edition, reviewer)
DO UPDATE SET decision = excluded.decision, note = excluded.note, reviewed_at = excluded.reviewed_at;

-- name: reviews
SELECT change_set_id, edition, reviewer, decision, note, reviewed_at FROM change_set_reviews
WHERE change_set_id = ANY ($1::uuid[])
ORDER BY edition DESC, reviewed_at, reviewer;
