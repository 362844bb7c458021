"""What commands say of servers that are not there, or not prepared: one line a cause, and never a traceback.

Source: docs/spec/operations.md#production.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner, Result

from quote_service.lab.embedded.ports import free_port
from quote_service.platform.settings.urls import split_url
from quote_service.serving.cli import main
from tests.cli.test_commands import PRODUCTION

PASSWORD = "hunter2hunter2"


def connect(**environment: str) -> Result:
    return CliRunner().invoke(main, ["config", "--check", "--connect"], env={**PRODUCTION, **environment})


def shown(result: Result) -> list[str]:
    """The lines after the table of settings."""
    return result.output.rpartition("\n\n")[2].splitlines()


def with_account(url: str, account: str) -> str:
    return f"{split_url(url).scheme}://{account}@{url.rpartition('@')[2]}"


@contextmanager
def collector(status: int) -> Iterator[str]:
    """Something that answers HTTP with one status to everything."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Into no test's output."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "command",
    [["serve", "--port", "0"], ["worker"], ["users", "list"], ["users", "deactivate", "a@b.example"], ["keys", "list"]],
)
def test_a_database_that_is_not_migrated_is_reported_in_one_line(
    new_empty_database_url: Callable[[], str], command: list[str]
) -> None:
    refused = CliRunner().invoke(main, command, env={**PRODUCTION, "DATABASE_URL": new_empty_database_url()})
    assert refused.exit_code == 1
    (line,) = refused.output.splitlines()
    assert line.endswith("run `quote-service migrate` first")


def test_everything_there_is_no_fault(database_url: str, redis_url: str) -> None:
    with collector(200) as endpoint:
        passed = connect(DATABASE_URL=database_url, REDIS_URL=redis_url, QUOTE_OTLP_ENDPOINT=endpoint)
    assert (passed.exit_code, shown(passed)) == (0, ["Every configured server answers"])


def test_each_cause_is_reported_once(database_url: str, redis_url: str) -> None:
    nobody = f"redis://:{PASSWORD}@127.0.0.1:{free_port()}"
    with collector(404) as endpoint:
        refused = connect(
            DATABASE_URL=f"postgresql://quote:{PASSWORD}@127.0.0.1:{free_port()}/quote",
            REDIS_URL=nobody,
            QUOTE_STOCK_REDIS_URL=nobody,
            QUOTE_OTLP_ENDPOINT=endpoint,
        )
    assert refused.exit_code == 1
    database, cache, telemetry = shown(refused)
    assert database.startswith("DATABASE_URL leads to no server")
    assert cache.startswith("REDIS_URL leads to nothing that answers as Redis")
    assert telemetry.startswith("QUOTE_OTLP_ENDPOINT answers 404 to spans")
    assert PASSWORD not in refused.output


def test_a_wrong_password_is_reported(database_url: str, redis_url: str) -> None:
    user = (split_url(database_url).account or "").partition(":")[0]
    refused = connect(
        DATABASE_URL=with_account(database_url, f"{user}:{PASSWORD}"),
        REDIS_URL=redis_url,
        QUOTE_STOCK_REDIS_URL=with_account(redis_url, f":{PASSWORD}"),
    )
    assert refused.exit_code == 1
    database, stock = shown(refused)
    assert database.startswith("DATABASE_URL is refused: the user or the password is wrong")
    assert stock.startswith("QUOTE_STOCK_REDIS_URL is refused: the user or the password is wrong")
    assert PASSWORD not in refused.output


def test_a_database_that_is_not_there_or_not_prepared_is_reported(
    new_empty_database_url: Callable[[], str], redis_url: str
) -> None:
    empty = new_empty_database_url()
    refused = connect(DATABASE_URL=empty, REDIS_URL=redis_url)
    assert [line.partition(" lacks ")[0] for line in shown(refused)] == ["The database"]
    missing = empty.rpartition("/")[0] + "/nowhere"
    (line,) = shown(connect(DATABASE_URL=missing, REDIS_URL=redis_url))
    assert line == "DATABASE_URL names a database that does not exist"


def test_to_connect_goes_with_to_check() -> None:
    assert CliRunner().invoke(main, ["config", "--connect"], env=PRODUCTION).exit_code == 2
