-- Why: people prove who they are by a second factor (codes of an authenticator app), set a lost password anew by a link that an
--   admin gives them, and see the sessions that they have.
-- Locks: users and refresh_families for as long as columns without a default and an unchecked constraint take to add; then both
--   are read and written as before while the constraint is checked.
-- Undo: ALTER TABLE refresh_families DROP COLUMN device, DROP COLUMN begun_by; ALTER TABLE users DROP COLUMN second_factor_at;
--   DROP TABLE password_resets, recovery_codes, second_factors.

-- Since when a second factor is asked for; NULL while it is not. Beside the account, because every login needs it.
ALTER TABLE users ADD COLUMN second_factor_at timestamptz;

CREATE TABLE second_factors (
    user_id        uuid CONSTRAINT second_factors_pkey PRIMARY KEY CONSTRAINT second_factors_user REFERENCES users (id),
    -- Sealed with the key of this id: the database alone makes no codes.
    secret         bytea NOT NULL,
    secret_key_id  text NOT NULL,
    started_at     timestamptz NOT NULL,
    -- NULL until a first code has shown that the person's device has the secret.
    confirmed_at   timestamptz,
    -- The time step of the last code that was taken: each works once, and none from before it.
    last_step      bigint NOT NULL DEFAULT 0 CONSTRAINT second_factors_step CHECK (last_step >= 0)
);

CREATE TABLE recovery_codes (
    user_id    uuid NOT NULL CONSTRAINT recovery_codes_user REFERENCES second_factors (user_id) ON DELETE CASCADE,
    -- SHA-256 of a code of 80 random bits.
    code_hash  bytea NOT NULL CONSTRAINT recovery_codes_hash CHECK (length(code_hash) = 32),
    used_at    timestamptz,
    CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE password_resets (
    -- One at a time: another link takes the place of the one before.
    user_id     uuid CONSTRAINT password_resets_pkey PRIMARY KEY CONSTRAINT password_resets_user REFERENCES users (id),
    -- SHA-256 of a token of 256 random bits.
    token_hash  bytea NOT NULL CONSTRAINT password_resets_token UNIQUE
        CONSTRAINT password_resets_hash CHECK (length(token_hash) = 32),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX password_resets_expiry ON password_resets (expires_at);

-- How a session was begun, and the browser and system in words (no address); NULL for those that are older than this.
ALTER TABLE refresh_families ADD COLUMN begun_by text, ADD COLUMN device text;
ALTER TABLE refresh_families
    ADD CONSTRAINT refresh_families_begun_by CHECK (begun_by IN ('password', 'provider')) NOT VALID,
    ADD CONSTRAINT refresh_families_device CHECK (length(device) <= 60) NOT VALID,
    DROP CONSTRAINT refresh_families_end_reason_check,
    ADD CONSTRAINT refresh_families_end_reason CHECK (
        end_reason IN ('logout', 'reuse', 'password_change', 'deactivated', 'role_change', 'second_factor_reset')
    ) NOT VALID;
ALTER TABLE refresh_families
    VALIDATE CONSTRAINT refresh_families_begun_by,
    VALIDATE CONSTRAINT refresh_families_device,
    VALIDATE CONSTRAINT refresh_families_end_reason;
