"""Look up what a replay supposes to end or to cost something else: what was never there is refused, what has ended is told.

Source: docs/spec/replay.md#what-is-not-there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from quote_service.platform.documents.documents import FAULTS_MAX
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.commission.rate import RateDraft
from quote_service.pricing.rulebook.rule import RuleDraft
from quote_service.steering.replay.model.replay_warnings import (
    Counted,
    ReplayTimes,
    ReplayWarning,
    warn_of_draft,
    warn_of_end,
    warn_of_price,
)
from quote_service.steering.replay.model.supposed_change import SupposedChange
from quote_service.steering.replay.tables.supposed import (
    flags_counted,
    priced_items,
    rates_counted,
    rules_counted,
    types_of_rules,
)


async def check_supposed(
    connection: Connection, change: SupposedChange, times: ReplayTimes, places: Mapping[str, str]
) -> list[ReplayWarning]:
    """What is to be told of a change.

    Args:
        connection: To read with.
        change: Without faults of its own.
        times: Of the quotes to replay.
        places: Pointers to be told in the place of those of the change, such as `/rules/3` for `/ended_rules/0`.

    Raises:
        Invalid: A rule, rate, flag, product, variant or price that never was, or a draft that could be no version of the rule of its name,
            each with its pointer.
    """
    faults = list(_other_types(change, await types_of_rules(connection, [draft.name for draft in change.draft_rules])))
    warnings = list(_of_drafts(change, times))
    ended: Iterable[tuple[str, str, Iterable[str], Mapping[str, Counted]]] = (
        ("ended_rules", "rule", change.ended_rules, await rules_counted(connection, change.ended_rules)),
        (
            "ended_rates",
            "commission rate",
            map(str, change.ended_rates),
            await rates_counted(connection, change.ended_rates),
        ),
        ("ended_flags", "flag", change.ended_flags, await flags_counted(connection, change.ended_flags)),
    )
    for member, kind, names, found in ended:
        for index, name in enumerate(names):
            pointer = f"/{member}/{index}"
            if name not in found:
                faults.append(Fault(pointer, f"there is no such {kind}"))
            elif (warning := warn_of_end(pointer, found[name], times)) is not None:
                warnings.append(warning)
    for index, item in enumerate(await priced_items(connection, change.price_changes)):
        pointer = f"/price_changes/{index}"
        if not item.is_product:
            faults.append(Fault(f"{pointer}/product_id", "there is no such product"))
        elif not item.is_item:
            faults.append(Fault(f"{pointer}/variant_id", "the product has no such variant"))
        elif not item.has_price and not item.had_price:
            faults.append(Fault(f"{pointer}/currency", "the product has no price in this currency"))
        elif (warning := warn_of_price(pointer, item)) is not None:
            warnings.append(warning)
    if faults:
        raise Invalid.because(tuple(Fault(_placed(each.pointer, places), each.detail) for each in faults[:FAULTS_MAX]))
    return [msgspec.structs.replace(each, pointer=_placed(each.pointer, places)) for each in warnings]


def _placed(pointer: str, places: Mapping[str, str]) -> str:
    entry = "/".join(pointer.split("/")[:3])
    return places.get(entry, entry) + pointer[len(entry) :]


def _other_types(change: SupposedChange, types: Mapping[str, str]) -> Iterator[Fault]:
    """Drafts that are of another type than the rule, or the draft before, of their name."""
    known: dict[str, str] = dict(types)
    for index, draft in enumerate(change.draft_rules):
        if known.setdefault(draft.name, draft.type) != draft.type:
            yield Fault(
                f"/draft_rules/{index}/type", f"must be that of the other versions of the rule, {known[draft.name]}"
            )


def _of_drafts(change: SupposedChange, times: ReplayTimes) -> Iterator[ReplayWarning]:
    drafts: list[tuple[str, Sequence[RuleDraft | RateDraft]]] = [
        ("draft_rules", change.draft_rules),
        ("draft_rates", change.draft_rates),
    ]
    for member, given in drafts:
        for index, draft in enumerate(given):
            warning = warn_of_draft(f"/{member}/{index}", draft, times)
            if warning is not None:
                yield warning
