"""WEATHER_PRICE: a percentage on the price of a unit, after what stock does to it."""

from collections.abc import Iterator

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import PercentChange
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_change import PriceChange, PriceEffect, change_by_percent
from quote_service.pricing.catalog.price_step import Circumstances, PriceStep
from quote_service.pricing.rule_types.price_changes.compile_changes import common_effect
from quote_service.pricing.rule_types.price_changes.fields import PRICE_CONDITIONS, PriceFields
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType


class WeatherPrice(PriceFields, frozen=True, kw_only=True):
    """Changes the price of a unit while it rains."""

    rain_percent: PercentChange
    """By how many percent the price changes."""


class WeatherEffect(PriceEffect, frozen=True):
    change: PriceChange


def _compile(fields: WeatherPrice, exponent: int) -> WeatherEffect:
    return WeatherEffect(**common_effect(fields), change=change_by_percent(scale_decimal(fields.rain_percent, 6)))


def _find_change(effect: WeatherEffect, offer: Offer) -> PriceChange | None:
    return effect.change


def _why_not(effect: WeatherEffect, offer: Offer) -> str:
    return "it does not rain"


def _extremes(effect: WeatherEffect) -> Iterator[Circumstances]:
    yield Circumstances()


RULE_TYPE = DeclaredRuleType(
    name="WEATHER_PRICE",
    choice="all",
    configuration=WeatherPrice,
    compile=_compile,
    conditions=PRICE_CONDITIONS,
    adjusts_price=PriceStep(
        find_change=_find_change,
        why_not=_why_not,
        extremes=_extremes,
        before="DEMAND_PRICE",
        because="Demand answers to the price that the weather made.",
    ),
)
