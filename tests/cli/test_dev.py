"""`quote-service dev` as a user runs it: from nothing, again, twice at once, and stopped.

Source: docs/spec/operations.md#development.
"""

import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from quote_service.identity.model.demonstration import DEMONSTRATION_SHOPPERS
from quote_service.lab.dev.admin_api import SeedingFailed
from quote_service.lab.dev.demonstration import read_demonstration, renew_sales
from quote_service.lab.dev.demonstration_sales import RUNS_FOR
from quote_service.lab.dev.demonstration_shop import read_shop, renew_shop_sales, seed_shop
from tests.fixtures.serve import until
from tests.fixtures.service import Service, Started, start_development

pytestmark = [
    pytest.mark.second_try("kills and stops a whole installation"),
    pytest.mark.long("starts whole installations, one or more for each test"),
]


@pytest.fixture(scope="module")
def data_dir(server_folder: Path) -> Path:
    return server_folder / "dev"


@pytest.fixture(scope="module")
def seeded(data_dir: Path) -> Iterator[tuple[Started, Service]]:
    """A service of this module's own, with the demonstration data."""
    started, service = start_development(data_dir)
    yield started, service
    started.stop()


def refused_start(folder: Path, *arguments: str) -> str:
    folder.mkdir(exist_ok=True)
    second = Started(["dev", *arguments], folder / "second.log")
    assert second.process.wait(60) == 1
    return second.output()


def test_dev_json_is_for_the_owner_alone(seeded: tuple[Started, Service], data_dir: Path) -> None:
    assert (data_dir / "dev.json").stat().st_mode & 0o777 == 0o600
    assert (data_dir / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert msgspec.json.decode((data_dir / "dev.json").read_bytes()).keys() == {
        "url", "api_key", "admin_email", "admin_password", "admin_token", "database_url", "redis_url",
    }  # fmt: skip


def test_what_is_printed_works_when_pasted(seeded: tuple[Started, Service]) -> None:
    started, service = seeded
    # Its addresses stand in a file before they are printed.
    until(lambda: "Ctrl-C" in started.output(), "all of it is printed", started)
    shown = started.output()
    assert service.url in shown
    assert service.admin_password in shown
    command = shown[shown.index("curl ") :].split("\n\n")[0].replace("\\\n", "")
    answer = msgspec.json.decode(subprocess.run(shlex.split(command), capture_output=True, check=True).stdout)
    assert answer["success"] is True, answer
    assert answer["data"]["total_amount"] == 92.22
    assert answer["data"]["coupons"] == [{"code": "WELCOME20", "status": "applied", "reason": None, "amount": 15.3}]
    assert answer["data"]["warnings"] == []


def test_the_demonstration_data_is_there_once(seeded: tuple[Started, Service]) -> None:
    _, service = seeded
    demonstration, shop = read_demonstration(), read_shop()
    with service.admin() as admin:
        for path, there in (
            ("commission-rates", demonstration.commission_rates),
            ("pricing-rules", [*demonstration.pricing_rules, *shop.pricing_rules]),
            ("feature-flags", demonstration.feature_flags),
            ("flash-sales?state=active", [*demonstration.flash_sales, *shop.flash_sales]),
            ("categories", shop.categories),
            ("products", shop.products),
            ("inventory", shop.products),
            ("sellers", shop.sellers),
            ("customers", [*shop.customers, *DEMONSTRATION_SHOPPERS]),
            ("users?role=user", DEMONSTRATION_SHOPPERS),
            ("campaigns?status=active", shop.campaigns),
        ):
            assert len(admin.get(f"/api/v1/{path}").json()["data"]) == len(there)


def test_an_interrupted_demonstration_is_completed(seeded: tuple[Started, Service]) -> None:
    """A start that is stopped in the middle leaves some of it there, and the next one puts it in again."""
    _, service = seeded
    lists = (
        "categories",
        "sellers",
        "products",
        "inventory",
        "customers",
        "users",
        "pricing-rules",
        "campaigns",
        "flash-sales",
    )
    with service.admin() as admin:
        before = [admin.get(f"/api/v1/{name}").json()["data"] for name in lists]
        seed_shop(service.url, service.admin_token)
        assert [admin.get(f"/api/v1/{name}").json()["data"] for name in lists] == before


def test_a_flash_sale_that_is_over_begins_again_and_ends_on_the_same_day(seeded: tuple[Started, Service]) -> None:
    _, service = seeded
    with service.admin() as admin:
        running = {each["name"]: each for each in admin.get("/api/v1/open-flash-sales").json()["data"]}
        assert len(running) == 2
        for each in running.values():
            assert admin.post(f"/api/v1/flash-sales/{each['id']}/end").status_code == 200
        # The service does so by itself too; whoever is second finds it done.
        renew_sales(service.url, service.admin_token)
        renew_shop_sales(service.url, service.admin_token)
        again = {each["name"]: each for each in admin.get("/api/v1/open-flash-sales").json()["data"]}
    now = datetime.now(UTC)
    assert again.keys() == running.keys()
    for name, each in again.items():
        assert each["id"] != running[name]["id"]
        assert datetime.fromisoformat(each["starts_at"]) <= now
        assert now < datetime.fromisoformat(each["ends_at"]) <= now + RUNS_FOR


def test_a_demonstration_that_is_refused_says_why(seeded: tuple[Started, Service]) -> None:
    _, service = seeded
    with pytest.raises(SeedingFailed, match="answered with 401"):
        seed_shop(service.url, "no token")


def test_the_password_logs_in(seeded: tuple[Started, Service]) -> None:
    _, service = seeded
    with service.anonymous() as anonymous:
        body = {"email": service.admin_email, "password": service.admin_password}
        assert anonymous.post("/api/v1/auth/login", json=body).status_code == 200


def test_a_second_one_on_the_same_data_is_refused(
    seeded: tuple[Started, Service], data_dir: Path, tmp_path: Path
) -> None:
    started, service = seeded
    messages = refused_start(tmp_path, "--port", "0", "--data-dir", str(data_dir))
    assert str(started.process.pid) in messages
    assert str(data_dir) in messages
    assert "Traceback" not in messages
    assert httpx.get(f"{service.url}/health/ready").status_code == 200
    assert (data_dir / "dev.json").exists()


def test_a_taken_port_is_reported_before_anything_is_started(
    seeded: tuple[Started, Service], server_folder: Path, tmp_path: Path
) -> None:
    _, service = seeded
    other = server_folder / "other"
    messages = refused_start(tmp_path, "--port", service.url.rpartition(":")[2], "--data-dir", str(other))
    assert "address already in use" in messages
    assert "Traceback" not in messages
    assert not other.exists()


def test_settings_of_the_environment_are_taken_and_named(server_folder: Path) -> None:
    environment = {
        "QUOTE_TTL_SECONDS": "60",
        "QUOTE_RATE_LIMIT_USER": "5/7",
        "QUOTE_KAFKA_PASSWORD": "not to be shown",
        "QUOTE_PORT": "1",
        "DATABASE_URL": "postgresql://other:secret@127.0.0.1:1/other",
    }
    started, service = start_development(server_folder / "settings", "--no-seed", environment=environment)
    try:
        [taken, not_used] = [
            line for line in started.output().splitlines() if line.startswith(("Settings from", "Not used"))
        ]
        assert taken.split("  ")[0] == "Settings from the environment: QUOTE_TTL_SECONDS=60"
        assert {"QUOTE_RATE_LIMIT_USER=5/7", "QUOTE_KAFKA_PASSWORD=***"} <= set(taken.split("  "))
        assert {"DATABASE_URL", "QUOTE_PORT"} <= set(re.findall(r"[A-Z_]+", not_used))
        assert not [secret for secret in ("not to be shown", "other:secret") if secret in started.output()]
        # The basket is written after dev.json, before this is said.
        until(lambda: "The quote service is ready." in started.output(), "the first basket is written", started)
        with service.checkout() as checkout:
            basket = msgspec.json.decode((server_folder / "settings" / "basket.json").read_bytes())
            answer = checkout.post("/api/v1/quote", json=basket)
        valid_until = datetime.fromisoformat(answer.json()["data"]["valid_until"])
        assert valid_until - datetime.now(UTC) <= timedelta(seconds=60)
    finally:
        started.stop()


def test_a_setting_that_does_not_exist_is_refused_before_anything_is_started(server_folder: Path) -> None:
    folder = server_folder / "mistyped"
    folder.mkdir()
    started = Started(
        ["dev", "--port", "0", "--data-dir", str(folder / "data")],
        folder / "log",
        {"QUOTE_TTL_SECNDS": "60", "QUOTE_EVENT_BUS": "kafka"},
    )
    assert started.process.wait(60) == 1
    assert "QUOTE_TTL_SECNDS is no setting; QUOTE_TTL_SECONDS is" in started.output()
    assert not (folder / "data").exists()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_stopped_and_started_again_it_is_the_same(server_folder: Path, sent: signal.Signals) -> None:
    data_dir = server_folder / f"again-{sent.name}"
    started, first = start_development(data_dir, "--no-seed")
    with first.admin() as admin:
        body = {"name": "checkout", "scopes": ["quote:write"]}
        assert admin.post("/api/v1/api-keys", json=body).status_code == 201
    started.process.send_signal(sent)
    assert started.process.wait(60) == 0
    assert not (data_dir / "dev.json").exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{first.url}/health/live")
    started, second = start_development(data_dir, "--no-seed")
    try:
        assert (second.api_key, second.admin_password) == (first.api_key, first.admin_password)
        with second.admin() as admin:
            assert {key["name"] for key in admin.get("/api/v1/api-keys").json()["data"]} == {"development", "checkout"}
            token_of_the_first = {"Authorization": f"Bearer {first.admin_token}"}
            assert admin.get("/api/v1/users", headers=token_of_the_first).status_code == 200
    finally:
        assert started.stop() == 0


def test_a_crash_leaves_nothing_in_the_way(server_folder: Path) -> None:
    data_dir = server_folder / "crash"
    started, first = start_development(data_dir, "--no-seed")
    started.kill()
    assert (data_dir / "dev.json").exists()
    (data_dir / "dev.json").unlink()  # or the start below would be seen as ready at once
    started, second = start_development(data_dir, "--no-seed")
    try:
        assert second.api_key == first.api_key
        with second.checkout() as checkout:
            until(lambda: checkout.get("/health/ready").json()["status"] == "ready", "ready", started)
    finally:
        assert started.stop() == 0
