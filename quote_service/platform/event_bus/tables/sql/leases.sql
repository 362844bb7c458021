-- name: lock_group
SELECT pg_advisory_xact_lock(hashtextextended('event consumers: ' || $1 || ' ' || $2, 0));

-- name: renew
-- Of a member that holds its even share, or all that is free: keep it in one statement. No row where anything is to be shared again, by
-- the statements below: members have come or gone, leases have run out, or there are more partitions.
WITH kept AS (
    SELECT array_agg(partition ORDER BY partition) FILTER (WHERE holder = $3 AND until >= statement_timestamp()) AS mine,
        count(*) FILTER (WHERE holder IS NULL OR until < statement_timestamp()) AS free, count(*) AS all_of_them
    FROM event_leases WHERE consumer_group = $1 AND topic = $2 AND partition < $5
), members AS (
    SELECT count(*) AS living, count(*) FILTER (WHERE name = $3) AS me,
        (SELECT count(*) FROM event_consumers WHERE consumer_group = $1 AND topic = $2 AND until < statement_timestamp()) AS gone
    FROM event_consumers WHERE consumer_group = $1 AND topic = $2 AND until >= statement_timestamp()
), as_it_is AS (
    SELECT coalesce(mine, '{}') AS mine FROM kept, members
    WHERE me = 1 AND gone = 0 AND free = 0 AND all_of_them = $5 AND coalesce(mine, '{}') = $6::integer[]
        AND cardinality($6::integer[]) <= ceil($5::numeric / living)
), noted AS (
    UPDATE event_consumers SET until = statement_timestamp() + make_interval(secs => $4::float8)
    WHERE consumer_group = $1 AND topic = $2 AND name = $3 AND EXISTS (SELECT FROM as_it_is)
), renewed AS (
    UPDATE event_leases SET until = statement_timestamp() + make_interval(secs => $4::float8)
    WHERE consumer_group = $1 AND topic = $2 AND holder = $3 AND partition = ANY (SELECT unnest(mine) FROM as_it_is)
    RETURNING partition
)
SELECT coalesce((SELECT array_agg(partition) FROM renewed), '{}') AS mine FROM as_it_is;

-- name: note_consumer
INSERT INTO event_consumers (consumer_group, topic, name, until)
VALUES ($1, $2, $3, statement_timestamp() + make_interval(secs => $4::float8))
ON CONFLICT (consumer_group, topic, name) DO UPDATE SET until = excluded.until;

-- name: forget_consumers
DELETE FROM event_consumers WHERE consumer_group = $1 AND topic = $2 AND (until < statement_timestamp() OR name = $3);

-- name: note_partitions
INSERT INTO event_leases (consumer_group, topic, partition) SELECT $1, $2, generate_series(0, $3::integer - 1)
ON CONFLICT DO NOTHING;

-- name: share_partitions
-- As many as an even share; those that it has already first, so that partitions move no more than they must.
WITH share AS (
    SELECT ceil($5::numeric / greatest(count(*), 1))::integer AS most
    FROM event_consumers WHERE consumer_group = $1 AND topic = $2
), wanted AS (
    SELECT partition FROM event_leases
    WHERE consumer_group = $1 AND topic = $2 AND partition < $5
        AND (holder IS NULL OR holder = $3 OR until < statement_timestamp())
    ORDER BY holder IS NOT DISTINCT FROM $3 DESC, partition
    LIMIT (SELECT most FROM share)
), released AS (
    UPDATE event_leases SET holder = NULL
    WHERE consumer_group = $1 AND topic = $2 AND holder = $3 AND partition NOT IN (SELECT partition FROM wanted)
)
UPDATE event_leases AS l SET holder = $3, until = statement_timestamp() + make_interval(secs => $4::float8)
FROM wanted WHERE l.consumer_group = $1 AND l.topic = $2 AND l.partition = wanted.partition
RETURNING l.partition;

-- name: release_partitions
UPDATE event_leases SET holder = NULL WHERE consumer_group = $1 AND topic = $2 AND holder = $3;
