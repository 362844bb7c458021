"""Documents of others whose reading may cost more than their length: pages and feeds of competitors, robots.txt, imports.

Each is made in any length, so that its cost can be held against that of a shorter one.

Source: docs/spec/competitors.md#the-process-that-reads; docs/spec/catalog.md#import-and-export; CWE-407.
"""

from __future__ import annotations

from tests.http.hostile.costly_inputs import Make


def filled(begin: str, fill: str, end: str = "") -> Make:
    """Text with as much of the filling as there is room for; `{}` in it is a number that rises."""
    each = fill.replace("{}", "0000")

    def make(length: int) -> bytes:
        count = length // len(each)
        if "{}" in fill:
            return (begin + "".join(fill.replace("{}", str(number)) for number in range(count)) + end).encode()
        return (begin + fill * count + end).encode()

    return make


_LD = '<html><body><script type="application/ld+json">'
_OFFER = '"offers":{"price":"1","priceCurrency":"EUR"}'
PAGES: dict[str, Make] = {
    "tags": filled("<html>", "<p>"),
    "beginnings of tags": filled("<html>", "<"),
    "ends of tags": filled("", "</p>"),
    "attributes": filled("<p ", "a{}=1 ", ">"),
    "quotes in an attribute": filled("<p a='", '"', "'>"),
    "comments": filled("", "<!--"),
    "scripts": filled("", "<script>"),
    "formatting": filled("", "<b><i><p>"),
    "links": filled("", "<a><p>"),
    "tables": filled("", "<table>"),
    "rows": filled("<table>", "<tr><td>"),
    "options": filled("<select>", "<option>"),
    "entities": filled("", "&amp;"),
    "halves of entities": filled("", "&#x"),
    "declarations": filled("", "<!doctype "),
    "sections": filled("<svg>", "<![CDATA["),
    "blanks": filled("<html>", " "),
    "elements with prices": filled("", "<p class=price>1,00</p>"),
    "a text of prices": filled("<p class=price>", "1,00 ", "</p>"),
    "a text of digits": filled("<p class=price>", "9", "</p>"),
    "scopes in scopes": filled("", "<div itemscope itemtype='https://schema.org/Product' itemprop=a>"),
    "properties": filled("<div itemscope itemtype='https://schema.org/Product'>", "<span itemprop=name>{}</span>"),
    "references of microdata": filled("<div itemscope itemref='", "a{} ", "'>"),
    "Open Graph": filled("", "<meta property='product:price:amount' content='1'>"),
    "JSON-LD, depth": filled(_LD, '{"a":'),
    "JSON-LD, products": filled(f"{_LD}[", f'{{"@type":"Product","name":"a{{}}",{_OFFER}}},', "1]</script>"),
    "JSON-LD, offers": filled(
        f'{_LD}{{"@type":"Product","name":"x","offers":[', '{"@type":"Offer","price":"{}"},', "1]}</script>"
    ),
    "JSON-LD, variants": filled(
        f'{_LD}{{"@type":"ProductGroup","hasVariant":[', f'{{"@type":"Product","sku":"{{}}",{_OFFER}}},', "1]}</script>"
    ),
    "JSON-LD, references": filled(f'{_LD}{{"@graph":[', '{"@id":"#{}","isVariantOf":{"@id":"#1"}},', "1]}</script>"),
    "JSON-LD, many": filled("", '<script type="application/ld+json">{"@type":"Product","name":"a"}</script>'),
    "JSON-LD, commas": filled(_LD, ",", "</script>"),
    "JSON-LD, comments": filled(_LD, "/*"),
    "JSON-LD, backslashes": filled(f'{_LD}"', "\\", "</script>"),
    "JSON-LD, a long word": filled(
        f'{_LD}{{"@type":"Product","name":"x","offers":{{"price":"1","priceCurrency":"EUR","availability":"',
        "onlyx",
        '"}}</script>',
    ),
    "JSON-LD, a long name": filled(f'{_LD}{{"@type":"Product","name":"', "500 ml ", f'",{_OFFER}}}</script>'),
}


def wide(length: int) -> bytes:
    """Half of it names columns, half are rows of one cell."""
    columns = ",".join(f"c{number}" for number in range(length // 14))
    return f"id,{columns}\r\n".encode() + b"1\r\n" * (length // 6)


CSV: dict[str, Make] = {
    "cells": filled("id,price\r\n", ","),
    "rows": filled("id,price\r\n", "{},1 EUR\r\n"),
    "quotes": filled('id\r\n"', '""'),
    "columns": filled("", "a{},"),
    "columns and rows": wide,
    "line feeds": filled("id,price\r\n", "\n"),
    "carriage returns": filled("id,price\r\n", "\r"),
    "open quotes": filled("id,price\r\n", '"a\n'),
    "shipping": filled('id,price,shipping\r\n1,1 EUR,"', "DE:::1 EUR,", '"\r\n'),
}
ROWS: dict[str, Make] = {
    "rows": filled("", '{"id":"{}","price":"1 EUR"}\n'),
    "members": filled("{", '"a{}":1,', '"b":1}'),
    "depth": filled("", "["),
    "objects": filled("", '{"a":'),
    "a number": filled('{"id":', "9", "}"),
    "escapes": filled('{"id":"', "\\u00e9", '"}'),
    "blanks": filled("", " ", "1"),
    "line feeds": filled("", "\n"),
}
XML: dict[str, Make] = {
    "items": filled(
        "<rss xmlns:g='http://base.google.com/ns/1.0'><channel>",
        "<item><g:id>{}</g:id><g:price>1 EUR</g:price></item>",
        "</channel></rss>",
    ),
    "one field": filled("<rss><channel><item>", "<price>1</price>", "</item></channel></rss>"),
    "depth": filled("", "<a>"),
    "attributes": filled("<a ", "a{}='1' ", "/>"),
    "namespaces": filled("<a ", "xmlns:a{}='u' ", "/>"),
    "entities": filled("<a>", "&amp;", "</a>"),
    "declarations": filled("<!DOCTYPE a [", "<!ENTITY a{} 'b'>", "]><a/>"),
    "comments": filled("<a>", "<!-- -->", "</a>"),
    "sections": filled("<a>", "<![CDATA[x]]>", "</a>"),
}
#: What begins, fills and ends a word, a sentence, an address, robots.txt.
TEXTS: tuple[tuple[str, str, str], ...] = (
    *(
        ("", fill, "")
        for fill in ("1,", "1 ", "1.", "a", ":", "-", "<", "//", "%", "a=1&", "0.", "only", "onlyx", "*", "/")
    ),
    *(("", fill, "!") for fill in ("9", " ", "1x1x", "a.", "a-", "1:", 'a="\\"",', "DE:::1 EUR,")),
    *(
        ("a", " ", "a"),
        ("9", " 00 ", ""),
        ("[", "0:", "]"),
        ("a@", "b.", "!"),
        ("https://", "a@", ""),
        ("", "0.", "/8"),
    ),
    *(("", "pack of ", "x"), ("", "500 ml ", ""), ("", "1 x ", "q"), ("{", ",", "}"), ('"', "\\", "")),
    *(
        ("", "user-agent: a\n", ""),
        ("user-agent: *\n", "disallow: /a*\n", ""),
        ("user-agent: *\ndisallow: /", "*a", "$\n"),
    ),
    *(("", "user-agent:\t", ""), ("", "\n", ""), ('<p a="', "'", ""), ("", "<!--", "")),
)
