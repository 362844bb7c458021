-- name: ensure_lane
INSERT INTO competitor_lanes (lane) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: claim_due
-- One source of each lane that is free, may be used by now, and has room in its pace; $1 lanes at most, for $2 seconds.
-- What stands ahead of the pace is a burst: $4 requests of $3 seconds each.
WITH free AS (
    SELECT l.lane FROM competitor_lanes AS l
    WHERE l.claimed_until < statement_timestamp() AND l.not_before <= statement_timestamp()
        AND l.paced_at <= statement_timestamp() + make_interval(secs => $3::float8 * ($4::integer - 1))
        AND EXISTS (
            SELECT 1 FROM competitor_sources AS s JOIN competitors AS c ON c.id = s.competitor_id
            WHERE s.lane = l.lane AND s.due_at <= statement_timestamp() AND c.is_active
        )
    ORDER BY l.paced_at
    LIMIT $1
    FOR UPDATE OF l SKIP LOCKED
), taken AS (
    SELECT DISTINCT ON (s.lane) s.lane, s.id
    FROM free JOIN competitor_sources AS s ON s.lane = free.lane JOIN competitors AS c ON c.id = s.competitor_id
    WHERE s.due_at <= statement_timestamp() AND c.is_active
    ORDER BY s.lane, s.due_at, s.id
), claimed AS (
    UPDATE competitor_lanes AS l SET claim = $5, claimed_until = statement_timestamp() + make_interval(secs => $2::float8)
    FROM taken WHERE l.lane = taken.lane
    RETURNING l.lane, l.refusals
)
SELECT s.id, s.competitor_id, s.kind, s.settings::text AS settings, s.currency, s.interval_seconds, s.failures, s.etag,
    s.last_modified, s.version, s.credentials, s.credentials_key_id, s.lane, claimed.refusals, s.country,
    s.next_batch
FROM taken JOIN claimed ON claimed.lane = taken.lane JOIN competitor_sources AS s ON s.id = taken.id;

-- name: keep_claim
-- For a source that takes many requests; none where somebody else has the lane by now. Whoever takes it over when this process ends
-- begins where it was.
WITH kept AS (
    UPDATE competitor_lanes SET claimed_until = statement_timestamp() + make_interval(secs => $seconds::float8)
    WHERE lane = $due.lane AND claim = $due.claim RETURNING lane
), noted AS (
    UPDATE competitor_sources SET next_batch = $batch WHERE id = $due.id AND version = $due.version AND EXISTS (SELECT FROM kept)
)
SELECT true FROM kept;

-- name: holds_settings
-- Nobody writes the source again until the transaction ends.
SELECT true FROM competitor_sources WHERE id = $due.id AND version = $due.version FOR SHARE;

-- name: note_request
-- Before a request is sent, so that one whose sender dies counts too.
UPDATE competitor_lanes SET
    paced_at = greatest(paced_at, statement_timestamp()) + make_interval(secs => $2::float8)
WHERE lane = $1;

-- name: release_lane
UPDATE competitor_lanes SET claim = NULL, claimed_until = '-infinity',
    not_before = greatest(not_before, statement_timestamp() + make_interval(secs => $pause_seconds::float8)),
    refusals = CASE WHEN $is_refused THEN refusals + 1 ELSE 0 END
WHERE lane = $due.lane AND claim = $due.claim;

-- name: forget_lanes
DELETE FROM competitor_lanes AS l
WHERE l.claimed_until < statement_timestamp() AND l.not_before < statement_timestamp()
    AND l.paced_at < statement_timestamp() - interval '1 day'
    AND NOT EXISTS (SELECT 1 FROM competitor_sources AS s WHERE s.lane = l.lane);

-- name: read_robots_of
SELECT verdict, rules, detail FROM competitor_robots WHERE origin = $1 AND expires_at > statement_timestamp();

-- name: write_robots
INSERT INTO competitor_robots (origin, verdict, rules, detail, fetched_at, expires_at)
VALUES ($origin, $robots.verdict, $robots.rules, $robots.detail, statement_timestamp(),
    statement_timestamp() + make_interval(secs => $keep_seconds::float8))
ON CONFLICT (origin) DO UPDATE SET verdict = excluded.verdict, rules = excluded.rules, detail = excluded.detail,
    fetched_at = excluded.fetched_at, expires_at = excluded.expires_at;

-- name: forget_robots
DELETE FROM competitor_robots WHERE expires_at < statement_timestamp() - interval '1 day';
