"""What the pages of a price decision and of a price model draw beside their members.

Source: docs/spec/web.md#price-decisions.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from quote_service.web.model.decisions.sentences import DOUBTS, forecast_text, headline
from quote_service.web.model.subjects.intelligence import DECISIONS, MODELS, PRICE_EXPERIMENTS
from quote_service.web.rendering.decisions.elasticity_bar import elasticity_bar
from quote_service.web.rendering.decisions.impact_bars import impact_bars
from quote_service.web.routes.decisions.explained import explained
from quote_service.web.routes.page import Page
from quote_service.web.routes.subjects.names import names_in
from quote_service.web.routes.subjects.subject import may_write

# As experiments write it.
_EXPERIMENT = re.compile(r"price experiment ([0-9a-f-]{36})")
_PRODUCTS = 50
_NAMED = 200


async def decision_context(page: Page, decision: Mapping[str, Any]) -> dict[str, Any]:
    """Of a decision."""
    return {
        "headline": headline(decision),
        "may_decide": may_write(page, DECISIONS),
        # What a person set, or accepted, is confirmed by that: there is no way further back than another price.
        "by_person": _is_person(decision["decided_by"]),
        "experiment": await _experiment_of(page, decision),
        **await explained(page.api, decision),
    }


def _is_person(decided_by: Any) -> bool:
    """People are told by their ids, parts of the system by name."""
    try:
        UUID(str(decided_by))
    except ValueError:
        return False
    return True


async def _experiment_of(page: Page, decision: Mapping[str, Any]) -> dict[str, Any] | None:
    """The experiment that moved a price, which its note names by id; None where it was moved otherwise."""
    named = _EXPERIMENT.fullmatch(decision["note"] or "") if decision["origin"] == "experiment" else None
    return None if named is None else await page.api.find(f"{PRICE_EXPERIMENTS.path}/{named[1]}")


async def model_context(page: Page, model: Mapping[str, Any]) -> dict[str, Any]:
    """Of a model: what it says of the first products it knows."""
    rows = await page.api.find(f"{MODELS.path}/{model['id']}/products", {"limit": _PRODUCTS}) or []
    answers = [{**each, "bar": elasticity_bar(each["elasticity"], each["low"], each["high"])} for each in rows]
    return {
        "answers": answers,
        "answer_names": await names_in(page, MODELS, rows),
        "doubts": DOUBTS,
        "forecast": forecast_text,
        "rules": {},
        "labels": {},
    }


async def experiment_context(page: Page, experiment: Mapping[str, Any]) -> dict[str, Any]:
    """Of a price experiment: its report, and the names of the products of its clusters."""
    report = await page.api.find(f"{PRICE_EXPERIMENTS.path}/{experiment['id']}/report")
    figures = report["figures"] if report else []
    rows = [{"product_id": each["product_id"]} for cluster in experiment["clusters"] for each in cluster["products"]]
    named = await names_in(page, MODELS, rows[:_NAMED])
    return {
        "report": report,
        "figures": [
            {**each, "bar": bar} for each, bar in zip(figures, impact_bars(figures, "effect_percent"), strict=True)
        ],
        "products": {product_id: found.name for product_id, found in named.items()},
    }
