"""An elasticity with its interval, on a scale that all of a list share.

Source: docs/spec/web.md#price-decisions.
"""

from typing import Any, NamedTuple

_SCALE = 1000
_FARTHEST = -6.0


class ElasticityBar(NamedTuple):
    """Where an interval lies on a scale of 1 000 from the most elastic to zero; `one` is where demand answers one to one."""

    x: float
    width: float
    mean: float
    one: float


def elasticity_bar(mean: Any, low: Any, high: Any) -> ElasticityBar:
    """The bar of an interval; what lies beyond the scale is drawn at its edge."""
    first, last = sorted((_at(low), _at(high)))
    return ElasticityBar(first, max(6.0, round(last - first, 1)), _at(mean), _at(-1.0))


def _at(elasticity: Any) -> float:
    value = min(max(float(elasticity), _FARTHEST), 0.5)
    return round((value - _FARTHEST) / (0.5 - _FARTHEST) * _SCALE, 1)
