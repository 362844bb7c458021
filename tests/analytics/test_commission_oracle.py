"""The commission worked out once more: it agrees with every quote, and with no quote that was changed.

Source: docs/spec/analytics.md#commission-checks.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from quote_service.platform.documents.documents import write_document
from quote_service.platform.telemetry.registry import Registry
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.operations.local_quotes import LocalAnswer, LocalQuotes
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.steering.analytics.operations.check_commission import CommissionChecker, differences_of
from tests.pricing.books import QUOTE_ID, book_of, instant_us
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT, WORLDS, World

# Of an entry of each list of a quote, what is commission.
FIGURES = {
    "details": ("base_amount", "amount", "seller_commission", "category_commission", "logistics_commission", "rate_id"),
    "payouts": ("commission", "payout", "seller_discount", "item_total"),
    "sums": ("total_commission", "seller_commission", "category_commission", "logistics_commission"),
}


def answered(world: World) -> tuple[Rulebook, LocalAnswer]:
    """A quote of a world as a process keeps it."""
    book, at_us = book_of(world.setup()), instant_us(AT)
    checked = decode_basket(write_document(world.request()))
    complete_basket(QuoteBasis(book, checked, at_us))
    quote = price_quote(QuoteBasis(book, checked, at_us))
    text = write_quote(quote, QUOTE_ID, at_us, at_us + 900_000_000)
    head = f"{text.head}{text.flags}{text.middle}".encode()
    return book, LocalAnswer(
        quote_id=QUOTE_ID,
        bits=1,
        rulebook_version=book.version,
        issued_at_us=at_us,
        good_until_us=at_us + 1,
        valid_until_us=at_us + 900_000_000,
        external_ref=None,
        head=head,
        tail=text.tail.encode() + b"}",
        flags_at=(0, 0),
        request=kept_request(quote.basket),
    )


def shown(steps: Generator[None, None, list[str]]) -> list[str]:
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return list(ended.value)


@laws(100)
@given(WORLDS)
def test_every_quote_is_right(world: World) -> None:
    assert shown(differences_of(*answered(world))) == []


@laws(100)
@given(WORLDS, st.sampled_from([(of, name) for of, names in FIGURES.items() for name in names]), st.randoms())
def test_a_quote_that_is_off_by_anything_is_reported(world: World, figure: tuple[str, str], random: Any) -> None:
    book, answer = answered(world)
    document = json.loads(answer.head + b'"miss"' + answer.tail, parse_float=str)
    breakdown = document["commission_breakdown"]
    of, name = figure
    entries = {"details": breakdown["details"], "payouts": document["payouts"], "sums": [breakdown]}[of]
    assume(entries)
    entry = random.choice(entries)
    was = entry[name]
    entry[name] = "00000000-0000-4000-8000-000000000000" if name == "rate_id" else _more(was)
    changed = json.dumps(document, separators=(",", ":")).encode()
    cut = changed.index(b'"cache":') + len(b'"cache":')
    answer = msgspec.structs.replace(answer, head=changed[:cut], tail=changed[cut + len('"miss"') :])
    assert shown(differences_of(book, answer))


def test_a_mismatch_is_counted_and_reported_once() -> None:
    book, answer = answered(
        next(world for world in map(World, range(99)) if b'"details":[{' in answered(world)[1].head)
    )
    holder, quotes, registry = RulebookHolder(), LocalQuotes(8, 1_000_000), Registry()
    holder.rulebook = book
    checker = CommissionChecker(holder, quotes, registry)

    def checked() -> list[int]:
        for _ in checker.check():
            pass
        names = ("quote_commission_checks_total", "quote_commission_mismatches_total")
        return [registry.slot.cells[registry.series[name].cell] for name in names]

    with capture_logs() as lines:
        assert checked() == [0, 0]
        quotes.keep(answer)
        assert checked() == checked() == [1, 0]
        wrong = answer.head.replace(b'"total_commission":', b'"total_commission":1')
        other = "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b12"
        quotes.keep(msgspec.structs.replace(answer, quote_id=other, bits=2, head=wrong))
        assert checked() == checked() == [2, 1]
        quotes.keep(msgspec.structs.replace(answer, quote_id="", bits=3, head=wrong, rulebook_version=book.version + 1))
        assert checked() == [2, 1]  # by rates that are not known here
    assert [(line["event"], line["log_level"], line["quote_id"]) for line in lines] == [
        ("commission_mismatch", "error", other)
    ]
    assert lines[0]["differences"][0].startswith("total_commission: 1")


def _more(amount: Any) -> Any:
    """A minor unit more, in as many digits."""
    text = str(amount)
    whole, _, digits = text.partition(".")
    scaled = str(int(whole + digits) + 1).zfill(len(digits) + 1)
    return f"{scaled[: len(scaled) - len(digits)]}.{scaled[len(scaled) - len(digits) :]}" if digits else int(text) + 1
