"""What the pages of a price decision and of a price model draw beside their members.

Source: docs/spec/web.md#price-decisions.
"""

from collections.abc import Mapping
from typing import Any

from quote_service.web.rendering.decisions.elasticity_bar import elasticity_bar
from quote_service.web.routes.decisions.explained import explained
from quote_service.web.routes.page import Page
from quote_service.web.routes.subjects.names import names_in
from quote_service.web.words.decisions.sentences import DOUBTS, headline
from quote_service.web.words.subjects.intelligence import MODELS

_PRODUCTS = 50


def decision_context(decision: Mapping[str, Any]) -> dict[str, Any]:
    """Of a decision."""
    return {"headline": headline(decision), **explained(decision)}


async def model_context(page: Page, model: Mapping[str, Any]) -> dict[str, Any]:
    """Of a model: what it says of the first products it knows."""
    rows = await page.api.find(f"{MODELS.path}/{model['id']}/products", {"limit": _PRODUCTS}) or []
    answers = [{**each, "bar": elasticity_bar(each["elasticity"], each["low"], each["high"])} for each in rows]
    return {
        "answers": answers,
        "answer_names": await names_in(page, MODELS, rows),
        "doubts": DOUBTS,
        "rules": {},
        "labels": {},
    }
