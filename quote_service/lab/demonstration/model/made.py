"""What a demonstration made: for going on after an interruption, and for taking it out again.

Source: docs/spec/demonstration.md#taking-it-out.
"""

from uuid import UUID

import msgspec

from quote_service.lab.demonstration.model.plan import DemonstrationPlan


class Made(msgspec.Struct, frozen=True):
    """Ids of what was made, in the order of the goods and of the rivals.

    Attributes:
        plan: What was asked for.
        products: Of the goods.
        categories: By their names among the goods.
        competitors: Those of the rivals first.
        names: Of the competitors.
        sources: Theirs.
        decided: Prices of each day since they are decided, in minor units, in the order of the goods.
        experiments: Price experiments.
        is_finished: Whether all of it is written.
    """

    plan: DemonstrationPlan
    products: list[UUID]
    categories: dict[str, UUID]
    competitors: list[UUID] = []
    names: list[str] = []
    sources: list[UUID] = []
    decided: list[list[int]] = []
    experiments: list[UUID] = []
    is_finished: bool = False
