-- Why: the ledger: double entry that can only be added to. A transaction is one row of ledger_transactions with its lines
--   (account, party, currency, amount: above 0 a credit, below 0 a debit). At commit a deferred trigger refuses lines that
--   do not add up to zero in each currency, and posts them: balances in ledger_accounts, and one row a line in ledger_entries
--   with the balance after it. It posts all transactions of the database transaction at once, accounts in the order of their
--   ids, creation included: writers cannot wait for each other in a circle, and hold a busy account for the commit alone.
--   Entries of an account are numbered without gaps in the order of their commits, and their instants never go back.
--   There are no foreign keys: each entry would lock a row that all others want too. The trigger alone writes both tables.
-- Locks: none on existing tables.
-- Undo: drop table ledger_entries, ledger_accounts, ledger_transactions; drop the functions below.

-- The same account has the same id whoever meets it first, so nobody has to look for it (RFC 9562, version 8).
CREATE FUNCTION ledger_account_id(account text, party_id uuid, currency text) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN overlay(overlay(
        encode(substr(sha256((account || ' ' || coalesce(party_id::text, '-') || ' ' || currency)::bytea), 1, 16), 'hex')
        PLACING '8' FROM 13 FOR 1) PLACING '8' FROM 17 FOR 1)::uuid;

CREATE FUNCTION is_ledger_account(account text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN account IN (
        'customer', 'seller', 'commission', 'commission_tax', 'sales_tax', 'delivery', 'platform_discounts', 'payouts'
    );

-- Whether lines could be posted, apart from their sums.
CREATE FUNCTION are_ledger_lines(accounts text[], party_ids uuid[], currencies text[], amounts_minor bigint[])
    RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN cardinality(accounts) BETWEEN 2 AND 10000 AND cardinality(party_ids) = cardinality(accounts)
        AND cardinality(currencies) = cardinality(accounts) AND cardinality(amounts_minor) = cardinality(accounts)
        AND (
            SELECT bool_and(coalesce(
                is_ledger_account(line.account) AND line.currency ~ '^[A-Z]{3}$' AND line.amount_minor <> 0
                AND (line.party_id IS NOT NULL OR line.account NOT IN ('customer', 'seller')), false))
            FROM unnest(accounts, party_ids, currencies, amounts_minor)
                AS line (account, party_id, currency, amount_minor)
        );

CREATE TABLE ledger_transactions (
    id uuid CONSTRAINT ledger_transactions_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CONSTRAINT ledger_transactions_kind
        CHECK (kind IN ('order', 'refund', 'cancellation', 'payout', 'adjustment')),
    source_id uuid NOT NULL,
    actor text NOT NULL DEFAULT session_user,
    -- By the clock of who asked; entries have the instant of their posting.
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reference text CHECK (length(reference) BETWEEN 1 AND 200),
    note text CHECK (length(note) BETWEEN 1 AND 2000),
    accounts text[] NOT NULL,
    party_ids uuid[] NOT NULL,
    currencies text[] NOT NULL,
    amounts_minor bigint[] NOT NULL,
    -- The database transaction that writes it, which posts it too.
    posted_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- What is posted for a source is posted once.
    CONSTRAINT ledger_transactions_source UNIQUE (kind, source_id),
    CONSTRAINT ledger_transactions_lines CHECK (are_ledger_lines(accounts, party_ids, currencies, amounts_minor))
);
CREATE INDEX ledger_transactions_posted_in ON ledger_transactions (posted_in);

CREATE TABLE ledger_accounts (
    id uuid CONSTRAINT ledger_accounts_pkey PRIMARY KEY,
    account text NOT NULL,
    party_id uuid,
    currency text NOT NULL,
    exponent smallint NOT NULL,
    -- The sum of its entries, and how many they are.
    balance_minor bigint NOT NULL,
    entry_count bigint NOT NULL,
    last_posted_at timestamptz NOT NULL,
    CONSTRAINT ledger_accounts_id CHECK (id = ledger_account_id(account, party_id, currency)),
    CONSTRAINT ledger_accounts_account CHECK (is_ledger_account(account))
-- Room on each page for the next version of a row that everybody changes.
) WITH (fillfactor = 50);
CREATE INDEX ledger_accounts_account_page ON ledger_accounts (account, id);
CREATE INDEX ledger_accounts_party_page ON ledger_accounts (party_id, id);
CREATE INDEX ledger_accounts_currency_page ON ledger_accounts (currency, id);

CREATE TABLE ledger_entries (
    transaction_id uuid NOT NULL,
    -- Of the line in its transaction, from 1.
    place smallint NOT NULL,
    account_id uuid NOT NULL,
    -- Of the entry in its account, from 1.
    number bigint NOT NULL,
    amount_minor bigint NOT NULL,
    -- The account's, after this entry.
    balance_minor bigint NOT NULL,
    posted_at timestamptz NOT NULL,
    CONSTRAINT ledger_entries_pkey PRIMARY KEY (transaction_id, place)
);
CREATE INDEX ledger_entries_account ON ledger_entries (account_id, posted_at, number);

-- For each row, but the first one posts all that its database transaction has written by then. Plans are made once a
-- session, perhaps while the tables are still small.
CREATE FUNCTION post_ledger_transactions() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    wrong text;
    lowest bigint;
    paid bigint;
BEGIN
    SELECT string_agg(format('%s %s', line.currency, line.total), ', ') INTO wrong
    FROM (
        SELECT currency, sum(amount_minor) AS total
        FROM unnest(NEW.currencies, NEW.amounts_minor) AS given (currency, amount_minor)
        GROUP BY currency HAVING sum(amount_minor) <> 0
    ) AS line;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'entries do not add up to zero: %', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transactions_add_up';
    END IF;
    IF NEW.posted_in <> pg_current_xact_id() THEN
        RAISE EXCEPTION 'posted_in is not chosen' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ledger_entries WHERE transaction_id = NEW.id) THEN
        WITH lines AS MATERIALIZED (
            SELECT t.id AS transaction_id, line.place, line.account, line.party_id, line.currency, line.amount_minor,
                ledger_account_id(line.account, line.party_id, line.currency) AS account_id
            FROM ledger_transactions AS t
                CROSS JOIN LATERAL unnest(t.accounts, t.party_ids, t.currencies, t.amounts_minor)
                    WITH ORDINALITY AS line (account, party_id, currency, amount_minor, place)
            WHERE t.posted_in = pg_current_xact_id()
                AND NOT EXISTS (SELECT 1 FROM ledger_entries AS e WHERE e.transaction_id = t.id)
        ), sums AS MATERIALIZED (
            SELECT account_id, account, party_id, currency, sum(amount_minor)::bigint AS total, count(*) AS entries
            FROM lines GROUP BY account_id, account, party_id, currency
        ), posted AS (
            INSERT INTO ledger_accounts AS a
                (id, account, party_id, currency, exponent, balance_minor, entry_count, last_posted_at)
            SELECT account_id, account, party_id, currency, currency_digits(currency), total, entries, clock_timestamp()
            FROM sums ORDER BY account_id
            ON CONFLICT (id) DO UPDATE SET
                balance_minor = a.balance_minor + excluded.balance_minor,
                entry_count = a.entry_count + excluded.entry_count,
                last_posted_at = greatest(a.last_posted_at, clock_timestamp())
            RETURNING a.id, a.balance_minor, a.entry_count, a.last_posted_at
        )
        INSERT INTO ledger_entries (transaction_id, place, account_id, number, amount_minor, balance_minor, posted_at)
        SELECT l.transaction_id, l.place, l.account_id,
            p.entry_count - s.entries + row_number() OVER running,
            l.amount_minor,
            p.balance_minor - s.total + (sum(l.amount_minor) OVER running)::bigint,
            p.last_posted_at
        FROM lines AS l JOIN sums AS s USING (account_id) JOIN posted AS p ON p.id = l.account_id
        WINDOW running AS (
            PARTITION BY l.account_id ORDER BY l.transaction_id, l.place ROWS UNBOUNDED PRECEDING
        );
    END IF;
    -- Under the locks of the accounts, so that of two payouts at once the second sees what the first has left.
    IF NEW.kind = 'payout' THEN
        SELECT e.balance_minor, e.amount_minor INTO lowest, paid
        FROM ledger_entries AS e JOIN ledger_accounts AS a ON a.id = e.account_id
        WHERE e.transaction_id = NEW.id AND a.account = 'seller' AND e.amount_minor < 0 AND e.balance_minor < 0
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'a payout takes more than the balance' USING
                ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_payout_covered', DETAIL = (lowest - paid)::text;
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER post_entries AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION post_ledger_transactions();

CREATE FUNCTION refuse_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written by posting a transaction alone', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_posting BEFORE INSERT ON ledger_entries
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_posting();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_posting BEFORE INSERT OR UPDATE ON ledger_accounts
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_posting();
