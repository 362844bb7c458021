-- name: insert_transactions
-- In one order, so that two that repeat each other's sources do not wait in a circle.
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $11::text[])
        WITH ORDINALITY AS g (id, kind, source_id, reference, note, actor, place)
), lines AS (
    SELECT l.of_place, array_agg(l.account ORDER BY l.place) AS accounts, array_agg(l.party_id ORDER BY l.place) AS party_ids,
        array_agg(l.currency ORDER BY l.place) AS currencies, array_agg(l.amount_minor ORDER BY l.place) AS amounts_minor
    FROM unnest($6::integer[], $7::text[], $8::uuid[], $9::text[], $10::bigint[])
        WITH ORDINALITY AS l (of_place, account, party_id, currency, amount_minor, place)
    GROUP BY l.of_place
)
INSERT INTO ledger_transactions
    (id, kind, source_id, actor, asked_at, reference, note, accounts, party_ids, currencies, amounts_minor)
SELECT g.id, g.kind, g.source_id, g.actor, $12, g.reference, g.note, l.accounts, l.party_ids, l.currencies, l.amounts_minor
FROM given AS g JOIN lines AS l ON l.of_place = g.place
ORDER BY g.kind, g.source_id
ON CONFLICT (kind, source_id) DO NOTHING
RETURNING id;

-- name: transactions_of
SELECT t.id, t.kind, t.source_id, t.accounts, t.party_ids, t.currencies, t.amounts_minor
FROM unnest($1::text[], $2::uuid[]) AS wanted (kind, source_id)
    JOIN ledger_transactions AS t ON t.kind = wanted.kind AND t.source_id = wanted.source_id;

-- name: post_now
SET CONSTRAINTS post_entries IMMEDIATE;

-- name: transaction
SELECT id, kind, source_id, actor, reference, note,
    (SELECT max(posted_at) FROM ledger_entries WHERE transaction_id = $1) AS posted_at
FROM ledger_transactions WHERE id = $1;

-- name: entries_of_transaction
SELECT e.account_id, a.account, a.party_id, a.currency, a.exponent, e.amount_minor, e.balance_minor
FROM ledger_entries AS e JOIN ledger_accounts AS a ON a.id = e.account_id
WHERE e.transaction_id = $1
ORDER BY e.place;
