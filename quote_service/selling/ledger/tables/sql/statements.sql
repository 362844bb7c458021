-- name: hold_account
-- Waits for whoever is posting, and lets nobody post until the transaction ends: what is posted later has a later instant.
SELECT exponent FROM ledger_accounts WHERE id = ledger_account_id('seller', $1, $2) FOR SHARE;

-- name: balances
SELECT period.posted_to, opening.balance_minor AS opening_minor, closing.balance_minor AS closing_minor
FROM (
    SELECT ledger_account_id('seller', $1, $2) AS account_id, least($4::timestamptz, clock_timestamp()) AS posted_to
) AS period
    LEFT JOIN LATERAL (
        SELECT e.balance_minor FROM ledger_entries AS e
        WHERE e.account_id = period.account_id AND e.posted_at < $3::timestamptz
        ORDER BY e.posted_at DESC, e.number DESC LIMIT 1
    ) AS opening ON true
    LEFT JOIN LATERAL (
        SELECT e.balance_minor FROM ledger_entries AS e
        WHERE e.account_id = period.account_id AND e.posted_at < period.posted_to
        ORDER BY e.posted_at DESC, e.number DESC LIMIT 1
    ) AS closing ON true;

-- name: page_of_statement
SELECT e.posted_at, e.number, e.amount_minor, e.balance_minor, e.transaction_id, t.kind, t.source_id, t.reference, t.note,
    t.accounts, t.party_ids, t.currencies, t.amounts_minor
FROM ledger_entries AS e JOIN ledger_transactions AS t ON t.id = e.transaction_id
WHERE e.account_id = ledger_account_id('seller', $head.seller_id, $head.currency)
  AND (e.posted_at, e.number) > ($after.0::timestamptz, $after.1::bigint) AND e.posted_at < $head.posted_to
ORDER BY e.posted_at, e.number
LIMIT $limit;
