"""`quote-service scenario`: campaigns in memory, by commands from a file.

It starts at once: nothing of settings or servers is imported.

Source: docs/spec/campaigns.md#scenario-files.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from quote_service.shop.campaigns.scenario.json_lines import json_line
from quote_service.shop.campaigns.scenario.outcomes import Outcome
from quote_service.shop.campaigns.scenario.run_scenario import BadLine, run_scenario
from quote_service.shop.campaigns.scenario.shop import Shop
from quote_service.shop.campaigns.scenario.text_lines import text_line

if TYPE_CHECKING:
    from typing_extensions import Buffer

_FAILED = 1
_BLOCK_BYTES = 1 << 16


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE.svg",
    help="Draw price, sales and demand coefficient over time.",
)
def scenario(file: BinaryIO, as_json: bool, plot: Path | None) -> None:
    """Run the commands of FILE, one a line, or of standard input if FILE is `-`.

    \b
    create_product CODE PRICE STOCK
    get_product_info CODE
    create_order PRODUCT QUANTITY
    create_campaign NAME PRODUCT DURATION LIMIT TARGET
    get_campaign_info NAME
    increase_time HOURS

    A line that fails is reported on standard error and changes nothing; the others still run.
    Exit status: 0 if every line ran, 1 if any failed.
    """
    shop = Shop()
    failed = _play(shop, file, as_json)
    if plot is not None:
        from quote_service.shop.campaigns.scenario.plot.draw_scenario import draw_scenario

        try:
            plot.write_text(draw_scenario(shop), "utf-8")
        except OSError as fault:
            raise click.FileError(str(plot), fault.strerror) from None
    if failed:
        raise click.exceptions.Exit(_FAILED)


def _play(shop: Shop, file: BinaryIO, as_json: bool) -> bool:
    """Print what each line has done; answer whether any could not be."""
    out = sys.stdout.buffer
    line_of: Callable[[int, Outcome], bytes] = json_line if as_json else _text_line
    failed = False
    lines = io.BufferedReader(_AnsweredInput(cast(io.BufferedIOBase, file), out.flush), _BLOCK_BYTES)
    for number, outcome in run_scenario(shop, lines):
        if isinstance(outcome, BadLine):
            failed = True
            out.flush()  # so that both streams, where they go to one place, stay in order
            click.echo(f"line {number}: {outcome.detail}", err=True)
        else:
            out.write(line_of(number, outcome) + b"\n")
    out.flush()
    return failed


class _AnsweredInput(io.RawIOBase):
    """Input that is asked for more only when all that came has been answered: somebody may wait for that."""

    def __init__(self, source: io.BufferedIOBase, flush: Callable[[], None]) -> None:
        self._source = source
        self._flush = flush

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        self._flush()
        return self._source.readinto1(buffer)


def _text_line(number: int, outcome: Outcome) -> bytes:
    return text_line(outcome).encode()
