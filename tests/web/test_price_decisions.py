"""Price decisions as pages: why, within what, and what a person does about it. Source: docs/spec/web.md#price-decisions."""

from __future__ import annotations

from typing import Any

from quote_service.web.rendering.decisions.bounds_chart import bounds_chart
from quote_service.web.rendering.decisions.elasticity_bar import elasticity_bar
from quote_service.web.rendering.decisions.outcomes_chart import outcomes_chart
from quote_service.web.words.decisions.sentences import DOUBTS, HELD, LABELS, RULES, elasticity_sentence, headline


def test_bounds_are_drawn_beside_the_price_that_was_decided() -> None:
    bounds: list[dict[str, Any]] = [
        {"rule": "floor", "lowest": "10", "highest": None},
        {"rule": "step", "lowest": "95", "highest": "105"},
        {"rule": "position", "lowest": None, "highest": "104"},
    ]
    chart = bounds_chart(bounds, {"now": "100", "proposed": "112", "decided": "104"}, ["step", "position"])
    assert chart is not None
    assert [bar.binds for bar in chart.bars] == [False, True, True]
    floor, step, position = chart.bars
    # A floor far below does not squeeze what matters: it reaches from edge to edge, as what has no limit does.
    assert (floor.x, floor.x + floor.width) == (230, 985)
    assert position.x == 230
    now, proposed, decided = (mark.x for mark in chart.marks)
    assert step.x < now < decided < step.x + step.width < proposed
    assert abs(decided - (position.x + position.width)) < 0.2
    assert bounds_chart([], {"now": "100"}, []) is None


def test_outcomes_are_a_line_by_price() -> None:
    def candidate(price: str, profit: str, *labels: str) -> dict[str, object]:
        return {"price": price, "profit": profit, "units": 10, "labels": list(labels)}

    chart = outcomes_chart(
        [candidate("105", "300", "decided"), candidate("95", "200"), candidate("100", "250", "now")], LABELS
    )
    assert chart is not None
    assert [each.name for each in chart.outcomes] == ["", "now", "decided"]
    assert [each.is_decided for each in chart.outcomes] == [False, False, True]
    xs, ys = [each.x for each in chart.outcomes], [each.y for each in chart.outcomes]
    assert (xs, ys) == (sorted(xs), sorted(ys, reverse=True))
    assert outcomes_chart([candidate("95", "200")], LABELS) is None


def test_an_elasticity_stays_on_its_scale_and_is_told_in_words() -> None:
    known = elasticity_bar(-2, -2.5, -1.5)
    assert known.x < known.mean < known.x + known.width < known.one
    assert elasticity_bar(-40, -90, 9).x == 0
    told = elasticity_sentence({"mean": -1.943, "low": -2.4, "high": -1.5})
    assert told == "At a price 1 % higher, 1.94 % less is sold; nine in ten between 1.50 and 2.40."


def test_every_state_has_a_sentence() -> None:
    decision = {"current_price": "100", "price": "104", "currency": "EUR"}
    assert headline({**decision, "state": "suggested"}) == "Suggests 104 instead of 100 EUR (+4.0 %)"
    assert headline({**decision, "state": "held"}) == "Holds 100 EUR; a person may set 104"
    assert headline({**decision, "state": "held", "price": None}) == "Holds 100 EUR"
    assert headline({**decision, "state": "superseded", "price": None}) == "Was superseded"
    states = ("applied", "rolled_back", "shadow", "unchanged", "rejected", "superseded")
    assert len({headline({**decision, "state": state}) for state in states}) == len(states)
    assert all((RULES, HELD, DOUBTS, LABELS))
