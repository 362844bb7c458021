"""Worked quotes, every step of them, in the files beside this one.

A golden holds the setup, the request, the instant, the sums as they were done by hand, and the answer as it must be
issued, digit by digit. Three must agree on it: the hand, the oracle and the engine.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.pricing import oracle
from tests.pricing.books import Written, answer_text, book_of, priced, read_answer
from tests.pricing.figures import figures_of_answer, figures_of_opinion

GOLDENS = sorted(Path(__file__).parent.glob("*.json"))


class Golden:
    """One file. Its documents are read once with numbers as literals, and once with exact ones."""

    def __init__(self, path: Path) -> None:
        text = path.read_text()
        exact = json.loads(text, parse_float=Decimal)
        literal = json.loads(text, parse_float=Written, parse_int=Written)
        self.setup, self.request, self.at = exact["setup"], exact["request"], exact["at"]
        self.totals, self.expected = literal["totals"], literal["expected"]
        self.request["items"] *= exact.get("items_repeated", 1)

    def answer(self) -> Any:
        return read_answer(answer_text(priced(book_of(self.setup), self.request, self.at), self.at))


@pytest.fixture(params=GOLDENS, ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(request.param)


def test_there_are_goldens() -> None:
    assert len(GOLDENS) >= 20


def test_the_engine_issues_exactly_this(golden: Golden) -> None:
    data = golden.answer()
    if "items" not in golden.expected:  # a long basket: its lines are the oracle's to check
        del data["items"], data["commission_breakdown"]["details"], data["discount_details"]
    assert data == golden.expected
    assert json.dumps(data) == json.dumps(golden.expected), "the names stand in another order"


def test_the_oracle_finds_the_same_figures(golden: Golden) -> None:
    assert figures_of_answer(golden.answer()) == figures_of_opinion(
        oracle.price(golden.setup, golden.request, golden.at)
    )


def test_the_engine_comes_to_the_sums_done_by_hand(golden: Golden) -> None:
    data = golden.answer()
    found = {
        **data,
        **data["commission_breakdown"],
        "item_total": data["pricing_breakdown"]["item_total"],
        "payouts": [payout["payout"] for payout in data["payouts"]],
    }
    assert {name: found[name] for name in golden.totals} == golden.totals


def test_the_original_example_is_priced_as_the_specification_says() -> None:
    """Figure by figure and name by name, but for what an example leaves open: ids, texts and the signature."""
    data = Golden(Path(__file__).parent / "original-three-rates.json").answer()
    calculations, details = data["pricing_breakdown"]["calculations"], data["commission_breakdown"]["details"]
    assert [(each["step"], each["amount"]) for each in calculations] == [
        ("items", "51.00"),
        ("delivery", "20.00"),
        ("tax", "9.18"),
    ]
    assert calculations[0]["description"] == "1 line"
    assert calculations[1]["description"] == "base 10.00 x express multiplier 2.0"
    assert calculations[1]["inputs"]["distance_km"] == "2.314838"
    assert calculations[2]["description"] == "18 % on items"
    assert {(each["rate"], each["amount"]) for each in details} == {
        ("12.75", "6.50"),
        ("1.5", "0.77"),
        ("0.75", "0.38"),
    }
    assert data["feature_flags"] == {"dynamic_pricing": True, "express_delivery_multiplier": "2.0"}
    assert data["coupons"] == [{"code": "SAVE20", "status": "rejected", "reason": "unknown", "amount": "0.00"}]
    assert [rule["name"] for rule in data["applied_rules"]] == ["tr-delivery", "tr-vat"]
