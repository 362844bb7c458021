"""The baskets of the load, by Python and by wrk's script, and what they come to."""

import asyncio
import os
import shutil
from itertools import islice
from pathlib import Path

import pytest

import loadtests.bench
from loadtests.bench.baskets import basket_format, item_total_cents, numbers, write_basket
from quote_service.quotes.reading.decode_basket import decode_basket

SCRIPT = Path(loadtests.bench.__file__).with_name("quote_load.lua")
LARGE = 99_999_999_999_999


@pytest.mark.parametrize("number", [0, 1, 2, 4999, 5000, LARGE])
@pytest.mark.parametrize("lines", [1, 50, 500])
def test_every_basket_is_acceptable_and_comes_to_what_it_should(number: int, lines: int) -> None:
    checked = decode_basket(write_basket(basket_format(), number, lines))
    items = checked.basket.items
    assert len(items) == lines
    total_micro = sum(price * item.quantity for price, item in zip(checked.unit_prices_micro, items, strict=True))
    assert total_micro == item_total_cents(number, lines) * 10_000


def test_another_number_is_another_basket() -> None:
    form = basket_format()
    assert len({write_basket(form, number, 1) for number in range(2000)}) == 2000


def test_numbers_take_turns_or_never_come_again() -> None:
    assert list(islice(numbers(7, 3), 7)) == [7, 8, 9, 7, 8, 9, 7]
    assert list(islice(numbers(7, 1), 3)) == [7, 7, 7]
    assert list(islice(numbers(7, 0), 4)) == [7, 8, 9, 10]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
@pytest.mark.parametrize(("lines", "different", "first"), [(1, 0, 1), (2, 0, LARGE), (50, 3, 12_345)])
async def test_wrk_sends_the_same_bytes(lines: int, different: int, first: int) -> None:
    bodies: list[bytes] = []
    enough = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                assert b"X-API-Key: secret" in head
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                bodies.append(await reader.readexactly(length))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                if len(bodies) >= 8:
                    enough.set()
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    form = basket_format()
    environment = {
        **os.environ,
        "BENCH_BASKET": form.basket,
        "BENCH_LINE": form.line,
        "BENCH_LINES": str(lines),
        "BENCH_FIRST": str(first),
        "BENCH_DIFFERENT": str(different),
        "BENCH_KEY": "secret",
    }
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    process = await asyncio.create_subprocess_exec(
        "wrk", "-t1", "-c1", "-d30s", "-s", str(SCRIPT), url, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await asyncio.wait_for(enough.wait(), 20)
    finally:
        process.kill()
        await process.wait()
        server.close()
    # wrk asks its script once before it starts, so its first basket may be the second.
    wanted = [write_basket(form, number, lines) for number in islice(numbers(first, different), 12)]
    start = wanted.index(bodies[0])
    assert bodies[:8] == wanted[start : start + 8]
