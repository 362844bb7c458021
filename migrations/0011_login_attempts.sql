-- Why: login is throttled by account and by address, over all workers.
-- Locks: none; the table is new.
-- Undo: DROP TABLE login_attempts.

CREATE TABLE login_attempts (
    -- SHA-256 of what is counted, such as "account:<e-mail>" or "address:<ip>": of one size, and no list of people.
    subject            bytea PRIMARY KEY CHECK (length(subject) = 32),
    window_started_at  timestamptz NOT NULL,
    attempts           integer NOT NULL
);
CREATE INDEX login_attempts_window ON login_attempts (window_started_at);
