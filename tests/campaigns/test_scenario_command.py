"""`quote-service scenario` as a person or a program starts it.

Source: docs/spec/campaigns.md#scenario-files.
"""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from quote_service.serving.cli import main
from tests.campaigns.played import COMMAND, ENVIRONMENT, PROJECT, run_command
from tests.campaigns.test_golden_scenarios import GOLDEN

CREATE = b"create_product P1 100 5\n"
CREATED = "Product created; code P1, price 100, stock 5\n"
# What a command of the service loads and this one needs none of.
HEAVY = "asyncio asyncpg cryptography hiredis litestar opentelemetry redis structlog uvicorn quote_service.platform.settings"


def test_standard_input_is_read_for_a_dash() -> None:
    done = run_command("-", stdin=CREATE)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, CREATED, b"")


def test_a_bad_line_is_exit_status_1_and_stands_where_it_happened() -> None:
    done = subprocess.run(
        [*COMMAND, "-"],
        cwd=PROJECT,
        env=ENVIRONMENT,
        input=CREATE + b"fly\n" + b"create_order P1 1",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout.decode() == f'{CREATED}line 2: unknown command "fly"\nOrder created; product P1, quantity 1\n'


def test_each_line_is_answered_before_the_next_is_written() -> None:
    with subprocess.Popen(
        [*COMMAND, "-"], cwd=PROJECT, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(CREATE)
        running.stdin.flush()
        assert running.stdout.readline().decode() == CREATED
        running.stdin.write(b"increase_time 25")
        running.stdin.close()
        assert running.stdout.read() == b"Time is 1d 01:00\n"
    assert running.returncode == 0


@pytest.mark.parametrize("arguments", [["{folder}/none.txt"], ["{folder}"], [], ["-", "-"], ["--fly", "-"]])
def test_a_file_that_cannot_be_read_is_exit_status_2(tmp_path: Path, arguments: list[str]) -> None:
    done = run_command(*(argument.format(folder=tmp_path) for argument in arguments))
    assert done.returncode == 2
    assert b"Error: " in done.stderr
    assert b"Traceback" not in done.stderr
    assert not done.stdout


def test_a_reader_that_leaves_ends_it_quietly(tmp_path: Path) -> None:
    scenario = tmp_path / "long.txt"
    scenario.write_bytes(CREATE + b"get_product_info P1\n" * 100_000)
    reader, writer = os.pipe()
    with subprocess.Popen(
        [*COMMAND, str(scenario)], cwd=PROJECT, env=ENVIRONMENT, stdout=writer, stderr=subprocess.PIPE
    ) as running:
        os.close(writer)
        os.read(reader, 10)
        os.close(reader)
        assert running.stderr is not None
        assert running.stderr.read() == b""
    assert running.returncode == 1


def test_json_says_what_the_text_says() -> None:
    text = run_command(str(GOLDEN / "long.txt"))
    done = run_command("--json", str(GOLDEN / "long.txt"))
    assert (done.returncode, done.stderr) == (text.returncode, text.stderr)
    lines = done.stdout.decode().splitlines()
    assert [_as_text(json.loads(line, parse_float=Decimal)) for line in lines] == text.stdout.decode().splitlines()
    numbers = [json.loads(line)["line"] for line in lines]
    assert numbers == sorted(set(numbers))
    given = (GOLDEN / "long.txt").read_text("utf-8").splitlines()
    assert all(given[json.loads(line)["line"] - 1].split()[0] == json.loads(line)["command"] for line in lines)


def test_amounts_in_json_have_the_digits_of_the_currency() -> None:
    scenario = CREATE + b"create_order P1 2\ncreate_campaign C P1 10 7.50 1\nget_campaign_info C\nincrease_time 30\n"
    assert run_command("--json", "-", stdin=scenario).stdout.decode().splitlines() == [
        '{"line":1,"command":"create_product","code":"P1","price":100.00,"stock":5}',
        '{"line":2,"command":"create_order","product":"P1","quantity":2,"unit_price":100.00}',
        '{"line":3,"command":"create_campaign","name":"C","product":"P1","duration":10,"price_manipulation_limit":7.5,'
        '"target_sales_count":1}',
        '{"line":4,"command":"get_campaign_info","name":"C","status":"active","target_sales":1,"total_sales":0,'
        '"turnover":0.00,"average_item_price":null}',
        '{"line":5,"command":"increase_time","time":"1d 06:00","hours":30}',
    ]


def test_it_needs_no_settings_and_loads_no_service() -> None:
    program = (
        "import sys; from quote_service.serving.cli import main\n"
        "main(['scenario', '--plot', '/dev/null', '-'], standalone_mode=False)\n"
        f"loaded = [name for name in {HEAVY.split()!r} if name in sys.modules]\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    # A setting that every other command would refuse.
    environment = {**ENVIRONMENT, "QUOTE_PORT": "none"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, env=environment, input=CREATE, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.decode(), done.stdout.decode()) == (0, "", CREATED)


def test_codes_print_where_the_locale_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("create_product Größe 1 1\nget_product_info Größen\n", "utf-8")
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [*COMMAND, str(tmp_path / "s.txt")], cwd=PROJECT, env=environment, capture_output=True, check=False
    )
    assert done.stdout.decode() == "Product created; code Größe, price 1, stock 1\n"
    assert done.stderr.startswith(b"line 2: there is no product ")
    assert done.returncode == 1


def test_a_drawing_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    done = run_command("--plot", str(tmp_path / "none" / "p.svg"), "-", stdin=CREATE)
    assert done.returncode == 1
    assert b"p.svg" in done.stderr
    assert b"Traceback" not in done.stderr


def test_it_runs_within_a_process_too() -> None:
    done = CliRunner().invoke(main, ["scenario", "-"], input=CREATE)
    assert (done.exit_code, done.output) == (0, CREATED)


def _as_text(shown: dict[str, object]) -> str:
    """The line of text that an object stands for."""
    match shown:
        case {"command": "create_product", "code": code, "price": price, "stock": stock}:
            return f"Product created; code {code}, price {_plain(price)}, stock {stock}"
        case {"command": "get_product_info", "code": code, "price": price, "stock": stock}:
            return f"Product {code} info; price {_plain(price)}, stock {stock}"
        case {"command": "create_order", "product": product, "quantity": quantity, "unit_price": Decimal()}:
            return f"Order created; product {product}, quantity {quantity}"
        case {"command": "create_campaign", "name": name, "product": product, "duration": duration}:
            limit, target = shown["price_manipulation_limit"], shown["target_sales_count"]
            return (
                f"Campaign created; name {name}, product {product}, duration {duration}, limit {_plain(limit)}, "
                f"target sales count {target}"
            )
        case {"command": "get_campaign_info", "name": name, "status": str(status), "target_sales": target}:
            average = shown["average_item_price"]
            return (
                f"Campaign {name} info; Status {status.title()}, Target Sales {target}, "
                f"Total Sales {shown['total_sales']}, Turnover {_plain(shown['turnover'])}, "
                f"Average Item Price {'-' if average is None else _plain(average)}"
            )
        case {"command": "increase_time", "time": time, "hours": int(hours)}:
            assert str(time).endswith(f"{hours % 24:02}:00")
            return f"Time is {time}"
    raise AssertionError(shown)


def _plain(number: object) -> str:
    assert isinstance(number, Decimal | int)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
