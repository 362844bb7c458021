"""The samples of `docs/spec/signature.md` say the same as the service."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pricing.laws import laws
from tests.quotes.lifecycle.issued import KEYS, WiderWorld, issued_text

DOCS = Path(__file__).parents[3] / "docs"
NODE = shutil.which("node")
FLAGS = [
    {"key": "n", "type": "NUMBER", "value": Decimal("10.0"), "is_enabled": True},
    {"key": "big", "type": "NUMBER", "value": Decimal("1e22"), "is_enabled": True},
    {"key": "small", "type": "NUMBER", "value": Decimal("-0.0000001250"), "is_enabled": True},
    {
        "key": "j",
        "type": "JSON",
        "value": {"b": [Decimal("1e2"), {"2": None, "10": "é\u2028\x7f\x1f"}], "amount": Decimal("5.0"), "a": False},
        "is_enabled": True,
    },
]
_RUN = """
const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const keys = Object.fromEntries(cases.keys.map(([id, hex]) => [id, Buffer.from(hex, "hex")]));
console.log(JSON.stringify(cases.texts.map((text) => holds(JSON.parse(text), keys))));
"""


def sample(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / "spec" / "signature.md").read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def holds() -> Callable[[Any, dict[str, bytes]], bool]:
    names: dict[str, Any] = {}
    exec(compile(sample("python"), "signature.md", "exec"), names)
    checked: Callable[[Any, dict[str, bytes]], bool] = names["holds"]
    return checked


@laws(100)
@given(world=st.integers(0, 2**48).map(WiderWorld), with_flags=st.booleans())
def test_the_python_sample_holds(
    holds: Callable[[Any, dict[str, bytes]], bool], world: WiderWorld, with_flags: bool
) -> None:
    text = issued_text(world, FLAGS if with_flags else None)
    for data in (json.loads(text), json.loads(text, parse_float=Decimal)):
        assert holds(data, dict(KEYS))
        assert not holds({**data, "total_amount": data["total_amount"] + 1}, dict(KEYS))
        assert not holds({**data, "feature_flags": {**data["feature_flags"], "more": 1}}, dict(KEYS))
    assert not holds(json.loads(text), {"old": b"o" * 32})


@pytest.mark.skipif(NODE is None, reason="there is no node here")
def test_the_javascript_sample_holds() -> None:
    texts = [issued_text(WiderWorld(seed), FLAGS if seed % 2 else None) for seed in range(100)]
    changed = [text.replace('"quantity":', '"quantity":1') for text in texts]
    cases = {"keys": [(key_id, secret.hex()) for key_id, secret in KEYS], "texts": texts + changed}
    assert NODE is not None
    done = subprocess.run(
        [NODE, "-e", sample("js") + _RUN],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout) == [True] * 100 + [False] * 100


def test_the_keys_of_a_sample_are_looked_up_by_id(holds: Callable[[Any, dict[str, bytes]], bool]) -> None:
    data = json.loads(issued_text(WiderWorld(3)))
    assert holds(data, dict(KEYS))
    key_id, _, digest = data["signature"].rpartition(".")
    assert not holds({**data, "signature": f"other{key_id}.{digest}"}, dict(KEYS))
