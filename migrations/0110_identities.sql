-- Why: people sign in with the provider of their organisation (OpenID Connect). Who they are there is the pair of issuer and subject;
--   an e-mail address tells nothing of it, for it can be given to somebody else.
-- Locks: none on existing rows; users while the foreign key is made.
-- Undo: DROP TABLE identities.

CREATE TABLE identities (
    id            uuid CONSTRAINT identities_pkey PRIMARY KEY,
    user_id       uuid NOT NULL CONSTRAINT identities_user REFERENCES users (id),
    issuer        text NOT NULL CONSTRAINT identities_issuer_length CHECK (length(issuer) BETWEEN 1 AND 2000),
    subject       text NOT NULL CONSTRAINT identities_subject_length CHECK (length(subject) BETWEEN 1 AND 255),
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz,
    CONSTRAINT identities_subject UNIQUE (issuer, subject),
    -- One of each provider: a second would let somebody else into the same account.
    CONSTRAINT identities_of_user UNIQUE (user_id, issuer)
);
