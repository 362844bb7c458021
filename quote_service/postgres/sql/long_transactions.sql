-- name: allow_long_transaction
-- The limit of a transaction that has begun counts from its beginning, and takes another value only after it was off.
SELECT
    set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true),
    set_config('transaction_timeout', '0', true), set_config('transaction_timeout', $3, true);
