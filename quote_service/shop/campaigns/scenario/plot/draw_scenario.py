"""The drawing: three panels over one time axis, a legend, colours for light and dark.

Source: docs/spec/campaigns.md#plot.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape

from quote_service.platform.money.amounts import MICRO, decimal_text
from quote_service.shop.campaigns.scenario.outcomes import EXPONENT
from quote_service.shop.campaigns.scenario.plot.axes import Axis, time_axis, time_label, value_axis
from quote_service.shop.campaigns.scenario.plot.legend import LEGEND_ROW, legend, legend_rows
from quote_service.shop.campaigns.scenario.plot.series import ProductSeries, Steps, sales_period, series_of
from quote_service.shop.campaigns.scenario.plot.step_path import step_path
from quote_service.shop.campaigns.scenario.plot.style import STYLE
from quote_service.shop.campaigns.scenario.shop import Shop
from quote_service.shop.campaigns.scenario.text_lines import clock_text

_WIDTH, _RIGHT, _HEAD, _PANEL, _GAP, _FOOT = 960, 24, 66, 170, 46, 52
_DIGIT = 7  # a digit of a label is about so wide
_COEFFICIENT_PLACES = 6


class _Panel(NamedTuple):
    """One panel: its heading, the steps of each product, and how its values are written."""

    heading: str
    steps: list[list[Steps]]
    axis: Axis
    places: int
    is_filled: bool = False
    reference: int | None = None
    nothing: str = ""

    def label(self, value: int) -> str:
        return decimal_text(value, self.places)


def draw_scenario(shop: Shop) -> str:
    """A scenario so far as an SVG document: by hour, to the end of the present one."""
    series = series_of(shop)
    panels = _panels(series, sales_period(shop.hour)[1])
    hours = time_axis(shop.hour + 1)
    left = 24 + _DIGIT * max(len(panel.label(value)) for panel in panels for value in panel.axis.ticks())
    rows = legend_rows([each.code for each in series], len(shop.products), _WIDTH - left - _RIGHT)
    top = _HEAD + LEGEND_ROW * len(rows) + _GAP - 16
    height = top + len(panels) * (_PANEL + _GAP) - _GAP + _FOOT
    what = f"Until {clock_text(shop.hour)}: {_many(shop.products, 'product')}, {_many(shop.campaigns, 'campaign')}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title what">',
        '<title id="title">Price, sales and demand over time</title>',
        f'<desc id="what">{what}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}"/>',
        f'<text class="title" x="{left}" y="28">Price, sales and demand over time</text>',
        f'<text class="quiet" x="{left}" y="47">{what}</text>',
        *legend(rows, left, _HEAD + 8),
    ]
    for place, panel in enumerate(panels):
        parts += _drawn(panel, hours, left, top + place * (_PANEL + _GAP))
    bottom = top + len(panels) * (_PANEL + _GAP) - _GAP
    parts += _time_labels(hours, left, bottom)
    return "\n".join([*parts, "</svg>\n"])


def _panels(series: list[ProductSeries], period: str) -> list[_Panel]:
    prices = [value for each in series for _, value in each.price]
    sales = [value for each in series for _, value in each.sales]
    coefficients = [value for each in series for steps in each.coefficients for _, value in steps]
    return [
        _Panel(
            "Price of one unit",
            [[each.price] for each in series],
            value_axis(min(prices, default=0), max(prices, default=100)),
            EXPONENT,
            nothing="" if prices else "There are no products",
        ),
        _Panel(
            f"Sales, units {period}",
            [[each.sales] for each in series],
            value_axis(0, max(sales, default=0)),
            0,
            is_filled=True,
            nothing="" if any(sales) else "Nothing was sold",
        ),
        _Panel(
            "Demand coefficient: above 1, a campaign sells faster than its target asks",
            [each.coefficients for each in series],
            value_axis(0, max(coefficients, default=MICRO)),
            _COEFFICIENT_PLACES,
            reference=MICRO,
            nothing="" if coefficients else "No campaign has run for an hour",
        ),
    ]


def _drawn(panel: _Panel, hours: Axis, left: int, top: int) -> Iterator[str]:
    width, bottom = _WIDTH - left - _RIGHT, top + _PANEL
    yield f'<text class="heading" x="{left}" y="{top - 10}">{panel.heading}</text>'
    for value in panel.axis.ticks():
        y = bottom - panel.axis.place(value, _PANEL) // 10
        yield f'<path class="grid" d="M{left} {y}H{left + width}"/>'
        yield f'<text class="value" x="{left - 8}" y="{y + 4}">{panel.label(value)}</text>'
    for hour in hours.ticks():
        x = left + hours.place(hour, width) // 10
        yield f'<path class="grid" d="M{x} {top}V{bottom}"/>'
    if panel.reference is not None and panel.reference <= panel.axis.most:
        y = bottom - panel.axis.place(panel.reference, _PANEL) // 10
        yield f'<path class="reference" d="M{left} {y}H{left + width}"/>'
    if panel.nothing:
        x, y = left + width // 2, top + _PANEL // 2 - 12
        yield f'<text class="quiet" x="{x}" y="{y}" text-anchor="middle">{panel.nothing}</text>'
        return
    for colour, several in enumerate(panel.steps):
        for steps in several:
            # Only the coefficient ends before the scenario does: at the last hour of its campaign.
            last = min(steps[-1][0] + 1, hours.most) if panel.reference else hours.most
            path = step_path(_points(steps, panel.axis, hours, left, top, width), left * 10 + hours.place(last, width))
            if panel.is_filled:
                yield f'<path class="area s{colour}" d="{path}V{bottom}H{left}Z"/>'
            yield f'<path class="line s{colour}" d="{path}"/>'
    yield f'<path class="axis" d="M{left} {top}V{bottom}H{left + width}"/>'


def _points(steps: Steps, axis: Axis, hours: Axis, left: int, top: int, width: int) -> Iterable[tuple[int, int]]:
    foot = (top + _PANEL) * 10
    return ((left * 10 + hours.place(hour, width), foot - axis.place(value, _PANEL)) for hour, value in steps)


def _time_labels(hours: Axis, left: int, bottom: int) -> Iterator[str]:
    width = _WIDTH - left - _RIGHT
    for hour in hours.ticks():
        x = left + hours.place(hour, width) // 10
        yield f'<text class="time" x="{x}" y="{bottom + 18}">{time_label(hour)}</text>'
    yield f'<text class="time quiet" x="{left + width // 2}" y="{bottom + 38}">Time since the start</text>'


def _many(things: Iterable[object], name: str) -> str:
    count = len(list(things))
    return escape(f"{count} {name}{'' if count == 1 else 's'}")
