-- Why: an audit row names the change set that it belongs to, where several rules, rates, flags and prices are published together.
-- Locks: audit_log for the moment in which it gets its column, and against writing while its index is built, which reads the log
--   once: no row has a change set yet.
-- Undo: drop index audit_log_change_set; alter table audit_log drop column change_set_id.

ALTER TABLE audit_log ADD COLUMN change_set_id uuid;
CREATE INDEX audit_log_change_set ON audit_log (change_set_id, id DESC) WHERE change_set_id IS NOT NULL;
