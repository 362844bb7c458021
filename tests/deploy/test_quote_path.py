"""What a quote passes through: how many files that are, and each is compiled, or there is a reason why not."""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
import uvicorn

import quote_service
from quote_service.app import create_asgi, http_protocol
from quote_service.identity.operations.credentials import Credentials
from quote_service.lab.dev.demonstration import read_demonstration, seed
from quote_service.platform.settings import Key, Settings
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.serving.lifespan.web import open_web
from tests.deploy.deployment_tools import ROOT, script
from tests.fixtures.serve import QUOTE, served

PACKAGE = Path(quote_service.__file__).parent
QUOTES = 100
LIST = script("compile_package")
# From the route to the answer: what makes requests of the bytes of a connection, and bytes of commands to Redis, lies beside it.
CONNECTIONS = ("platform/http/protocol/", "platform/redis_store/")
FILES_MAX = {"distinct": 40, "repeated": 11}
pytestmark = pytest.mark.skipif(PACKAGE.parent != ROOT, reason="machine code cannot be traced")


# Where quotes come in and where they go on after Redis has answered; what neither of them has called runs by the clock.
DOORS = tuple(
    f"{PACKAGE}/{room}/" for room in ("platform/http/protocol", "quotes/routes", "quotes/operations", "quotes/tables")
)


class Trace:
    """How often a quote led to a function of each module while it was on."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.is_on = False

    def see(self, frame: FrameType, event: str, argument: Any) -> None:
        if not self.is_on or event != "call" or not frame.f_code.co_filename.startswith(str(PACKAGE)):
            return
        above: FrameType | None = frame
        while above is not None and not above.f_code.co_filename.startswith(DOORS):
            above = above.f_back
        if above is not None:
            self.calls[frame.f_code.co_filename] += 1

    def modules(self) -> set[str]:
        """Those that ran for each quote, by their names in the list."""
        often = {name for name, calls in self.calls.items() if calls >= QUOTES}
        return {Path(name).relative_to(PACKAGE).with_suffix("").as_posix() for name in often}


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


@contextmanager
def traced(settings: Settings, trace: Trace) -> Iterator[tuple[str, Callable[[], bool]]]:
    """The whole service in a thread whose calls are seen: its address, and whether it can quote."""
    started: list[Any] = []
    ready = threading.Event()

    async def serve() -> None:
        async with open_web(settings) as parts:
            config = uvicorn.Config(
                create_asgi(parts), http=http_protocol(parts), port=0, lifespan="off", log_config=None, ws="none"
            )
            server = _Server(config, ready)
            started.extend((server, parts))
            await server.serve()

    def run() -> None:
        sys.setprofile(trace.see)
        try:
            asyncio.run(serve())
        finally:
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60)
    assert started, "the service did not start"
    server, parts = started
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield (
            f"http://{host}:{port}",
            lambda: parts[Credentials].ring.is_loaded and parts[RulebookHolder].rulebook is not None,
        )
    finally:
        server.should_exit = True
        thread.join(60)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, database_url: str, redis_url: str) -> dict[str, set[str]]:
    """The modules that ran for quotes of baskets that nobody had asked for, and for quotes asked for again."""
    folder = tmp_path_factory.mktemp("traced")
    with served(folder, database_url, redis_url) as first:
        seed(first.url, first.admin_token)
        key = first.api_key
    secret = (Key("k1", b"0123456789abcdef" * 2),)
    settings = Settings(
        database_url=database_url, redis_url=redis_url, jwt_keys=secret, signing_keys=secret, receipt_keys=secret
    )
    basket = msgspec.json.decode(read_demonstration().first_basket)
    known = {**basket, "customer_id": str(uuid4())}
    distinct = [{**basket, "customer_id": str(uuid4())} for _ in range(QUOTES)]
    found = {}
    trace = Trace()
    with (
        traced(settings, trace) as (url, can_quote),
        httpx.Client(base_url=url, headers={"X-API-Key": key}) as checkout,
    ):
        while not can_quote():
            pass
        assert checkout.post(QUOTE, json=known).status_code == 200
        for name, baskets in (("distinct", distinct), ("repeated", [known] * QUOTES)):
            trace.calls.clear()
            trace.is_on = True
            statuses = [checkout.post(QUOTE, json=each).status_code for each in baskets]
            trace.is_on = False
            assert set(statuses) == {200}
            found[name] = trace.modules()
    return found


@pytest.mark.parametrize("kind", ["distinct", "repeated"])
def test_what_a_quote_passes_through_is_compiled(ran: dict[str, set[str]], kind: str) -> None:
    left_out = ran[kind] - set(LIST.COMPILED) - LIST.INTERPRETED.keys()
    assert not left_out, f"deploy/compile_package.py compiles these or says why not: {' '.join(sorted(left_out))}"


@pytest.mark.parametrize("kind", ["distinct", "repeated"])
def test_a_quote_passes_through_few_files(ran: dict[str, set[str]], kind: str) -> None:
    passed = sorted(name for name in ran[kind] if not name.startswith(CONNECTIONS))
    assert len(passed) <= FILES_MAX[kind], passed


def test_the_trace_sees_the_quotes_way(ran: dict[str, set[str]]) -> None:
    assert {"pricing/price_quote", "quotes/routes/quote_endpoint", "platform/http/protocol/hot_protocol"} <= ran[
        "distinct"
    ]
    assert "pricing/price_quote" not in ran["repeated"]


def test_the_lists_name_modules_that_exist_once_and_with_a_reason() -> None:
    assert len(set(LIST.COMPILED)) == len(LIST.COMPILED)
    assert not set(LIST.COMPILED) & LIST.INTERPRETED.keys()
    missing = [name for name in [*LIST.COMPILED, *LIST.INTERPRETED] if not (PACKAGE / f"{name}.py").is_file()]
    assert not missing
    assert all(LIST.INTERPRETED.values())
