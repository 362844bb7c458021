"""`docs/adding.md` counts what it lists, and lists what is there.

Source: docs/adding.md.
"""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec

from quote_service.platform.documents.exact_json import parse_json
from quote_service.pricing.figure import of
from quote_service.pricing.quote_answer import Money, UnsignedQuote
from quote_service.quotes.answer.rewrite_values import rewriter_of
from tests.deploy.deployment_tools import script
from tests.pricing.books import QUOTE_ID, book_of, instant_us, priced
from tests.pricing.rulebooks import AT, World

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "adding.md"


def listed() -> dict[str, list[str]]:
    """The files of each section that have to be touched, by its heading."""
    sections = re.split(r"^## (.+)$", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        heading: re.findall(r"^\d+\. `([^`]+)`: ", text, re.MULTILINE)
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }


def counted() -> dict[str, int]:
    """How many files the table at the top gives for each heading."""
    rows = re.findall(r"^\| \[([^\]]+)\]\([^)]+\) \| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name[0].upper() + name[1:]: int(count) for name, count in rows}


def test_the_table_counts_what_the_sections_list() -> None:
    assert counted() == {heading: len(files) for heading, files in listed().items()}
    assert all(counted().values())


def test_every_file_that_is_to_be_touched_is_there() -> None:
    gone = [file for files in listed().values() for file in files if not (PROJECT / file).exists()]
    assert not gone


class LongerQuote(UnsignedQuote, frozen=True, gc=False, kw_only=True):
    """An answer with a field more, which pricing works out already."""

    seller_funded_discount: Annotated[Money, of("seller_discount_minor")]
    """What the sellers pay of the discounts."""


def test_a_field_of_the_answer_is_written_read_back_and_described_by_its_declaration() -> None:
    made: dict[str, Any] = {}
    exec(script("generate_writer").writer_source(LongerQuote), made)
    rewrite, seen = rewriter_of(LongerQuote), set()
    for seed in range(20):
        world = World(seed)
        quote = priced(book_of(world.setup()), world.request(), AT)
        text = made["write_quote"](quote, QUOTE_ID, instant_us(AT), instant_us(AT) + 1)
        data = f'{text.head}{text.flags}{text.middle}"miss"{text.tail}}}'
        figure = json.loads(data, parse_float=Decimal)["seller_funded_discount"]
        assert figure.as_tuple().exponent == -quote.exponent if quote.exponent else isinstance(figure, int)
        assert Decimal(figure).scaleb(quote.exponent) == quote.seller_discount_minor
        restored = json.loads(rewrite(parse_json(data.encode()), "", quote.exponent, {}), parse_float=Decimal)
        assert restored["seller_funded_discount"] == figure
        seen.add(bool(figure))
    assert seen == {True, False}
    described = msgspec.json.schema(LongerQuote)["$defs"]["LongerQuote"]
    assert described["properties"]["seller_funded_discount"]["type"] == "number"
    assert described["required"][-1] == "seller_funded_discount"
