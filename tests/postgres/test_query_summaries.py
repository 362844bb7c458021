"""What spans are named by that PostgreSQL's statements have; source: docs/spec/operations.md#traces."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.postgres.queries import _HEADING
from quote_service.platform.postgres.query_summaries import SUMMARY_LETTERS, summarize

QUERIES = sorted(Path("quote_service").rglob("sql/*.sql"))


@pytest.mark.parametrize(
    ("query", "text", "operation"),
    [
        ("SELECT * FROM orders WHERE id = $1", "SELECT orders", "SELECT"),
        ("select id from public.orders o join customers c on true", "SELECT public.orders customers", "SELECT"),
        ("INSERT INTO orders (id) SELECT id FROM old_orders", "INSERT orders SELECT old_orders", "INSERT"),
        ("INSERT INTO orders (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = $1", "INSERT orders", "INSERT"),
        ("UPDATE orders SET status = 'DELETE FROM secrets' WHERE id = $1", "UPDATE orders", "UPDATE"),
        ("SELECT 1 FROM orders FOR NO KEY UPDATE OF orders", "SELECT orders", "SELECT"),
        ("DELETE FROM orders AS o USING refunds AS r WHERE r.id = o.id", "DELETE orders refunds", "DELETE"),
        (
            "WITH old AS MATERIALIZED (DELETE FROM orders RETURNING id) INSERT INTO gone (id) SELECT id FROM old",
            "DELETE orders INSERT gone",
            "INSERT",
        ),
        ("SELECT id FROM unnest($1::uuid[]) AS given (id)", "SELECT", "SELECT"),
        ("SELECT extract(epoch FROM now()), a IS DISTINCT FROM b FROM orders", "SELECT orders", "SELECT"),
        ("SELECT id FROM orders -- FROM nothing\n/* FROM nobody */", "SELECT orders", "SELECT"),
        ("BEGIN;", "BEGIN", "BEGIN"),
        ("SELECT set_config('quote.traceparent', $1, true)", "SELECT", "SELECT"),
        ("", "QUERY", "QUERY"),
    ],
)
def test_a_summary_says_what_is_done_with_which_tables(query: str, text: str, operation: str) -> None:
    assert summarize(query) == (text, operation)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_every_query_of_the_service_has_a_short_one_without_values(path: Path) -> None:
    _, *rest = _HEADING.split(path.read_text("utf-8"))
    for text in rest[1::2]:
        summary = summarize(text)
        assert 0 < len(summary.text) <= SUMMARY_LETTERS
        assert not set(summary.text) & set("'$:=*%")


@given(st.text())
def test_no_text_is_too_much_and_no_literal_is_reported(text: str) -> None:
    literal = "'" + text.replace("'", "''").replace("\0", "") + "'"
    assert summarize(f"UPDATE orders SET note = {literal}") == ("UPDATE orders", "UPDATE")
    assert len(summarize(text).text) <= max(SUMMARY_LETTERS, len(text))
