"""Learn from rows of sales: the response of each product, the champion of the forecasts, and units a day to come.

Needs the extra `intelligence`; nothing that answers requests imports it. The same rows give the same model.

Source: docs/spec/price-decisions.md#models; docs/spec/demand.md#baseline.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final, NamedTuple

import numpy as np

from quote_service.demand.baseline.champion import Candidate, Trial, backtest, candidates, champion_of
from quote_service.demand.baseline.forecast import learn_forecast
from quote_service.demand.panel import Floats, Panel
from quote_service.demand.response.learn import Response, learn_response
from quote_service.demand.threads import one_thread
from quote_service.demand.words import Elasticity
from quote_service.price_decisions.words.models import ModelTrial
from quote_service.price_decisions.words.sales_days import SaleRow

#: A product with fewer days of sales is not learnt at all.
LEAST_ROWS: Final = 5
#: Forecasts are tried on the last days, where there are enough before them and enough rows in all.
TRIED_DAYS: Final = 28
_ENOUGH_DAYS: Final = 84
_ENOUGH_ROWS: Final = 500
_RECENT_DAYS: Final = 28
_DAYS_A_YEAR: Final = 365


class PanelItem(NamedTuple):
    """A price of a product: its name in the model, its category, and what it is now."""

    name: str
    category: str
    current_minor: int
    rival_minor: float | None


class LearntPanel(NamedTuple):
    """What was learnt; elasticities and units in the order of the items."""

    elasticities: tuple[Elasticity, ...]
    units_a_day: tuple[float, ...]
    champion: str
    trials: tuple[ModelTrial, ...]


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
    with one_thread():
        trials = _tried(panel, products, categories)
        chosen = Candidate(None, 0.0)
        if trials:
            known = {candidate.name: candidate for candidate in candidates()}
            chosen = champion_of(trials, known.get(reigning)).candidate
        response = learn_response(panel, products, categories, 1)
        units = _units_to_come(response, panel, items, last_day, chosen)
    told = tuple(
        ModelTrial(
            name=trial.candidate.name,
            wmape=_rounded(trial.forecast.wmape),
            rmse_log=_rounded(trial.forecast.rmse_log),
            bias=_rounded(trial.forecast.bias),
            rising=_rounded(trial.price.rises),
        )
        for trial in trials
    )
    return LearntPanel(response.elasticities, units, chosen.name, told)


def libraries() -> dict[str, str]:
    """Versions of what learns."""
    return {name: version(name) for name in ("numpy", "scikit-learn", "xgboost-cpu")}


def _panel(rows: Sequence[SaleRow]) -> Panel:
    columns: Any = list(zip(*rows, strict=True))
    item, day, units, price, discount, rival = columns
    count = len(rows)
    rivals = np.array([np.nan if each is None else each for each in rival], dtype=float)
    return Panel(
        product=np.array(item, dtype=int),
        place=np.zeros(count, dtype=int),
        period=np.array(day, dtype=int),
        log_units=np.log(np.array(units, dtype=float)),
        log_price=np.log(np.array(price, dtype=float)),
        log_cost=np.full(count, np.nan),
        rivals=np.log(rivals)[:, None],
        promotion=np.array(discount, dtype=float)[:, None],
        place_facts=np.zeros((count, 0)),
        periods_a_year=_DAYS_A_YEAR,
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
    return backtest(rows, [products[at] for at in kept], [categories[at] for at in kept], 1, [cut])


def _units_to_come(
    response: Response, panel: Panel, items: Sequence[PanelItem], last_day: int, chosen: Candidate
) -> tuple[float, ...]:
    """Units a day at today's price: the forecast of a day with sales, times the share of days that had any lately."""
    forecast = learn_forecast(response, panel, np.ones(len(panel), dtype=bool), chosen.learner, chosen.share_of_trees)
    both = _with_tomorrow(panel, items, last_day)
    log_units: Floats = forecast.log_units(both)[both.period == last_day + 1]
    recent = panel.period > last_day - _RECENT_DAYS
    sold_days = np.bincount(panel.product[recent], minlength=len(items))
    since = np.full(len(items), last_day)
    np.minimum.at(since, panel.product, panel.period)
    share = sold_days / np.minimum(_RECENT_DAYS, last_day - since + 1)
    return tuple(float(units) for units in np.exp(log_units) * np.minimum(share, 1.0))


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
    ).sorted()


def _rounded(figure: float) -> float:
    return round(float(figure), 4)
