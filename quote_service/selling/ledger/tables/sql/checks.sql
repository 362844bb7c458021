-- name: counts
SELECT (SELECT count(*) FROM ledger_transactions) AS transactions, (SELECT count(*) FROM ledger_entries) AS entries,
    (SELECT count(*) FROM ledger_accounts) AS accounts;

-- name: trigger
SELECT format('%s on %s is %s', wanted.name, wanted.on_table,
    CASE WHEN t.tgname IS NULL THEN 'missing' ELSE 'disabled' END) AS detail
FROM (VALUES
    ('post_entries', 'ledger_transactions'), ('refuse_removal', 'ledger_transactions'), ('refuse_change', 'ledger_transactions'),
    ('refuse_removal', 'ledger_entries'), ('refuse_change', 'ledger_entries'), ('refuse_posting', 'ledger_entries'),
    ('refuse_removal', 'ledger_accounts'), ('refuse_posting', 'ledger_accounts')
) AS wanted (name, on_table)
    LEFT JOIN pg_trigger AS t ON t.tgname = wanted.name AND t.tgrelid = wanted.on_table::regclass
WHERE t.tgname IS NULL OR t.tgenabled NOT IN ('O', 'A')
ORDER BY 1 LIMIT $1;

-- name: constraint
SELECT format('%s on %s is %s', wanted.name, wanted.on_table,
    CASE WHEN c.conname IS NULL THEN 'missing' ELSE 'not validated' END) AS detail
FROM (VALUES
    ('ledger_transactions_pkey', 'ledger_transactions'), ('ledger_transactions_source', 'ledger_transactions'),
    ('ledger_transactions_kind', 'ledger_transactions'), ('ledger_transactions_lines', 'ledger_transactions'),
    ('ledger_entries_pkey', 'ledger_entries'), ('ledger_accounts_pkey', 'ledger_accounts'),
    ('ledger_accounts_id', 'ledger_accounts'), ('ledger_accounts_account', 'ledger_accounts')
) AS wanted (name, on_table)
    LEFT JOIN pg_constraint AS c ON c.conname = wanted.name AND c.conrelid = wanted.on_table::regclass
WHERE c.conname IS NULL OR NOT c.convalidated
ORDER BY 1 LIMIT $1;

-- name: source
SELECT format('%s %s is posted by transactions %s', kind, source_id, string_agg(id::text, ', ' ORDER BY id)) AS detail
FROM ledger_transactions GROUP BY kind, source_id HAVING count(*) > 1
ORDER BY 1 LIMIT $1;

-- name: entries
SELECT format('transaction %s (%s %s) has none', t.id, t.kind, t.source_id) AS detail
FROM ledger_transactions AS t
WHERE NOT EXISTS (SELECT 1 FROM ledger_entries AS e WHERE e.transaction_id = t.id)
ORDER BY 1 LIMIT $1;

-- name: lines
SELECT format('transaction %s, entry %s is %s, and its line %s', coalesce(l.transaction_id, e.transaction_id),
    coalesce(l.place, e.place), coalesce(e.amount_minor || ' on account ' || e.account_id, 'missing'),
    coalesce(l.amount_minor || ' on account ' || l.account_id, 'missing')) AS detail
FROM (
    SELECT t.id AS transaction_id, line.place, line.amount_minor,
        ledger_account_id(line.account, line.party_id, line.currency) AS account_id
    FROM ledger_transactions AS t
        CROSS JOIN LATERAL unnest(t.accounts, t.party_ids, t.currencies, t.amounts_minor)
            WITH ORDINALITY AS line (account, party_id, currency, amount_minor, place)
    WHERE EXISTS (SELECT 1 FROM ledger_entries AS posted WHERE posted.transaction_id = t.id)
) AS l FULL JOIN (
    SELECT transaction_id, place, amount_minor, account_id FROM ledger_entries AS given
    WHERE EXISTS (SELECT 1 FROM ledger_transactions AS t WHERE t.id = given.transaction_id)
) AS e ON e.transaction_id = l.transaction_id AND e.place = l.place
WHERE (l.amount_minor, l.account_id) IS DISTINCT FROM (e.amount_minor, e.account_id)
ORDER BY 1 LIMIT $1;

-- name: balanced
SELECT format('transaction %s adds up to %s %s', e.transaction_id, a.currency, sum(e.amount_minor)) AS detail
FROM ledger_entries AS e JOIN ledger_accounts AS a ON a.id = e.account_id
GROUP BY e.transaction_id, a.currency HAVING sum(e.amount_minor) <> 0
ORDER BY 1 LIMIT $1;

-- name: orphan
SELECT format('entry %s of transaction %s, on account %s: there is no such %s', e.place, e.transaction_id, e.account_id,
    concat_ws(' and no such ', CASE WHEN t.id IS NULL THEN 'transaction' END, CASE WHEN a.id IS NULL THEN 'account' END)) AS detail
FROM ledger_entries AS e
    LEFT JOIN ledger_transactions AS t ON t.id = e.transaction_id LEFT JOIN ledger_accounts AS a ON a.id = e.account_id
WHERE t.id IS NULL OR a.id IS NULL
ORDER BY 1 LIMIT $1;

-- name: known
SELECT format('account %s is for %s, of %s', id, account, coalesce(party_id::text, 'nobody')) AS detail
FROM ledger_accounts
WHERE NOT is_ledger_account(account) OR (party_id IS NULL AND account IN ('customer', 'seller'))
ORDER BY 1 LIMIT $1;

-- name: identity
SELECT format('account %s is %s, party %s, %s: accounts of these have the id %s', id, account, coalesce(party_id::text, 'none'),
    currency, ledger_account_id(account, party_id, currency)) AS detail
FROM ledger_accounts WHERE id <> ledger_account_id(account, party_id, currency)
ORDER BY 1 LIMIT $1;

-- name: currency
SELECT format('account %s has the currency %s with %s digits', id, currency, exponent) AS detail
FROM ledger_accounts
WHERE NOT currency = ANY ($2::text[]) OR exponent <> currency_digits(currency)
ORDER BY 1 LIMIT $1;

-- name: balance
SELECT format('account %s has balance %s of %s entries; its entries are %s and add up to %s', a.id, a.balance_minor,
    a.entry_count, coalesce(e.entries, 0), coalesce(e.total, 0)) AS detail
FROM ledger_accounts AS a
    LEFT JOIN (
        SELECT account_id, count(*) AS entries, sum(amount_minor) AS total FROM ledger_entries GROUP BY account_id
    ) AS e ON e.account_id = a.id
WHERE a.balance_minor <> coalesce(e.total, 0) OR a.entry_count <> coalesce(e.entries, 0)
ORDER BY 1 LIMIT $1;

-- name: sequence
SELECT format('account %s, entry %s of transaction %s is number %s with balance %s, and should be number %s with balance %s',
    account_id, place, transaction_id, number, balance_minor, wanted_number, wanted_balance) AS detail
FROM (
    SELECT account_id, place, transaction_id, number, balance_minor,
        row_number() OVER running AS wanted_number, sum(amount_minor) OVER running AS wanted_balance
    FROM ledger_entries
    WINDOW running AS (PARTITION BY account_id ORDER BY number, transaction_id, place ROWS UNBOUNDED PRECEDING)
) AS e
WHERE number <> wanted_number OR balance_minor <> wanted_balance
ORDER BY 1 LIMIT $1;

-- name: instants
SELECT format('account %s, entry number %s was posted before number %s', account_id, number, number - 1) AS detail
FROM (
    SELECT account_id, number, posted_at, lag(posted_at) OVER (PARTITION BY account_id ORDER BY number) AS former
    FROM ledger_entries
) AS e
WHERE posted_at < former
ORDER BY 1 LIMIT $1;

-- name: sign
SELECT format('account %s (%s, party %s, %s) has balance %s', id, account, coalesce(party_id::text, 'none'), currency,
    balance_minor) AS detail
FROM ledger_accounts
WHERE (account = ANY ($2::text[]) AND balance_minor < 0) OR (account = ANY ($3::text[]) AND balance_minor > 0)
ORDER BY 1 LIMIT $1;

-- name: payout
SELECT format('transaction %s left account %s with balance %s', e.transaction_id, e.account_id, e.balance_minor) AS detail
FROM ledger_transactions AS t
    JOIN ledger_entries AS e ON e.transaction_id = t.id JOIN ledger_accounts AS a ON a.id = e.account_id
WHERE t.kind = 'payout' AND a.account = 'seller' AND e.amount_minor < 0 AND e.balance_minor < 0
ORDER BY 1 LIMIT $1;
