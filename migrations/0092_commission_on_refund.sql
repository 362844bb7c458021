-- Why: a rate says what of its commission a refund gives back: all of it in proportion (reverse), or nothing (keep). Orders freeze
--   it; no price hangs on it. The column stands last in both tables: a version is copied into the history as it is.
-- Locks: commission_rates and commission_rate_history for a moment; no row is written, however many there are.
-- Undo: drop column commission_rates.on_refund and column commission_rate_history.on_refund.

ALTER TABLE commission_rates
    ADD COLUMN on_refund text NOT NULL DEFAULT 'reverse' CHECK (on_refund IN ('reverse', 'keep'));
ALTER TABLE commission_rate_history ADD COLUMN on_refund text NOT NULL DEFAULT 'reverse';
