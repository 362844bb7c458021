"""What of a rulebook comes and goes by the clock, as far as one basket can tell.

A rulebook settles time ahead in stretches that end whenever anything anywhere may change, and at the latest with the
quarter of an hour. Most of those ends change nothing for a basket. What does is this: a rule that applies to it is or is
not in force, a flag that it is shown says something else, a code that it brings counts or not.

Source: docs/spec/quotes.md#caching; `docs/decisions/effective-periods.md`.
"""

from collections.abc import Iterable

import msgspec

from quote_service.pricing.flags.compiled_flag import CompiledFlag
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


class MovingParts(msgspec.Struct, frozen=True):
    """What moves at one place: ids of the rules in force that apply to every basket there, the rules that have to be asked,
    the flags that quotes show, and the flag that multiplies express fees."""

    everybodys: tuple[str, ...]
    asked: tuple[CompiledRule, ...]
    flags: tuple[CompiledFlag, ...]
    express_flag: CompiledFlag | None


class MovingFlags(msgspec.Struct, frozen=True):
    """The flags that change their course at some instant: `keys` of all, and those of them that quotes look at."""

    keys: frozenset[str]
    shown: tuple[CompiledFlag, ...]
    express: CompiledFlag | None


def moving_names(rules: Iterable[CompiledRule]) -> frozenset[str]:
    """The names of which the clock decides which version is in force, if any: one version that does is enough."""
    return frozenset(rule.name for rule in rules if rule.goes_by_the_clock)


def find_moving(rules: Iterable[CompiledRule], names: frozenset[str], flags: MovingFlags) -> MovingParts | None:
    """What moves among the rules in force at a place (`names`: see `moving_names`); None where nothing does."""
    everybodys, asked = [], []
    for rule in rules:
        if rule.name in names and rule.is_unconditional and not rule.is_for_express:
            everybodys.append(rule.id)
        elif rule.name in names or rule.flag in flags.keys:
            asked.append(rule)
    if not (everybodys or asked or flags.shown or flags.express):
        return None
    return MovingParts(tuple(everybodys), tuple(asked), flags.shown, flags.express)
