-- name: allow_long_transaction
-- The limit of a transaction that has begun counts from its beginning, and takes another value only after it was off. There is
-- none before PostgreSQL 17.
SELECT
    set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true),
    CASE WHEN current_setting('server_version_num')::integer >= 170000 THEN set_config('transaction_timeout', '0', true) END,
    CASE WHEN current_setting('server_version_num')::integer >= 170000 THEN set_config('transaction_timeout', $3::text, true) END;
