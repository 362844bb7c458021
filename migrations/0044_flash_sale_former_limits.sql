-- Why: what Redis admitted under a limit stays good when the limit is lowered, and only PostgreSQL can say until when the
--   former limit counts: what Redis writes may be rolled back, or written by another hand.
-- Locks: none on existing tables.
-- Undo: drop table flash_sale_former_limits.

-- Each limit a customer that was lowered while Redis held the item.
CREATE TABLE flash_sale_former_limits (
    item_id bigint NOT NULL REFERENCES flash_sale_items (id),
    -- The revision of the item that lowered it.
    revision integer NOT NULL,
    per_customer_limit integer NOT NULL,
    -- The last reservation that may have been admitted under it, by epoch and number; null while Redis has not been seen
    -- to hold the revision, and still admits under the former limit.
    until_epoch bigint,
    until_number bigint,
    CHECK ((until_epoch IS NULL) = (until_number IS NULL)),
    PRIMARY KEY (item_id, revision)
);
