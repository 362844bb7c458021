"""The page of behaviour, as pasted: its requests against the service, and the answer that it shows.

Source: docs/behaviour.md.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.behaviour.test_api import product, totals_of  # noqa: F401 (a fixture)
from tests.fixtures.service import Service

PAGE = (Path(__file__).parents[2] / "docs/behaviour.md").read_text("utf-8")


@pytest.mark.parametrize("key", ["checkout", "telemetry"])
def test_the_page_can_be_pasted(
    service: Service,
    admin: httpx.Client,
    product: str,  # noqa: F811 (the fixture)
    key_with: Callable[..., dict[str, str]],
    key: str,
) -> None:
    report, read = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    given = {
        "URL": service.url,
        # As the page says, a key with this one scope is enough.
        "KEY": service.api_key if key == "checkout" else key_with("telemetry:write")["X-API-Key"],
        "TOKEN": service.admin_token,
        "PRODUCT": product,
    }

    def paste(block: str) -> list[dict[str, object]]:
        command = ["bash", "-euo", "pipefail", "-c", block]
        pasted = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, check=False)
        assert pasted.returncode == 0, pasted.stderr
        # One answer behind the other.
        decoder, answers, rest = json.JSONDecoder(), [], pasted.stdout.strip()
        while rest:
            answer, end = decoder.raw_decode(rest)
            answers.append(answer)
            rest = rest[end:].strip()
        return answers

    (shown,) = re.findall(r"^# (\{.*\})$", report, re.MULTILINE)
    (answer,) = paste(report)
    assert {name: answer[name] for name in json.loads(shown)} == json.loads(shown)
    # Sent again with its key, as one does without an answer: nothing is counted twice.
    paste(report)
    wanted = {"views": 1, "searches": 0, "carts": 1, "cart_units": 2, "purchases": 0, "purchase_units": 0}
    assert totals_of(admin, product, lambda totals: totals == wanted) == wanted
    points, ranked = paste(read)
    assert points["data"]["totals"] == wanted  # type: ignore[index]
    assert ranked["success"] is True
