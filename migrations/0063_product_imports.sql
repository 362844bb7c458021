-- Why: imports of products: what was sent is staged as it came, by whichever process took it, and written in one transaction by
--   whichever runs background loops. How far it is stands in the row, which the writing transaction does not touch before its
--   end, so that anybody can read it meanwhile.
-- Locks: none on existing tables.
-- Undo: drop table product_import_chunks, product_imports.

CREATE TABLE product_imports (
    id uuid PRIMARY KEY,
    media_type text NOT NULL CHECK (media_type IN ('text/csv', 'application/x-ndjson')),
    -- receiving: its body is still on its way, or never came whole.
    status text NOT NULL CHECK (status IN ('receiving', 'queued', 'running', 'done', 'failed')),
    bytes bigint NOT NULL DEFAULT 0,
    rows_read integer NOT NULL DEFAULT 0,
    created integer,
    changed integer,
    unchanged integer,
    errors jsonb NOT NULL DEFAULT '[]',
    actor text NOT NULL,
    actor_kind text NOT NULL,
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT product_imports_finished CHECK ((status IN ('done', 'failed')) = (finished_at IS NOT NULL)),
    CONSTRAINT product_imports_counted CHECK ((status = 'done') = (created IS NOT NULL))
);
CREATE INDEX product_imports_waiting ON product_imports (id) WHERE status IN ('receiving', 'queued', 'running');

CREATE TABLE product_import_chunks (
    import_id uuid NOT NULL REFERENCES product_imports (id) ON DELETE CASCADE,
    place integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (import_id, place)
);
