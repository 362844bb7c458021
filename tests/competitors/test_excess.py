"""Pages that have too much of something are told by a count, before a parser looks at all of it again and again.

Source: docs/spec/competitors.md#the-process-that-reads.
"""

from __future__ import annotations

import pytest

from quote_service.intelligence.competitors.model.reading.excess import (
    ATTRIBUTES_MAX,
    DEPTH_MAX,
    OPTIONS_MAX,
    excess_of,
)
from quote_service.intelligence.competitors.model.reading.read_page import PageJob, read_page
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
    ("body", "detail"),
    [
        (f"<div {' '.join(f'a{number}' for number in range(MANY))}>", "one of its elements has more than 5000 attributes"),
        (f"<div {' '.join(f'a{number}=1' for number in range(MANY))}", "one of its elements has more than 5000 attributes"),
        ("<select>" + "<option>" * MANY, "it has more than 5000 options"),
        ("<select>" + "<OPTION value='>'>x</option>" * MANY, "it has more than 5000 options"),
    ],
)  # fmt: skip
def test_a_page_of_many_attributes_or_options_cannot_be_read(body: str, detail: str) -> None:
    page = html(json_ld(product(offer("12.50"))), body)
    read = read_page(PageJob(body=page.encode(), content_type="text/html", url="https://a.example/p"))
    assert (read.outcome, read.detail) == ("parse_error", detail)


@pytest.mark.parametrize(
    "body",
    [
        "<select>" + "<option>x</option>" * OPTIONS_MAX + "</select>",
        f"<div data-of='{' word' * MANY}' {' '.join(f'a{number}' for number in range(ATTRIBUTES_MAX - 10))}>",
        "<div>" * (DEPTH_MAX - 10) + "</div>" * (DEPTH_MAX - 10),
        "<div><ul><li><a href='x'>y</a><li>z<p>text<br><img src=a></ul></div>" * 5000,
        "<div><span><b>never closed</div>" * 5000,
        "<svg>" + "<path d='M0 0'/>" * 5000 + "</svg>",
        "<script>'<div>'</script><!-- <div> --><div data-of='<div>' data-to=\"<div>\" title=it's></div>" * 5000,
        "<a <a <a " * 1000,
        '<a ="' * 5000,
        "<!--" * 5000,
        "<" * 5000,
    ],
)
def test_what_is_long_or_written_badly_is_read_all_the_same(body: str) -> None:
    assert excess_of(html(body=body)) is None
