"""Price intelligence in a service that was started without its packages, from its first use on.

They are there while this is tested, and hidden from the service until it has run the installer.
Source: docs/spec/operations.md#packages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from quote_service.first_use import NOTICE
from tests.fixtures.serve import until
from tests.fixtures.service import Service, Started, start_development

_HIDING = """
import importlib.util, os, sys
from pathlib import Path

mark, find = Path(os.environ["HIDDEN_PACKAGES"]), importlib.util.find_spec


def find_spec(name, package=None):
    return None if name in ("duckdb", "numpy", "extruct") and mark.exists() else find(name, package)


importlib.util.find_spec = find_spec
if any(argument.endswith("install_packages.py") for argument in sys.orig_argv):
    import atexit

    atexit.register(mark.unlink)
"""


@pytest.fixture
def bare(server_folder: Path, tmp_path: Path) -> Iterator[tuple[Started, Service]]:
    """A development service from which packages are hidden until it has installed them."""
    (tmp_path / "sitecustomize.py").write_text(_HIDING)
    mark = tmp_path / "hidden"
    mark.touch()
    environment = {
        "PYTHONPATH": str(tmp_path),
        "HIDDEN_PACKAGES": str(mark),
        "PIP_NO_INDEX": "1",
        "QUOTE_ANALYSIS_SECONDS": "60",
    }
    started, service = start_development(server_folder / "bare", "--no-seed", environment=environment)
    yield started, service
    started.stop()


def test_the_first_use_installs_what_is_missing_and_says_so_until_it_is_there(bare: tuple[Started, Service]) -> None:
    started, service = bare
    with service.checkout() as api:
        assert NOTICE not in api.get("/api/v1/products").headers
        assert "Installing" not in started.output()
        answer = api.get("/api/v1/sources")
        assert answer.headers[NOTICE].endswith("within a minute or two: duckdb, extruct, numpy.")
        assert page_says(service, "within a minute or two: duckdb, extruct, numpy.")
        until(lambda: NOTICE not in api.get("/api/v1/sources").headers, "the packages are there")
        assert "packages of uv.lock for --extra intelligence" in started.output()
        # Its loops go on without another start.
        until(lambda: bool(api.get("/api/v1/market/runs").json()["data"]), "the market is analysed")
        assert not page_says(service, "within a minute or two")


def page_says(service: Service, text: str) -> bool:
    with httpx.Client(base_url=service.url, timeout=30) as browser:
        browser.post("/sign-in", data={"email": service.admin_email, "password": service.admin_password})
        page = browser.get("/admin/sources")
        assert page.status_code == 200
        return text in page.text
