"""People say from which figure on signals are raised.

Source: docs/spec/signals.md#thresholds.
"""

from uuid import UUID

import msgspec

from quote_service.intelligence.signals.model.thresholds import (
    THRESHOLDS_MAX,
    Rule,
    ThresholdDraft,
    ThresholdExists,
    ThresholdRecord,
    TooManyThresholds,
    rule_of,
)
from quote_service.intelligence.signals.tables.thresholds import (
    Scope,
    count_thresholds,
    hold_threshold,
    insert_threshold,
    is_known,
    is_taken,
    read_threshold,
    remove_threshold,
    update_threshold,
)
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition

_RULE_FIELDS = tuple(field.name for field in msgspec.structs.fields(Rule))


async def create_threshold(change: Change, draft: ThresholdDraft) -> ThresholdRecord:
    """Write a threshold.

    Args:
        change: Its author.
        draft: Without faults of its own (`threshold_faults`).

    Raises:
        Invalid: There is no such product or category.
        ThresholdExists: There is one of this kind for the same.
        TooManyThresholds: There are as many as there may be.
    """
    if await count_thresholds(change.connection) >= THRESHOLDS_MAX:
        raise TooManyThresholds(f"There are {THRESHOLDS_MAX} thresholds already")
    scope = Scope(draft.product_id, draft.category_id)
    has_product, has_category = await is_known(change.connection, scope)
    faults = [] if has_product else [Fault("/product_id", "there is no such product")]
    if not has_category:
        faults.append(Fault("/category_id", "there is no such category"))
    if faults:
        raise Invalid.because(tuple(faults))
    if await is_taken(change.connection, draft.kind, scope):
        raise ThresholdExists("There is a threshold of this kind for the same; replace it")
    threshold_id = UUID(new_id(change.at_us // 1000))
    await insert_threshold(change.connection, threshold_id, scope, rule_of(draft), change.actor, change.at)
    made = await read_threshold(change.connection, threshold_id)
    await change.record("signal_threshold.create", None, made)
    return made


async def replace_threshold(
    change: Change, threshold_id: UUID, draft: ThresholdDraft, precondition: Precondition
) -> ThresholdRecord:
    """Write a threshold again; nothing is written where nothing changes.

    Raises:
        NotFound: There is none.
        Stale: It has been changed since the caller saw it.
        Invalid: It would be of another kind, or for something else.
    """
    held = await hold_threshold(change.connection, threshold_id)
    precondition.require(str(threshold_id), held.version)
    faults = [
        Fault(f"/{name}", "stays as it is: create another threshold")
        for name in ("kind", "product_id", "category_id")
        if getattr(draft, name) != getattr(held, name)
    ]
    if faults:
        raise Invalid.because(tuple(faults))
    wanted = rule_of(draft)
    if all(getattr(wanted, name) == getattr(held, name) for name in _RULE_FIELDS):
        return held
    await update_threshold(change.connection, threshold_id, wanted, change.actor, change.at)
    written = await read_threshold(change.connection, threshold_id)
    await change.record("signal_threshold.replace", held, written)
    return written


async def delete_threshold(change: Change, threshold_id: UUID, precondition: Precondition) -> None:
    """Remove a threshold: the next one that is wider counts.

    Raises:
        NotFound: There is none.
        Stale: It has been changed since the caller saw it.
    """
    held = await hold_threshold(change.connection, threshold_id)
    precondition.require(str(threshold_id), held.version)
    await remove_threshold(change.connection, threshold_id)
    await change.record("signal_threshold.delete", held)
