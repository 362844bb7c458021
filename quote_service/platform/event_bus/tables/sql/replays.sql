-- name: ask_replay
INSERT INTO event_replays (consumer_group, topic, since, asked_by) VALUES ($1, $2, $3, $4) RETURNING id;

-- name: asked_replays
SELECT id, since, partitions FROM event_replays WHERE consumer_group = $1 AND topic = $2 ORDER BY id;

-- name: note_done
UPDATE event_replays SET partitions = array_append(partitions, $2) WHERE id = $1 AND NOT $2 = ANY (partitions);

-- name: forget_done
-- A topic of Kafka may have more partitions than the setting says, or fewer.
DELETE FROM event_replays AS r
WHERE asked_at < statement_timestamp() - interval '1 day' OR partitions @> (
    SELECT array_agg(p.partition) FROM event_positions AS p WHERE p.consumer_group = r.consumer_group AND p.topic = r.topic
);

-- name: write_positions
-- How far each group is, in one statement, since it is written for as long as the service runs. Partitions that are no more go:
-- those of another bus, of topics that were made again, of groups that nothing is read for.
WITH found AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::timestamptz[])
        AS given (consumer_group, topic, partition, waiting, oldest_at)
), gone AS (
    DELETE FROM event_positions WHERE (consumer_group, topic, partition) NOT IN (SELECT consumer_group, topic, partition FROM found)
)
INSERT INTO event_positions (consumer_group, topic, partition, waiting, oldest_at, measured_at)
SELECT consumer_group, topic, partition, waiting, oldest_at, statement_timestamp() FROM found
ON CONFLICT (consumer_group, topic, partition)
DO UPDATE SET waiting = excluded.waiting, oldest_at = excluded.oldest_at, measured_at = excluded.measured_at;

-- name: read_positions
SELECT consumer_group, topic, partition, waiting, oldest_at, measured_at FROM event_positions
ORDER BY consumer_group, topic, partition;
