"""Pages whose elements are nested beyond reason are told by a count, before a parser goes up all of them for each.

Source: docs/spec/competitors.md#the-process-that-reads.
"""

from __future__ import annotations

import pytest

from quote_service.competitors.words.reading.nesting import DEPTH_MAX, is_too_deep
from quote_service.competitors.words.reading.read_page import PageJob, read_page
from tests.competitors.pages import html, json_ld, offer, product

MANY = 200_000


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * MANY + "x" + "</div>" * MANY,
        "<DIV\n class='a'>" * MANY,
        "<b><div></b>" * MANY,
        "<span><div></span>" * MANY,
        "<div><table><tr><td></div>" * MANY,
        "<div/>" * MANY,
        "<table><i><table>" + "<div>" * 900 + "</i>" * MANY,
    ],
)
def test_a_page_of_many_nested_elements_cannot_be_read(body: str) -> None:
    page = html(json_ld(product(offer("12.50"))), body)
    read = read_page(PageJob(body=page.encode(), content_type="text/html", url="https://a.example/p"))
    assert (read.outcome, read.detail) == ("parse_error", f"its elements are nested more than {DEPTH_MAX} deep")


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * (DEPTH_MAX - 10) + "</div>" * (DEPTH_MAX - 10),
        "<div><ul><li><a href='x'>y</a><li>z<p>text<br><img src=a></ul></div>" * 5000,
        "<div><span><b>never closed</div>" * 5000,
        "<svg>" + "<path d='M0 0'/>" * 5000 + "</svg>",
        "<script>'<div>'</script><!-- <div> --><div data-of='<div>' data-to=\"<div>\" title=it's></div>" * 5000,
        "<a <a <a " * 5000,
        '<a ="' * 5000,
        "<!--" * 5000,
        "<" * 5000,
    ],
)
def test_what_is_long_or_written_badly_is_not_deep(body: str) -> None:
    assert not is_too_deep(html(body=body))
