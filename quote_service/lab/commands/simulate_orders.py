"""`quote-service simulate-orders`.

Source: docs/spec/seeding.md#shoppers.
"""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import click

from quote_service.lab.commands.development import development_service
from quote_service.lab.shoppers.crowd import Crowd, NothingToBuy, Pace
from quote_service.lab.shoppers.decisions import Habits
from quote_service.lab.shoppers.shop_api import Refused, ShopApi
from quote_service.lab.shoppers.tally import Tally
from quote_service.serving.cli.refusals import refuse

_SEED_MAX = 2**63 - 1


@click.command("simulate-orders")
@click.option(
    "--rate", default=5.0, show_default=True, type=click.FloatRange(0.01, 1000), help="Shoppers that arrive per second."
)
@click.option(
    "--minutes", default=1.0, show_default=True, type=click.FloatRange(0.001, 1440), help="How long shoppers arrive."
)
@click.option("--url", help="Of the service.")
@click.option("--api-key", help="With the scopes quote:write and order:write.")
@click.option(
    "--data-dir",
    default=Path(".quote-service"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Of a running `quote-service dev`: says what --url and --api-key do not.",
)
@click.option(
    "--elasticity",
    default=1.6,
    show_default=True,
    type=click.FloatRange(0, 10),
    help="How strongly demand answers to price: 1 % more expensive sells so many percent less.",
)
@click.option(
    "--cancel",
    "cancel_percent",
    default=5,
    show_default=True,
    type=click.IntRange(0, 100),
    help="How many of 100 orders are cancelled.",
)
@click.option(
    "--refund",
    "refund_percent",
    default=10,
    show_default=True,
    type=click.IntRange(0, 100),
    help="How many of 100 fulfilled orders are refunded, in part or whole.",
)
@click.option(
    "--concurrency", default=32, show_default=True, type=click.IntRange(1, 1000), help="Shoppers at once, at most."
)
@click.option(
    "--seed",
    "seed_number",
    default=1,
    show_default=True,
    type=click.IntRange(0, _SEED_MAX),
    help="What all decisions are derived from.",
)
def simulate_orders(
    rate: float,
    minutes: float,
    url: str | None,
    api_key: str | None,
    data_dir: Path,
    elasticity: float,
    cancel_percent: int,
    refund_percent: int,
    concurrency: int,
    seed_number: int,
) -> None:
    """Let shoppers browse, ask for quotes and order, over the API of a running service.

    Demand answers to price: a shopper buys with a chance of 0.5 x (price / base price)^-elasticity, at most 1. Orders are
    fulfilled, cancelled and refunded. Prints each order, cancellation and refund, and a summary at the end. Ctrl-C ends it
    early: no more shoppers arrive, and those who are there finish.
    """
    if url is None or api_key is None:
        service = development_service(data_dir)
        url, api_key = url or service.url, api_key or service.api_key
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("must begin with http:// or https://.", param_hint="--url")
    tally = Tally()
    habits = Habits(elasticity, cancel_percent, refund_percent)
    try:
        asyncio.run(_run(url, api_key, Pace(rate, minutes * 60, concurrency), tally, habits, seed_number))
    except NothingToBuy:
        raise refuse("The service sells no product; `quote-service seed` can make some") from None
    except Refused as refused:
        raise refuse(f"The service at {url} cannot be used: {refused.code}") from None
    click.echo()
    for line in tally.summary():
        click.echo(line)


async def _run(url: str, api_key: str, pace: Pace, tally: Tally, habits: Habits, seed_number: int) -> None:
    api = ShopApi(url, api_key, pace.concurrency, tally)
    crowd = Crowd(api, tally, seed=seed_number, habits=habits, report=click.echo)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # where there are no signals to handle, Ctrl-C ends it without a summary
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
    try:
        await crowd.look_around()
        await crowd.live(pace, stop)
    finally:
        await api.close()
