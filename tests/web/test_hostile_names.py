"""Names that others write, on pages that show them. Source: docs/spec/web.md#design."""

from __future__ import annotations

import pytest

from quote_service.web.model.names_in_text import name_in_text
from quote_service.web.model.signals.sentences import describe_signal

OVERRIDE, POP, ISOLATE, END = "\u202e", "\u202c", "\u2066", "\u2069"
DROP = {
    "kind": "competitor_price_drop",
    "measured": "-30",
    "previous_price": "10.00",
    "price": "7.00",
    "currency": "EUR",
}


@pytest.mark.parametrize("name", [f"Corner{OVERRIDE} Shop", f"{END}{OVERRIDE}Corner Shop", f"{ISOLATE}Corner Shop"])
def test_a_name_cannot_turn_what_stands_behind_it(name: str) -> None:
    assert name_in_text(name).isprintable()
    assert name_in_text(name) == "Corner Shop"


def test_figures_of_a_sentence_are_read_as_they_are_whoever_it_is_about() -> None:
    sentence = "asks 30 % less: 10.00 before, 7.00 EUR now"
    assert describe_signal(DROP, f"{OVERRIDE}Corner Shop") == f"Corner Shop {sentence}"
    assert describe_signal(DROP, "قهوة").endswith(f"\u2069 {sentence}")
    assert describe_signal(DROP, OVERRIDE) == f"A competitor {sentence}"


def test_a_name_that_is_read_from_the_right_ends_where_it_ends() -> None:
    assert name_in_text(f"قهوة{POP} 24") == "\u2068قهوة 24\u2069"
    assert name_in_text("Café 24") == "Café 24"
