-- Why: sessions of people in the pages. The cookie holds 256 random bits, of which only the hash is kept. A session belongs to a
--   family of refresh tokens, so that whatever ends that (logging out, a new password or role, deactivation) ends it too.
-- Locks: none on existing rows; refresh_families while the foreign key is made.
-- Undo: drop table page_sessions.

CREATE TABLE page_sessions (
    token_hash bytea CONSTRAINT page_sessions_pkey PRIMARY KEY,
    family_id uuid NOT NULL CONSTRAINT page_sessions_family REFERENCES refresh_families (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    -- When it was last used, exact to a minute: a page is read more often than it is worth writing down.
    seen_at timestamptz NOT NULL
);
CREATE INDEX page_sessions_family_id ON page_sessions (family_id);
CREATE INDEX page_sessions_expiry ON page_sessions (expires_at);
