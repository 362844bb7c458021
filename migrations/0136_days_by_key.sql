-- Why: rows of a rollup lie in the order in which they came, all keys of a day together. What one key had day by day over a year then
--   lies on as many pages as there are days, and most of a report's time went into reading these. A week that is over is moved so
--   that the days of a key lie beside each other; analytics_clusters says how far that is done. The triggers that keep what groups
--   are sorted by leave such a move alone: it says of itself that figures stay as they are.
-- Locks: analytics_quotes and analytics_orders for a moment, once whoever counts has committed.
-- Undo: DROP TABLE analytics_clusters; create both triggers again without their condition.

CREATE TABLE analytics_clusters (
    source text NOT NULL,
    cube text NOT NULL,
    clustered_until timestamptz NOT NULL,
    CONSTRAINT analytics_clusters_pkey PRIMARY KEY (source, cube)
);
COMMENT ON TABLE analytics_clusters IS 'How far the days of a cube lie by key, in the rollups of a source as analytics_folds names it';
COMMENT ON COLUMN analytics_clusters.clustered_until IS 'Days that begin before it; what came later for one of them may lie elsewhere';

CREATE OR REPLACE TRIGGER rank_added AFTER INSERT ON analytics_quotes
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (current_setting('analytics.rows_are_moved', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION rank_quotes();
CREATE OR REPLACE TRIGGER rank_added AFTER INSERT ON analytics_orders
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (current_setting('analytics.rows_are_moved', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION rank_orders();
