-- Why: every change an admin makes is written down, in the transaction of the change, and stays.
-- Locks: none; the table is new.
-- Undo: DROP TABLE audit_log; DROP FUNCTION refuse_audit_rewrite.

CREATE TABLE audit_log (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    actor        text NOT NULL,
    actor_kind   text NOT NULL CHECK (actor_kind IN ('user', 'key', 'system')),
    action       text NOT NULL,
    object_kind  text NOT NULL,
    object_id    text NOT NULL,
    request_id   text NOT NULL,
    -- json, not jsonb: a number stays as it was written.
    before       json,
    after        json
);
CREATE INDEX audit_log_object ON audit_log (object_kind, object_id, id DESC);
CREATE INDEX audit_log_actor ON audit_log (actor, id DESC);
CREATE INDEX audit_log_action ON audit_log (action, id DESC);
CREATE INDEX audit_log_at ON audit_log (at);

CREATE FUNCTION refuse_audit_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log can only be added to' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_rewrite();
CREATE TRIGGER audit_log_is_not_truncated BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_rewrite();
