"""What a log line never holds, in development either: the values of variables, which may be tokens and passwords.

Source: docs/spec/access.md#secrets; docs/spec/operations.md#logs.
"""

import subprocess
import sys
from uuid import uuid4

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Database

TOKEN = "Bearer eyJhbGciOi.J9.secret"
# As a request that fails: with its headers in a variable of a frame.
FAILING = f"""
import structlog
from quote_service.platform.telemetry.logs import configure_logs

configure_logs("warning", {{form!r}})

def handle(headers):
    password = "correct " + "horse battery"
    raise RuntimeError("a mistake")

try:
    handle({{{{"authorization": "Bearer " + {TOKEN.removeprefix("Bearer ")!r}}}}})
except RuntimeError as mistake:
    structlog.get_logger("quote_service.http").error("request_failed", exc_info=mistake)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_holds_no_values(form: str) -> None:
    script = FAILING.format(form=form)
    written = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr
    assert "RuntimeError: a mistake" in written
    assert "Traceback" in written
    assert TOKEN not in written
    assert "horse" not in written


async def test_what_postgres_refuses_shows_no_row(database: Database) -> None:
    """A refusal that nobody foresaw is logged with its traceback."""
    address = f"{uuid4()}@example.com"
    statement = f"DO $$ BEGIN RAISE 'not so' USING DETAIL = 'Failing row contains ({address})'; END $$"
    with pytest.raises(asyncpg.RaiseError) as refused:
        async with database.read() as connection:
            await connection.execute(statement)
    assert "not so" in str(refused.value)
    assert address not in str(refused.value)
