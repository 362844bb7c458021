"""Sales over time as columns: one row is a product in a place in a period.

Source: docs/spec/demand.md#data.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np

# Arrays of numpy by what they hold, for readers: its types would take longer to check than all of ours.
Floats: TypeAlias = Any
Integers: TypeAlias = Any
Truths: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows sorted by product, place and period; every row sold something, so that logarithms exist.

    Attributes:
        product: A number for each product, from 0.
        place: A number for each store or region, from 0.
        period: The day or the week, counted on without gaps in the calendar (rows may be missing).
        log_units: Of the units sold in the period.
        log_price: Of the price paid per unit.
        log_cost: Of the cost per unit; NaN where unknown.
        rivals: Log prices of rival offers, a column each; NaN where unknown, and in the product's own column if it has one.
        promotion: Flags or strengths of promotions (on sale, advertised), a column each.
        place_facts: What is known of the row's place (income, size), a column each; may have no column.
        periods_a_year: 52 for weeks, 365 for days.
        behaviour: What shoppers had done with the product, as far as it was known before the period, a column each; None where it
            is not to be learnt from.
    """

    product: Integers
    place: Integers
    period: Integers
    log_units: Floats
    log_price: Floats
    log_cost: Floats
    rivals: Floats
    promotion: Floats
    place_facts: Floats
    periods_a_year: int
    behaviour: Floats | None = None

    def __len__(self) -> int:
        return len(self.log_units)

    def rows(self, chosen: Truths) -> "Panel":
        """The same panel with only the rows that are chosen."""
        return replace(self, **{name: column[chosen] for name, column in self._columns().items()})

    def sorted(self) -> "Panel":
        order = np.lexsort((self.period, self.place, self.product))
        return replace(self, **{name: column[order] for name, column in self._columns().items()})

    def _columns(self) -> dict[str, Any]:
        named = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "periods_a_year"}
        return {name: column for name, column in named.items() if column is not None}


def earlier(panel: Panel, values: Floats, steps: int) -> Floats:
    """The value of the row `steps` before in the same product and place; NaN where there is none."""
    found = np.full(len(panel), np.nan)
    same = (panel.product[steps:] == panel.product[:-steps]) & (panel.place[steps:] == panel.place[:-steps])
    found[steps:] = np.where(same, values[:-steps], np.nan)
    return found


def mean_of_earlier(panel: Panel, values: Floats, steps: int) -> Floats:
    """The mean over up to `steps` rows before, of the same product and place; NaN where there is none."""
    before = np.column_stack([earlier(panel, values, step) for step in range(1, steps + 1)])
    known = ~np.isnan(before)
    total, count = np.where(known, before, 0.0).sum(axis=1), known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def season(panel: Panel, harmonics: int = 2) -> Floats:
    """Sine and cosine of the place in the year, and of its fractions."""
    turn = 2 * np.pi * panel.period / panel.periods_a_year
    waves = [wave(turn * k) for k in range(1, harmonics + 1) for wave in (np.sin, np.cos)]
    return np.column_stack(waves)


def means_known(columns: Floats) -> Floats:
    """The mean of each column over its known values; NaN for columns without any."""
    known = ~np.isnan(columns)
    counts = known.sum(axis=0)
    return np.where(counts > 0, np.where(known, columns, 0.0).sum(axis=0) / np.maximum(counts, 1), np.nan)


def filled(columns: Floats, means: Floats) -> Floats:
    """The columns that have a mean, gaps filled with it."""
    kept = ~np.isnan(means)
    return np.where(np.isnan(columns[:, kept]), means[kept], columns[:, kept])


def codes(values: Any) -> tuple[Integers, Any]:
    """Number the distinct values from 0, in their order, and say which they are."""
    distinct, numbers = np.unique(np.asarray(values), return_inverse=True)
    return numbers, distinct
