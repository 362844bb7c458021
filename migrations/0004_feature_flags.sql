-- Why: feature flags with every earlier version of each. Values and rollouts are `json` and not `jsonb`: a NUMBER
--   keeps the literal it was written with, and `json` keeps the text.
--   default_value: NULL for not given, the JSON null for a null that was given.
-- Locks: none on existing tables.
-- Undo: drop table feature_flag_history, feature_flags; drop functions keep_feature_flag_version, flag_value_fits.

CREATE FUNCTION flag_value_fits(type text, value json) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE type
        WHEN 'BOOLEAN' THEN json_typeof(value) = 'boolean'
        WHEN 'STRING' THEN json_typeof(value) = 'string'
        WHEN 'NUMBER' THEN json_typeof(value) = 'number'
        WHEN 'PERCENTAGE' THEN
            CASE WHEN json_typeof(value) = 'number' THEN (value #>> '{}')::numeric BETWEEN 0 AND 100 ELSE false END
        ELSE true
    END;

CREATE TABLE feature_flags (
    id uuid PRIMARY KEY,
    key text NOT NULL CHECK (key ~ '^[A-Za-z0-9._-]{1,50}$'),
    name text CHECK (length(name) <= 200),
    description text CHECK (length(description) <= 2000),
    type text NOT NULL CHECK (type IN ('BOOLEAN', 'STRING', 'NUMBER', 'JSON', 'PERCENTAGE')),
    value json NOT NULL,
    default_value json,
    is_enabled boolean NOT NULL DEFAULT false,
    rollout json CHECK (json_typeof(rollout) = 'object'),
    expose_in_quote boolean NOT NULL DEFAULT true,
    accept_group boolean NOT NULL DEFAULT false,
    salt text CHECK (length(salt) BETWEEN 1 AND 100),
    algorithm text NOT NULL DEFAULT 'mm3-v1' CHECK (algorithm IN ('mm3-v1', 'unleash', 'growthbook-v2')),
    is_archived boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_in bigint NOT NULL,
    CONSTRAINT feature_flags_value_fits CHECK (flag_value_fits(type, value)),
    CONSTRAINT feature_flags_default_fits CHECK (
        default_value IS NULL OR (type <> 'PERCENTAGE' AND flag_value_fits(type, default_value))
    )
);

-- An archived flag gives its key free.
CREATE UNIQUE INDEX feature_flags_key ON feature_flags (key) WHERE NOT is_archived;
CREATE INDEX feature_flags_changed_in ON feature_flags (changed_in);

CREATE TABLE feature_flag_history (
    replaced_in bigint NOT NULL,
    LIKE feature_flags,
    PRIMARY KEY (id, version)
);

CREATE FUNCTION keep_feature_flag_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := next_rulebook_version();
    IF TG_OP = 'INSERT' THEN
        NEW.version := 1;
        RETURN NEW;
    END IF;
    IF NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'the id of a feature flag never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.version := OLD.version + 1;
    INSERT INTO feature_flag_history SELECT NEW.changed_in, OLD.*;
    RETURN NEW;
END $$;

CREATE TRIGGER lock_rulebook BEFORE INSERT OR UPDATE ON feature_flags
    FOR EACH STATEMENT EXECUTE FUNCTION lock_rulebook();
CREATE TRIGGER keep_version BEFORE INSERT OR UPDATE ON feature_flags
    FOR EACH ROW EXECUTE FUNCTION keep_feature_flag_version();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON feature_flags
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON feature_flag_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER refuse_change BEFORE UPDATE ON feature_flag_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
