-- Why: the first answer to a creating request, kept 24 h in the transaction of its effect.
-- Locks: none; the table is new.
-- Undo: DROP TABLE idempotency_keys.

CREATE TABLE idempotency_keys (
    caller       text NOT NULL,
    route        text NOT NULL,
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint  bytea NOT NULL CHECK (length(fingerprint) = 32),
    status       smallint NOT NULL,
    headers      json NOT NULL,
    body         bytea NOT NULL,
    -- An answer that shows a secret is kept encrypted.
    is_sealed    boolean NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (caller, route, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
