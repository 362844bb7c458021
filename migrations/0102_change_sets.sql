-- Why: drafts of rules, rates, flags and prices that are published together, at once or at an instant, and rolled back together.
-- Locks: none; the tables are new.
-- Undo: drop table change_set_reviews, change_sets; drop function guard_change_set.

CREATE TABLE change_sets (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    note text CHECK (length(note) <= 2000),
    status text NOT NULL CHECK (status IN ('draft', 'scheduled', 'failed', 'published', 'rolled_back', 'discarded')),
    -- json, not jsonb: a number stays as it was written.
    content json NOT NULL,
    -- Goes up when the content changes; a review is of one edition.
    edition integer NOT NULL DEFAULT 1 CHECK (edition >= 1),
    -- Everybody who wrote one of the editions: none of them approves any.
    authors text[] NOT NULL CHECK (cardinality(authors) >= 1),
    publish_at timestamptz CHECK (isfinite(publish_at)),
    -- Who asked for it to be published, at once or at an instant.
    published_by text,
    published_at timestamptz,
    -- Why it was not published at its instant, as a problem.
    failure json,
    rolled_back_by text,
    rolled_back_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT change_sets_scheduled CHECK (status <> 'scheduled' OR (publish_at IS NOT NULL AND published_by IS NOT NULL)),
    CONSTRAINT change_sets_published CHECK ((status IN ('published', 'rolled_back')) = (published_at IS NOT NULL)),
    CONSTRAINT change_sets_failed CHECK ((status = 'failed') = (failure IS NOT NULL)),
    CONSTRAINT change_sets_rolled_back CHECK (
        (status = 'rolled_back') = (rolled_back_at IS NOT NULL) AND (rolled_back_at IS NULL) = (rolled_back_by IS NULL)
    )
);
CREATE INDEX change_sets_due ON change_sets (publish_at, id) WHERE status = 'scheduled';
CREATE INDEX change_sets_status_page ON change_sets (status, id);
CREATE TRIGGER refuse_removal BEFORE DELETE OR TRUNCATE ON change_sets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- What was published stays what it was: it is rolled back, and nothing else becomes of it.
CREATE FUNCTION guard_change_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('rolled_back', 'discarded') OR NEW.id <> OLD.id
        OR (OLD.status = 'published' AND (
            NEW.status <> 'rolled_back' OR NEW.edition <> OLD.edition OR NEW.content::text <> OLD.content::text
        ))
        OR (OLD.status = 'scheduled' AND NEW.edition <> OLD.edition)
    THEN
        RAISE EXCEPTION 'change set % is decided', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_change_set BEFORE UPDATE ON change_sets FOR EACH ROW EXECUTE FUNCTION guard_change_set();

CREATE TABLE change_set_reviews (
    change_set_id uuid NOT NULL CONSTRAINT change_set_reviews_set REFERENCES change_sets (id),
    edition integer NOT NULL,
    reviewer text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('approve', 'request_changes')),
    note text CHECK (length(note) <= 2000),
    reviewed_at timestamptz NOT NULL,
    PRIMARY KEY (change_set_id, edition, reviewer)
);
