-- Why: people who log in, and the sessions (families of refresh tokens) that they hold.
-- Locks: none; the tables are new.
-- Undo: DROP TABLE refresh_tokens, refresh_families, users; DROP FUNCTION bump_access_state; DROP TABLE access_state.

-- One row that counts changes to who may do what; workers watch it. A writer holds the row until it commits, so the
-- counter rises in the order of commits.
CREATE TABLE access_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL DEFAULT 0
);
INSERT INTO access_state DEFAULT VALUES;

CREATE FUNCTION bump_access_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE access_state SET version = version + 1;
    PERFORM pg_notify('access', '');
    RETURN NULL;
END
$$;

CREATE TABLE users (
    id              uuid PRIMARY KEY,
    -- Trimmed and in lower case already; compared as it stands.
    email           text NOT NULL UNIQUE CHECK (length(email) BETWEEN 3 AND 254),
    password_hash   text NOT NULL,
    role            text NOT NULL CHECK (role IN ('admin', 'pricing_manager', 'analyst', 'user')),
    is_active       boolean NOT NULL DEFAULT true,
    version         bigint NOT NULL DEFAULT 1,
    -- Access tokens carry the generation they were made in; a lower one than this is no longer accepted.
    generation      bigint NOT NULL DEFAULT 1,
    generation_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    last_login_at   timestamptz
);
CREATE INDEX users_generation_at ON users (generation_at) WHERE generation > 1;

CREATE TRIGGER users_bump_access_state AFTER UPDATE OF generation ON users
    FOR EACH STATEMENT EXECUTE FUNCTION bump_access_state();

CREATE TABLE refresh_families (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users (id),
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    end_reason  text CHECK (end_reason IN ('logout', 'reuse', 'password_change', 'deactivated', 'role_change')),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX refresh_families_user ON refresh_families (user_id) WHERE ended_at IS NULL;

CREATE TABLE refresh_tokens (
    -- SHA-256 of a token of 256 random bits; the token itself is never kept.
    token_hash  bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    family_id   uuid NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);
