"""Budgets of pages. Source: docs/spec/web.md#pages."""

from __future__ import annotations

import pytest

from loadtests.pages import BYTES_MAX, DESCRIPTION, P95_MS_MAX, REFERENCE, PageFigures, exceeded, loaded_by, table
from tests.web.test_api_reference import BYTES_MAX as REFERENCE_BYTES_MAX
from tests.web.test_pages import BYTES_MAX as TESTED_BYTES_MAX


@pytest.mark.parametrize(
    ("page", "past"),
    [
        (PageFigures("/admin", 20_000, BYTES_MAX - 20_000, 4, P95_MS_MAX), []),
        (PageFigures("/admin", 20_001, BYTES_MAX - 20_000, 4, 5), ["weighs 120001 bytes"]),
        (PageFigures("/admin", 1, 1, 4, P95_MS_MAX + 1), ["takes 51.0 ms (p95)"]),
        (PageFigures(REFERENCE, 40_000, BYTES_MAX, 4, 5), []),
        (PageFigures(REFERENCE, 1, REFERENCE_BYTES_MAX, 4, 60), ["weighs 900001 bytes", "takes 60.0 ms (p95)"]),
    ],
)
def test_each_budget_that_is_exceeded_is_reported(page: PageFigures, past: list[str]) -> None:
    reported = exceeded(page)
    assert len(reported) == len(past)
    assert all(text in found for text, found in zip(past, reported, strict=True))


def test_the_budgets_are_those_of_the_tests() -> None:
    assert BYTES_MAX == TESTED_BYTES_MAX
    assert exceeded(PageFigures(REFERENCE, 0, REFERENCE_BYTES_MAX, 0, 0)) == []


def test_a_file_counts_once_and_the_description_counts_with_the_reference() -> None:
    html = '<script src="/assets/1/a.js"></script><a href="/admin"></a><link href="/assets/2/b.css"><img src="/assets/1/a.js">'
    assert loaded_by("/admin", html) == ["/assets/1/a.js", "/assets/2/b.css"]
    assert loaded_by(REFERENCE, html) == ["/assets/1/a.js", "/assets/2/b.css", DESCRIPTION]


def test_the_table_has_a_row_for_each_page() -> None:
    assert table([PageFigures("/admin", 20_000, 40_500, 4.25, 5)]).endswith("| `/admin` | 20.0 | 60.5 | 4.2 | 5.0 |\n")
