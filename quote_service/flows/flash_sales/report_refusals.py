"""Add the refusals that this process has counted to the figures of each item.

Source: spec 7, per-sale live figures.
"""

from quote_service.domain.errors import Unavailable
from quote_service.flows.flash_sales.flash_desk import FlashDesk


async def report_refusals(desk: FlashDesk) -> None:
    """Hand over what was counted since last time; where Redis is away it is counted on."""
    counted, desk.refused = desk.refused, type(desk.refused)()
    try:
        await desk.upkeep.add_refusals(counted)
    except Unavailable:
        desk.refused.update(counted)
