"""Loops of every process that sells: keep the board fresh, and add counted refusals to the figures.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

import asyncio

import structlog

from quote_service.flash_sales.operations.flash_desk import FlashDesk
from quote_service.flash_sales.operations.report_refusals import report_refusals
from quote_service.system.cancellation import end_if_cancelled
from quote_service.system.errors import Unavailable

BOARD_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def watch_board(desk: FlashDesk, *, board_seconds: float = BOARD_SECONDS) -> None:
    """Do both again and again, side by side, so that a slow Redis makes no price old; never returns."""
    async with asyncio.TaskGroup() as both:
        both.create_task(_read_board(desk, board_seconds), name="keep the sale board fresh")
        both.create_task(_report(desk, board_seconds), name="report refusals of sales")


async def _read_board(desk: FlashDesk, board_seconds: float) -> None:
    is_away = False
    while True:
        end_if_cancelled()
        try:
            await desk.board.refresh()
            is_away = False
        except Unavailable as failure:
            if not is_away:
                _log.warning("flash_sale_board_not_read", reason=failure.detail)
            is_away = True
        await asyncio.sleep(board_seconds)


async def _report(desk: FlashDesk, board_seconds: float) -> None:
    while True:
        end_if_cancelled()
        await report_refusals(desk)
        await asyncio.sleep(board_seconds)
