"""Learn from rows of sales: the response of each product, the champion of the forecasts, and units a day to come.

Needs the extra `intelligence`; nothing that answers requests imports it. The same rows give the same model.

Source: docs/spec/price-decisions.md#models; docs/spec/demand.md#baseline.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final, NamedTuple

import numpy as np

from quote_service.intelligence.demand.baseline.champion import Candidate, Trial, backtest, candidates, champion_of
from quote_service.intelligence.demand.baseline.forecast import learn_forecast
from quote_service.intelligence.demand.model import Elasticity, SecondOpinion
from quote_service.intelligence.demand.panel import Floats, Panel, Truths
from quote_service.intelligence.demand.response.learn import Response, learn_response
from quote_service.intelligence.demand.response.second_opinions import second_opinions
from quote_service.intelligence.demand.threads import one_thread
from quote_service.intelligence.price_decisions.model.facts import BehaviourEffect
from quote_service.intelligence.price_decisions.model.models import ModelTrial
from quote_service.intelligence.price_decisions.model.sales_days import BEHAVIOUR_COLUMNS, SaleRow

#: A product with fewer days of sales is not learnt at all.
LEAST_ROWS: Final = 5
#: Forecasts are tried on the last days, where there are enough before them and enough rows in all.
TRIED_DAYS: Final = 28
_ENOUGH_DAYS: Final = 84
_ENOUGH_ROWS: Final = 500
_RECENT_DAYS: Final = 28
_DAYS_A_YEAR: Final = 365
#: Trees take a quarter of a second each.
MOST_BY_TREES: Final = 1000


class PanelItem(NamedTuple):
    """A price of a product: its name in the model, its category, what it is now, and what bears on the day to come."""

    name: str
    category: str
    current_minor: int
    rival_minor: float | None
    behaviour: tuple[float, ...] | None = None


class LearntPanel(NamedTuple):
    """What was learnt; what is of products in the order of the items."""

    elasticities: tuple[Elasticity, ...]
    units_a_day: tuple[float, ...]
    champion: str
    trials: tuple[ModelTrial, ...]
    second_opinions: tuple[tuple[SecondOpinion, ...], ...]
    uses_behaviour: bool
    behaviour: tuple[BehaviourEffect | None, ...]


def learn_from_sales(rows: Sequence[SaleRow], items: Sequence[PanelItem], last_day: int, reigning: str) -> LearntPanel:
    """Learn from the days of sales of products, each of which has at least `LEAST_ROWS`.

    Args:
        rows: By item and day.
        items: By their number.
        last_day: The last day that was looked at, with sales or without.
        reigning: The champion until now, which stays unless another is clearly better.
    """
    panel = _panel(rows).sorted()
    products = [item.name for item in items]
    categories = [item.category for item in items]
    with_behaviour = panel.behaviour is not None
    with one_thread():
        trials = _tried(panel, products, categories)
        chosen = Candidate(None, 0.0)
        if trials:
            known = {candidate.name: candidate for candidate in candidates(with_behaviour=with_behaviour)}
            chosen = champion_of(trials, known.get(reigning)).candidate
        response = learn_response(panel, products, categories, 1)
        units, effects = _units_to_come(response, panel, items, last_day, chosen)
        opinions = _second_opinions(response, panel, units, items)
    reported = tuple(
        ModelTrial(
            name=trial.candidate.name,
            wmape=_rounded(trial.forecast.wmape),
            rmse_log=_rounded(trial.forecast.rmse_log),
            bias=_rounded(trial.forecast.bias),
            rising=_rounded(trial.price.rises),
        )
        for trial in trials
    )
    behaviour = tuple(
        _effect(item, effect) if chosen.with_behaviour else None for item, effect in zip(items, effects, strict=True)
    )
    return LearntPanel(response.elasticities, units, chosen.name, reported, opinions, chosen.with_behaviour, behaviour)


def libraries() -> dict[str, str]:
    """Versions of what learns."""
    return {name: version(name) for name in ("numpy", "scikit-learn", "xgboost-cpu")}


def _panel(rows: Sequence[SaleRow]) -> Panel:
    columns: Any = list(zip(*rows, strict=True))
    item, day, units, price, discount, rival, cost, behaviour = columns
    count = len(rows)
    rivals = np.array([np.nan if each is None else each for each in rival], dtype=float)
    return Panel(
        product=np.array(item, dtype=int),
        place=np.zeros(count, dtype=int),
        period=np.array(day, dtype=int),
        log_units=np.log(np.array(units, dtype=float)),
        log_price=np.log(np.array(price, dtype=float)),
        log_cost=np.log(np.array([np.nan if each is None else each for each in cost], dtype=float)),
        rivals=np.log(rivals)[:, None],
        promotion=np.array(discount, dtype=float)[:, None],
        place_facts=np.zeros((count, 0)),
        periods_a_year=_DAYS_A_YEAR,
        behaviour=None if None in behaviour else np.array(behaviour, dtype=float),
    )


def _tried(panel: Panel, products: Sequence[str], categories: Sequence[str]) -> list[Trial]:
    """How forecasts did on the last days, by products that had sales enough before; none where there is too little."""
    last, first = int(panel.period.max()), int(panel.period.min())
    cut = last - TRIED_DAYS
    if last - first < _ENOUGH_DAYS or len(panel) < _ENOUGH_ROWS:
        return []
    before = np.bincount(panel.product[panel.period <= cut], minlength=len(products))
    kept: list[int] = [int(at) for at in np.flatnonzero(before >= LEAST_ROWS)]
    rows = panel.rows(np.isin(panel.product, kept))
    if not kept or not (rows.period > cut).any():
        return []
    numbers: Any = np.full(len(products), -1)
    numbers[kept] = np.arange(len(kept))
    rows.product[:] = numbers[rows.product]
    tried = candidates(with_behaviour=rows.behaviour is not None)
    return backtest(rows, [products[at] for at in kept], [categories[at] for at in kept], 1, [cut], tried)


def _units_to_come(
    response: Response, panel: Panel, items: Sequence[PanelItem], last_day: int, chosen: Candidate
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Units a day at today's price: the forecast of a day with sales, times the share of days that had any recently.

    And by what factor each is what it is because of what shoppers did.
    """
    everything: Truths = np.ones(len(panel), dtype=bool)
    forecast = learn_forecast(
        response, panel, everything, chosen.learner, chosen.share_of_trees, with_behaviour=chosen.with_behaviour
    )
    both = _with_tomorrow(panel, items, last_day)
    tomorrow = both.period == last_day + 1
    log_units: Floats = forecast.log_units(both)[tomorrow]
    effects = np.exp(forecast.log_units_by_behaviour(both)[tomorrow])
    recent = panel.period > last_day - _RECENT_DAYS
    sold_days = np.bincount(panel.product[recent], minlength=len(items))
    since = np.full(len(items), last_day)
    np.minimum.at(since, panel.product, panel.period)
    share = sold_days / np.minimum(_RECENT_DAYS, last_day - since + 1)
    units = np.exp(log_units) * np.minimum(share, 1.0)
    return tuple(float(each) for each in units), tuple(float(each) for each in effects)


def _second_opinions(
    response: Response, panel: Panel, units_a_day: Sequence[float], items: Sequence[PanelItem]
) -> tuple[tuple[SecondOpinion, ...], ...]:
    """What other methods say of products whose price may move by itself; trees only of those that turn over most."""
    turnover = [units * item.current_minor for units, item in zip(units_a_day, items, strict=True)]
    ranked = sorted(range(len(items)), key=lambda at: -turnover[at])
    by_trees = set([at for at in ranked if response.elasticities[at].identified][:MOST_BY_TREES])
    return tuple(
        tuple(
            second_opinions(
                panel.rows(panel.product == at), 1, ("instrument", "double_ml") if at in by_trees else ("instrument",)
            )
        )
        if elasticity.identified
        else ()
        for at, elasticity in enumerate(response.elasticities)
    )


def _effect(item: PanelItem, factor: float) -> BehaviourEffect | None:
    if item.behaviour is None or any(np.isnan(item.behaviour)):
        return None
    reported = dict(zip(BEHAVIOUR_COLUMNS, np.expm1(item.behaviour), strict=True))
    return BehaviourEffect(
        views_a_day=_rounded(reported["views_of_week"]),
        carts_a_day=_rounded(reported["carts_of_week"]),
        units_factor=_rounded(factor),
    )


def _with_tomorrow(panel: Panel, items: Sequence[PanelItem], last_day: int) -> Panel:
    """The panel with a row more for each item: the day after, at today's prices and without a discount."""
    count = len(items)
    rivals = np.array([np.nan if item.rival_minor is None else item.rival_minor for item in items], dtype=float)
    return Panel(
        product=np.append(panel.product, np.arange(count)),
        place=np.append(panel.place, np.zeros(count, dtype=int)),
        period=np.append(panel.period, np.full(count, last_day + 1)),
        log_units=np.append(panel.log_units, np.full(count, np.nan)),
        log_price=np.append(panel.log_price, np.log([float(item.current_minor) for item in items])),
        log_cost=np.append(panel.log_cost, np.full(count, np.nan)),
        rivals=np.vstack([panel.rivals, np.log(rivals)[:, None]]),
        promotion=np.vstack([panel.promotion, np.zeros((count, 1))]),
        place_facts=np.zeros((len(panel) + count, 0)),
        periods_a_year=panel.periods_a_year,
        behaviour=None
        if panel.behaviour is None
        else np.vstack([panel.behaviour, np.array([item.behaviour for item in items], dtype=float)]),
    ).sorted()


def _rounded(figure: float) -> float:
    return round(float(figure), 4)
