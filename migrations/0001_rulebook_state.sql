-- Why: every change of rates, rules, flags and exhausted coupons gets a rulebook version, so that a follower that holds
--   version V can ask for what changed since V, and never sees half of a change. One row holds the version; whoever
--   changes the rulebook holds that row's lock to commit, so versions commit in their order.
--   A version is the instant of its change in microseconds, and never names two contents: a database that lost its last
--   changes (restored from a backup, or failed over) counts on above them. rulebook_versions says which versions this
--   database knows; a follower that holds another starts anew.
-- Locks: none on existing tables.
-- Undo: drop table rulebook_state, rulebook_versions cascade; drop the functions below.

-- Microseconds since 1970-01-01T00:00:00Z, exact: extract() answers a numeric. STABLE as extract() is, or it would not be
-- inlined.
CREATE FUNCTION epoch_us(instant timestamptz) RETURNS bigint
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN (extract(epoch FROM instant) * 1000000)::bigint;

CREATE TABLE rulebook_state (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    version bigint NOT NULL CHECK (version > 0)
);

CREATE TABLE rulebook_versions (
    version bigint PRIMARY KEY
);

INSERT INTO rulebook_state (version) VALUES (epoch_us(clock_timestamp()));
INSERT INTO rulebook_versions SELECT version FROM rulebook_state;

-- Runs before a statement touches its first row: taking the rows first and the state second would let two writers of
-- the same rows wait for each other.
CREATE FUNCTION lock_rulebook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM rulebook_state FOR UPDATE;
    RETURN NULL;
END $$;

-- The version that this transaction commits. Kept in a setting of the transaction, which a rolled-back savepoint takes
-- back together with the row. The notification leaves at commit.
CREATE FUNCTION next_rulebook_version() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    mine bigint := nullif(current_setting('quote_service.rulebook_version', true), '')::bigint;
BEGIN
    IF mine IS NULL THEN
        UPDATE rulebook_state SET version = greatest(version + 1, epoch_us(clock_timestamp()))
        RETURNING version INTO STRICT mine;
        INSERT INTO rulebook_versions VALUES (mine);
        PERFORM set_config('quote_service.rulebook_version', mine::text, true);
        PERFORM pg_notify('rulebook', mine::text);
    END IF;
    RETURN mine;
END $$;

-- Followers are told of changed rows; a removed row they would keep for ever.
CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON rulebook_state
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON rulebook_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON rulebook_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
