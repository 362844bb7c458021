-- name: columns
-- A minute ends five seconds late, so that what was accepted in it is there for everybody.
    concat_ws(
        '/',
        (SELECT system_identifier FROM pg_control_system()),
        CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END,
        (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS origin,
    pg_current_snapshot()::text AS seen,
    epoch_us(date_trunc('minute', statement_timestamp() - interval '5 seconds')) AS minute_us,
    -- Before the snapshot: whatever was committed by then is seen.
    epoch_us(statement_timestamp()) AS at_us

-- name: read_moment
SELECT :columns;

-- name: version_and_moment
-- Both as of one snapshot.
SELECT
    version,
    :columns
FROM rulebook_state;

-- name: heartbeat
-- What a process that answers requests follows, in one question: the same, the keys and people that it knows, and whether there
-- is anything on sale.
SELECT
    version,
    :columns,
    (SELECT version FROM access_state) AS access_version,
    EXISTS (
        SELECT FROM :followed_items
    ) AS has_sales
FROM rulebook_state;

-- name: read_position
SELECT epoch_us(clock_timestamp());

-- name: has_changed
-- Whether any of the ended transactions changed what is followed. LIMIT makes each of these one look into an index.
WITH ended AS MATERIALIZED (
    SELECT began::xid8 AS began, after::xid8 AS after FROM unnest($1::text[], $2::text[]) AS given (began, after)
)
SELECT
    EXISTS (
        SELECT FROM ended, LATERAL (
            SELECT FROM products AS row WHERE row.changed_in >= began AND row.changed_in < after
            ORDER BY row.changed_in LIMIT 1
        ) AS found
    )
    OR EXISTS (
        SELECT FROM ended, LATERAL (
            SELECT FROM customers AS row WHERE row.changed_in >= began AND row.changed_in < after
            ORDER BY row.changed_in LIMIT 1
        ) AS found
    )
    OR EXISTS (
        SELECT FROM ended, LATERAL (
            SELECT FROM categories AS row WHERE row.changed_in >= began AND row.changed_in < after
            ORDER BY row.changed_in LIMIT 1
        ) AS found
    )
    OR EXISTS (
        SELECT FROM ended, LATERAL (
            SELECT FROM removed_categories AS row WHERE row.changed_in >= began AND row.changed_in < after
            ORDER BY row.changed_in LIMIT 1
        ) AS found
    )
    OR EXISTS (
        SELECT FROM ended, LATERAL (
            SELECT FROM seller_region_changes AS row WHERE row.changed_in >= began AND row.changed_in < after
            ORDER BY row.changed_in LIMIT 1
        ) AS found
    )
    OR ($3 AND EXISTS (
        SELECT FROM ended, LATERAL (
            SELECT FROM inventory_movements AS row WHERE row.changed_in >= began AND row.changed_in < after
            ORDER BY row.changed_in LIMIT 1
        ) AS found
    ))
    OR ($3 AND EXISTS (
        SELECT FROM ended, LATERAL (
            SELECT FROM inventory AS row WHERE row.begun_in >= began AND row.begun_in < after
            ORDER BY row.begun_in LIMIT 1
        ) AS found
    ));
