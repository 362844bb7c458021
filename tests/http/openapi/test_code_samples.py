"""Each sample of each operation sends what the description says: all are run, by shell, Python and node, at a server that records.

Source: docs/spec/operations.md#api-reference.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.http.openapi.described import document

LANGUAGES = ("curl", "Python", "TypeScript")
CREDENTIALS = {"QUOTE_API_KEY": "the-key", "QUOTE_TOKEN": "the-token"}
SHOWN = ("x-api-key", "authorization", "idempotency-key", "content-type")


class Sent(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Recorder(ThreadingHTTPServer):
    """Answers every request with JSON, and keeps it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.sent: list[Sent] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def taken(self) -> list[Sent]:
        """What has arrived since it was asked last."""
        sent, self.sent = self.sent, []
        return sent


class _Answer(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name: value for name in SHOWN if (value := self.headers.get(name)) is not None}
        assert isinstance(self.server, Recorder)
        self.server.sent.append(Sent(self.command, self.path, headers, body))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def samples(language: str) -> list[str]:
    """The sample of each operation, in the order of the document."""
    return [
        sample["source"]
        for _, _, operation in operations()
        for sample in operation["x-codeSamples"]
        if sample["label"] == language
    ]


def run_all(language: str, recorder: Recorder, folder: Path) -> None:
    """Run every sample, one after the other."""
    environment = {**os.environ, **CREDENTIALS, "QUOTE_URL": recorder.url}
    if language == "Python":
        for source in samples(language):
            with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(io.StringIO()):
                for name in (*CREDENTIALS, "QUOTE_URL"):
                    patched.setenv(name, environment[name])
                exec(compile(source, "sample.py", "exec"), {})
        return
    if language == "curl":
        script = folder / "samples.sh"
        script.write_text("set -e\n" + "\n".join(samples(language)), "utf-8")
        command = ["sh", str(script)]
    else:
        for number, source in enumerate(samples(language)):
            (folder / f"sample{number}.mjs").write_text(source, "utf-8")
        names = [f"./sample{number}.mjs" for number in range(len(samples(language)))]
        (folder / "all.mjs").write_text("".join(f'await import("{name}");\n' for name in names), "utf-8")
        command = ["node", "all.mjs"]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sample_sends_what_the_description_says(language: str, recorder: Recorder, tmp_path: Path) -> None:
    program = {"curl": "curl", "TypeScript": "node"}.get(language)
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    recorder.taken()
    run_all(language, recorder, tmp_path)
    sent = recorder.taken()
    expected = operations()
    assert len(sent) == len(expected) > 150
    for (path, method, operation), request in zip(expected, sent, strict=True):
        about = f"{method} {path}"
        assert request.method == method.upper(), about
        target, _, query = request.path.partition("?")
        assert re.fullmatch(re.sub(r"\\{[^}]+\\}", "[^/{}]+", re.escape(path)), target), about
        needed = [reported for reported in operation.get("parameters", ()) if reported.get("required")]
        assert [reported["name"] for reported in needed if reported["in"] == "query"] == re.findall(
            r"([^=&]+)=[^=&]+", query
        ), about
        for header in (reported["name"] for reported in needed if reported["in"] == "header"):
            assert request.headers[header.lower()], about
        assert credentials(request) == wanted_credentials(operation), about
        body = operation.get("requestBody", {})
        if not body.get("required"):
            assert request.body == b"", about
            continue
        media_type, content = next(iter(body["content"].items()))
        assert request.headers["content-type"] == media_type, about
        if media_type == "application/json":
            assert json.loads(request.body) == content["example"], about
        else:
            assert request.body.decode() == content["example"].replace("\r\n", "\n"), about


def credentials(request: Sent) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name in ("x-api-key", "authorization")}


def wanted_credentials(operation: dict[str, Any]) -> dict[str, str]:
    if {} in operation["security"]:
        return {}
    if {"ApiKey": []} in operation["security"]:
        return {"x-api-key": CREDENTIALS["QUOTE_API_KEY"]}
    return {"authorization": f"Bearer {CREDENTIALS['QUOTE_TOKEN']}"}


def test_every_operation_has_a_sample_in_each_language() -> None:
    for path, method, operation in operations():
        assert tuple(sample["label"] for sample in operation["x-codeSamples"]) == LANGUAGES, f"{method} {path}"
