-- name: accounts
SELECT id, account, party_id, currency, exponent, balance_minor, entry_count, last_posted_at
FROM ledger_accounts;

-- name: account
SELECT account FROM ledger_accounts WHERE id = $1;

-- name: page_of_entries
SELECT e.number, e.amount_minor, e.balance_minor, e.posted_at, e.transaction_id, t.kind, t.source_id, t.reference, t.note,
    a.exponent
FROM ledger_entries AS e
    JOIN ledger_accounts AS a ON a.id = e.account_id
    JOIN ledger_transactions AS t ON t.id = e.transaction_id
WHERE e.account_id = $1
  AND ($2::timestamptz IS NULL OR e.posted_at >= $2)
  AND ($3::timestamptz IS NULL OR e.posted_at < $3)
  AND ($4::timestamptz IS NULL OR (e.posted_at, e.number) < ($4, $5::bigint))
ORDER BY e.posted_at DESC, e.number DESC
LIMIT $6;
