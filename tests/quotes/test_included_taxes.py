"""Which lines of quotes in the first form have their tax in the price. Source: docs/spec/quotes.md#forms."""

from __future__ import annotations

import msgspec
import pytest

from quote_service.quotes.model.included_taxes import TaxedLine, included_taxes
from quote_service.quotes.model.quoted_steps import QuotedStep


def step(rate: str, amount: str, base: str | None, included: bool = False) -> QuotedStep:
    inputs = f'{{"rate":{rate}' + ("}" if base is None else f',"base_amount":{base}}}')
    text = f'{{"step":"tax","amount":{amount},"inputs":{inputs},"included":{str(included).lower()}}}'
    return msgspec.json.decode(text, type=QuotedStep)


@pytest.mark.parametrize(
    ("lines", "steps", "expected"),
    [
        pytest.param([(100, 0)], [], [False], id="no tax"),
        pytest.param([(120, 20), (50, 0)], [step("20", "0.20", None, True)], [True, False], id="all of it within"),
        pytest.param([(120, 24)], [step("20", "0.24", None)], [False], id="all of it on top"),
        pytest.param(
            [(12000, 2000), (1000, 180), (700, 0)],
            [step("20", "20.00", "120.00", True), step("18", "1.80", "10.00"), step("18", "0.90", None)],
            [True, False, False],
            id="each rate gives one line's tax, and a fee is taxed",
        ),
        pytest.param(
            [(1000, 200), (500, 100), (2500, 500)],
            [step("25", "6.00", "30.00", True), step("20", "2.00", "10.00")],
            [False, True, True],
            id="25 % within is 20 % on top: the sums decide",
        ),
    ],
)
def test_lines_are_found_by_their_tax(
    lines: list[tuple[int, int]], steps: list[QuotedStep], expected: list[bool]
) -> None:
    assert included_taxes([TaxedLine(*line) for line in lines], steps) == expected


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([step("20", "0.20", "1.20", True), step("18", "0.18", "1.00")], id="no rate gives the tax"),
        pytest.param([step("17", "0.30", "2.00", True), step("17", "0.17", "1.00")], id="too much is within"),
    ],
)
def test_taxes_that_do_not_add_up_are_refused(steps: list[QuotedStep]) -> None:
    with pytest.raises(ValueError, match="tax"):
        included_taxes([TaxedLine(100, 17)], steps)
