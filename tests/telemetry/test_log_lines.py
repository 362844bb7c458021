"""Log lines on quotes: the slow and the failed, a sample of the rest, and nobody's data.

Source: docs/spec/operations.md#logs.
"""

import secrets
from pathlib import Path

from quote_service.quotes.operations.quote_notes import LINES_PER_SECOND_MAX
from tests.telemetry.serving import STREET, known, new_key, serving


def test_a_failed_quote_is_logged_with_its_ids_and_others_are_not(
    server_folder: Path, database_url: str, redis_url: str
) -> None:
    key = new_key(database_url)
    trace_id = secrets.token_hex(16)
    quiet = {"QUOTE_LOG_SAMPLE_RATIO": "0", "QUOTE_SLOW_QUOTE_MS": "60000"}
    with serving(server_folder, database_url, redis_url, settings=quiet) as service:
        known(service, key)
        assert service.quote(key).status_code == 200
        headers = {"X-Request-ID": "mine-1", "traceparent": f"00-{trace_id}-{'1' * 16}-00"}
        assert service.quote(key, b"{", headers=headers).status_code == 400
        service.wait_for(lambda: bool(service.log_lines("quote")), "the line is written")
        (line,) = service.log_lines("quote")
        reported = {name: line[name] for name in ("why", "status", "outcome", "request_id", "trace_id", "level")}
        assert reported == {
            "why": "failed",
            "status": 400,
            "outcome": "malformed-json",
            "request_id": "mine-1",
            "trace_id": trace_id,
            "level": "info",
        }


def test_sampled_quotes_are_logged_without_anybodys_data(
    server_folder: Path, database_url: str, redis_url: str
) -> None:
    key = new_key(database_url)
    with serving(server_folder, database_url, redis_url, settings={"QUOTE_LOG_SAMPLE_RATIO": "1"}) as service:
        known(service, key)
        answer = service.quote(key)
        service.wait_for(lambda: bool(service.log_lines("quote")), "the line is written")
        (line,) = service.log_lines("quote")
        assert (line["outcome"], line["request_id"]) == ("miss", answer.headers["x-request-id"])
        # Where it listens is the address of the service itself.
        own = ('"event": "starting"', '"event": "listening"')
        output = "\n".join(
            line for line in service.started.output().splitlines() if not any(each in line for each in own)
        )
        for secret in (STREET, "Ankara", key, "127.0.0.1"):
            assert secret not in output, secret


def test_failing_all_the_time_does_not_fill_the_log(server_folder: Path, database_url: str, redis_url: str) -> None:
    key = new_key(database_url)
    with serving(server_folder, database_url, redis_url) as service:
        known(service, key)

        def drops() -> bool:
            for _ in range(LINES_PER_SECOND_MAX):
                service.quote(key, b"{")
            return service.figure("quote_log_lines_dropped_total") > 0

        service.wait_for(drops, "lines are left out")
        refused = service.figure('quote_refusals_total{status="400"}')
        dropped = service.figure("quote_log_lines_dropped_total")
        assert len(service.log_lines("quote")) == refused - dropped
