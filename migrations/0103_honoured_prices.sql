-- Why: what it costs or gains that accepted quotes keep their prices after prices have changed. Each accepted quote stands in
--   honoured_unchecked from the transaction that accepts it on; it is taken out by the transaction that has held it against the
--   prices of its acceptance and adds what it found to the sums, so that it is counted once, whoever is killed. Sums are of
--   quarters of an hour, which days of every time zone consist of; nobody is named in them, so erasing a customer leaves them.
--   Rates of the past are looked up for some sellers and categories: commission_rates gets an index of those that name neither,
--   and its history one of what was replaced last.
-- Locks: accepted_quotes for its trigger, while the ids of all its rows are copied; writers of commission_rates while the two
--   indexes are made, about a second for a million rates.
-- Undo: drop table honoured_effects, honoured_quotes, honoured_unchecked; drop function keep_unchecked_quote cascade; drop the
--   two indexes.

CREATE TABLE honoured_unchecked (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT honoured_unchecked_pkey PRIMARY KEY,
    quote_id uuid NOT NULL
);
COMMENT ON TABLE honoured_unchecked IS 'Accepted quotes that have not been held against the prices of their acceptance yet';

CREATE TABLE honoured_quotes (
    quarter timestamptz NOT NULL,
    currency text NOT NULL,
    accepted bigint NOT NULL,
    not_compared bigint NOT NULL,
    changed bigint NOT NULL,
    dearer bigint NOT NULL,
    cheaper bigint NOT NULL,
    cost_minor bigint NOT NULL,
    gain_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    CONSTRAINT honoured_quotes_pkey PRIMARY KEY (quarter, currency)
);
COMMENT ON TABLE honoured_quotes IS 'What was accepted after prices had changed. Amounts are minor units of the currency';
COMMENT ON COLUMN honoured_quotes.quarter IS 'The quarter of an hour in which quotes were accepted';
COMMENT ON COLUMN honoured_quotes.not_compared IS 'Of the accepted, those whose price at the acceptance cannot be worked out';
COMMENT ON COLUMN honoured_quotes.changed IS 'Of the accepted, those with another total or commission by then';
COMMENT ON COLUMN honoured_quotes.dearer IS 'Of the changed, those that a new quote would have charged more for; `cheaper` less';
COMMENT ON COLUMN honoured_quotes.cost_minor IS 'What dearer ones would have come to, less what they came to';
COMMENT ON COLUMN honoured_quotes.gain_minor IS 'What cheaper ones came to, less what they would have come to';
COMMENT ON COLUMN honoured_quotes.commission_minor IS 'Commission of the quotes less what it would have been';

CREATE TABLE honoured_effects (
    quarter timestamptz NOT NULL,
    currency text NOT NULL,
    kind text NOT NULL CONSTRAINT honoured_effects_kind
        CHECK (kind IN ('price', 'flash_sale', 'stock', 'demand', 'flag', 'rule', 'rate', 'clock', 'other')),
    key text NOT NULL,
    quotes bigint NOT NULL,
    total_minor bigint NOT NULL,
    commission_minor bigint NOT NULL,
    CONSTRAINT honoured_effects_pkey PRIMARY KEY (quarter, currency, kind, key)
);
COMMENT ON TABLE honoured_effects IS 'Which change made how much of that: the sums over all of them are those of honoured_quotes';
COMMENT ON COLUMN honoured_effects.key IS
    'Name of the rule, id of the rate, key of the flag, id of the product, variant or sale; empty for clock and other';
COMMENT ON COLUMN honoured_effects.total_minor IS 'Totals of the quotes less what they would have been by this change';

CREATE FUNCTION keep_unchecked_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO honoured_unchecked (quote_id) SELECT quote_id FROM accepted;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_unchecked AFTER INSERT ON accepted_quotes
    REFERENCING NEW TABLE AS accepted FOR EACH STATEMENT EXECUTE FUNCTION keep_unchecked_quote();

INSERT INTO honoured_unchecked (quote_id) SELECT quote_id FROM accepted_quotes ORDER BY accepted_at, quote_id;

CREATE INDEX commission_rates_general ON commission_rates (id) WHERE seller_id IS NULL AND category_id IS NULL;
CREATE INDEX commission_rate_history_replaced ON commission_rate_history (replaced_in);
