"""Loops of every process that sells: keep the board fresh, and add counted refusals to the figures.

Source: spec 7.
"""

import asyncio

import structlog

from quote_service.domain.errors import Unavailable
from quote_service.flows.flash_sales.flash_desk import FlashDesk
from quote_service.flows.flash_sales.report_refusals import report_refusals

BOARD_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def watch_board(desk: FlashDesk, *, board_seconds: float = BOARD_SECONDS) -> None:
    """Read the board again and again; never returns."""
    is_away = False
    while True:
        try:
            await desk.board.refresh()
            is_away = False
        except Unavailable as failure:
            if not is_away:
                _log.warning("flash_sale_board_not_read", reason=failure.detail)
            is_away = True
        await report_refusals(desk)
        await asyncio.sleep(board_seconds)
