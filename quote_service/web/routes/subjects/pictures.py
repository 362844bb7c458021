"""What an object's page draws beside its members: prices over time, stock between its thresholds, before and after.

Source: docs/spec/web.md#prices.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from quote_service.web.model.market.outcomes import OUTCOME_ADVICE
from quote_service.web.model.signals.sentences import ROLES, SUBJECTS
from quote_service.web.model.subjects.selling import LEDGER
from quote_service.web.rendering.changes import changes_between
from quote_service.web.rendering.market.observed import observed_points
from quote_service.web.rendering.market.prices_chart import Series, prices_chart, rival_kind
from quote_service.web.rendering.steps_chart import Point, StepsChart, instant_of, steps_chart
from quote_service.web.rendering.threshold_bar import threshold_bar
from quote_service.web.routes.analytics.replayed import replay_context
from quote_service.web.routes.change_sets.contents import contents_context
from quote_service.web.routes.decisions.pictures import decision_context, experiment_context, model_context
from quote_service.web.routes.page import Page
from quote_service.web.routes.signals.signals import shown_signals

_POINTS = 200
_SHOWN_BY_SIGNAL = (
    "Evidence",
    "Kind",
    "Product",
    "Listing id",
    "Currency",
    "Price",
    "Previous price",
    "Measured",
    "Threshold",
)
_BY_SALES = "by its sales"
_EXPLAINED = (
    "Bounds",
    "Candidates",
    "Elasticity",
    "Competitors",
    "Held by",
    "Note",
    "Limits",
    "Second opinions",
    "Behaviour",
    "Uses behaviour",
    "Family",
    "Campaign",
    "Proposed test",
    "Mode",
    "Origin",
    "Current price",
    "Proposed price",
    "Price",
    "Lower bound by",
    "Upper bound by",
    "Clamped by",
    "Sure gain",
    "Horizon days",
)
Document = Mapping[str, Any]


class Picture(NamedTuple):
    """A part of an object's page by its template; `instead_of` names members that are not told again."""

    template: str
    context: dict[str, Any]
    instead_of: tuple[str, ...] = ()


async def picture_of(page: Page, area: str, document: Document) -> Picture | None:
    """What is drawn of an object; None of most."""
    draw = _PICTURES.get(area)
    return None if draw is None else await draw(page, document)


async def _product_prices(page: Page, product: Document) -> Picture:
    """A chart for each currency of the product itself; variants have their prices in the list below."""
    path = f"/api/v1/products/{product['id']}/price-history"
    now, charts = datetime.now(UTC), []
    for price in product["prices"]:
        rows = await page.api.find(path, {"currency": price["currency"], "limit": _POINTS}) or []
        points = [
            Point(instant_of(row["at"]), row["new_price"], row["reason"])
            for row in rows
            if row["variant_id"] is None and row["new_price"] is not None
        ]
        lowest = price.get("lowest_price_30_days")
        charts.append((price, steps_chart(points, now, lowest)))
    return Picture("subjects/pictures/prices.html", {"charts": charts})


async def _campaign_path(page: Page, campaign: Document) -> Picture:
    rows = await page.api.find(f"/api/v1/campaigns/{campaign['id']}/price-path", {"limit": _POINTS}) or []
    points = [Point(instant_of(row["at"]), row["price"], row["held_by"] or _BY_SALES) for row in rows]
    return Picture(
        "subjects/pictures/path.html",
        {"chart": steps_chart(points, max([each.at for each in points], default=_LONG_AGO))},
        ("Price path",),
    )


def simulated_path(simulation: Document) -> StepsChart | None:
    """The price of a simulated campaign from hour to hour."""
    begin = _LONG_AGO
    hours = [(begin + timedelta(hours=row["hour"]), row) for row in simulation["price_path"]]
    points = [Point(at, row["price"], row["held_by"] or _BY_SALES) for at, row in hours]
    return steps_chart(points, max((at for at, _ in hours), default=begin), in_hours=True)


async def _stock(page: Page, stock: Document) -> Picture:
    return Picture("subjects/pictures/stock.html", {"bar": threshold_bar(stock)})


async def _audited(page: Page, entry: Document) -> Picture:
    changes = changes_between(_object(entry.get("before")), _object(entry.get("after")), ())
    return Picture("subjects/pictures/audited.html", {"changes": changes}, ("Before", "After"))


async def _order(page: Page, order: Document) -> Picture | None:
    warnings = order.get("warnings")
    return Picture("subjects/pictures/warned.html", {"warnings": warnings}, ("Warnings",)) if warnings else None


async def _account(page: Page, account: Document) -> Picture | None:
    """The way to the statement, where the account is a seller's."""
    if account.get("account") != "seller" or not account.get("party_id"):
        return None
    return Picture(
        "subjects/pictures/account.html", {"seller_id": account["party_id"], "currency": account["currency"]}
    )


async def _seller(page: Page, seller: Document) -> Picture | None:
    if page.person is None or not page.person.is_one_of(*LEDGER.readers):
        return None
    return Picture("subjects/pictures/account.html", {"seller_id": seller["id"], "currency": ""})


async def _competitor(page: Page, competitor: Document) -> Picture:
    return Picture("market/competitor.html", {})


async def _source(page: Page, source: Document) -> Picture:
    outcome = source.get("last_outcome")
    return Picture("market/source.html", {"advice": OUTCOME_ADVICE.get(str(outcome), "")})


async def _signal(page: Page, signal: Document) -> Picture:
    (reported,) = await shown_signals(page, [dict(signal)])
    return Picture(
        "signals/signal.html", {"explained": reported, "roles": ROLES, "subjects": SUBJECTS}, _SHOWN_BY_SIGNAL
    )


async def _decision(page: Page, decision: Document) -> Picture:
    return Picture("decisions/decision.html", await decision_context(page, decision), _EXPLAINED)


async def _model(page: Page, model: Document) -> Picture:
    return Picture("decisions/model.html", await model_context(page, model), ("Trials",))


async def _experiment(page: Page, experiment: Document) -> Picture:
    return Picture(
        "decisions/experiment.html", await experiment_context(page, experiment), ("Clusters", "Not restored")
    )


async def _change_set(page: Page, change_set: Document) -> Picture:
    reported = ("Rules", "Rates", "Flags", "Prices", "Conflicts", "Reviews", "Failure")
    return Picture("change_sets/contents.html", await contents_context(page, change_set), reported)


async def _replay(page: Page, replay: Document) -> Picture:
    reported = ("Change", "Result", "Warnings", "Error", "Sample", "Change set id", "From", "To")
    return Picture("subjects/replay.html", await replay_context(page, replay), reported)


async def _listing(page: Page, listing: Document) -> Picture | None:
    rows = await page.api.find(f"/api/v1/listings/{listing['id']}/observations", {"limit": _POINTS}) or []
    points = observed_points(rows, 1, (listing.get("offer") or {}).get("currency", ""))
    if not points:
        return None
    now = datetime.now(UTC)
    begin = min(points[0].at, now - timedelta(days=1))
    return Picture("market/listing.html", {"chart": prices_chart([Series("Price", rival_kind(0), points)], begin, now)})


def _object(value: Any) -> Document:
    return value if isinstance(value, Mapping) else {}


_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_PICTURES: dict[str, Callable[[Page, Document], Awaitable[Picture | None]]] = {
    "products": _product_prices,
    "campaigns": _campaign_path,
    "inventory": _stock,
    "audit": _audited,
    "orders": _order,
    "ledger": _account,
    "sellers": _seller,
    "competitors": _competitor,
    "sources": _source,
    "listings": _listing,
    "replays": _replay,
    "change-sets": _change_set,
    "signals": _signal,
    "decisions": _decision,
    "price-models": _model,
    "price-experiments": _experiment,
}
