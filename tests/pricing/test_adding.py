"""Adding a rule type, a condition or a kind of discount is adding a module: nothing else names them."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.mark.long("each in a process of its own that imports all")
@pytest.mark.parametrize("added", ["kind_of_discount", "rule_type", "price_type"])
def test_an_added_module_is_all_it_takes(added: str) -> None:
    """Reading, refusing, pricing, explaining, the check and the schema follow; see `added/cases.py`."""
    cases = ["-p", "tests.pricing.added.plugin", "tests/pricing/added/cases.py", "-k", added, "-q", "--no-header"]
    run = subprocess.run([sys.executable, "-m", "pytest", *cases], cwd=PROJECT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
