-- name: ask
INSERT INTO event_replays (consumer_group, topic, since, asked_by) VALUES ($1, $2, $3, $4) RETURNING id;

-- name: asked
SELECT id, since, partitions FROM event_replays WHERE consumer_group = $1 AND topic = $2 ORDER BY id;

-- name: note_done
UPDATE event_replays SET partitions = array_append(partitions, $2) WHERE id = $1 AND NOT $2 = ANY (partitions);

-- name: forget_done
-- A topic of Kafka may have more partitions than the setting says, or fewer.
DELETE FROM event_replays AS r
WHERE asked_at < statement_timestamp() - interval '1 day' OR partitions @> (
    SELECT array_agg(p.partition) FROM event_positions AS p WHERE p.consumer_group = r.consumer_group AND p.topic = r.topic
);

-- name: write_position
INSERT INTO event_positions (consumer_group, topic, partition, waiting, oldest_at, measured_at)
SELECT $1, $2, partition, waiting, oldest_at, statement_timestamp()
FROM unnest($3::integer[], $4::bigint[], $5::timestamptz[]) AS found (partition, waiting, oldest_at)
ON CONFLICT (consumer_group, topic, partition)
DO UPDATE SET waiting = excluded.waiting, oldest_at = excluded.oldest_at, measured_at = excluded.measured_at;

-- name: forget_positions
-- Of partitions that are no more: those of another bus, or of topics that were made anew.
DELETE FROM event_positions WHERE consumer_group = $1 AND topic = $2 AND partition <> ALL ($3::integer[]);

-- name: forget_other_groups
DELETE FROM event_positions WHERE consumer_group <> ALL ($1::text[]);

-- name: positions
SELECT consumer_group, topic, partition, waiting, oldest_at, measured_at FROM event_positions
ORDER BY consumer_group, topic, partition;
