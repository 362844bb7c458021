-- Why: the credentials of checkout systems.
-- Locks: none; the table is new.
-- Undo: DROP TABLE api_keys.

CREATE TABLE api_keys (
    id                   uuid PRIMARY KEY,
    name                 text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The readable beginning of the key, `qs_<env>_<id>`: what a person may see and a log may hold.
    prefix               text NOT NULL UNIQUE,
    -- SHA-256 of the whole key. A slow hash would add nothing to 256 random bits and would cost every request.
    key_hash             bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    scopes               text[] NOT NULL CHECK (cardinality(scopes) > 0),
    requests_per_second  integer,
    burst                integer,
    expires_at           timestamptz,
    last_used_at         timestamptz,
    revoked_at           timestamptz,
    version              bigint NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    CHECK ((requests_per_second IS NULL) = (burst IS NULL))
);

CREATE TRIGGER api_keys_made_bump_access_state AFTER INSERT ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION bump_access_state();
-- Not for last_used_at, which is written all the time and changes nothing.
CREATE TRIGGER api_keys_changed_bump_access_state
    AFTER UPDATE OF name, key_hash, scopes, requests_per_second, burst, expires_at, revoked_at ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION bump_access_state();
