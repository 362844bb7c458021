"""Compile the quote path to machine code: a second copy of the package, in `build/compiled`, that runs in place of the first.

    python deploy/compile_package.py [--into build/compiled]

mypyc compiles the modules below from their ordinary, typed source; nothing else changes, and everything runs without it.
The sources are copied first, so that an edited module can never be hidden by an older compiled one: `make` makes the
copy anew when a source is newer. Needs a C compiler.

What is not in the list stays interpreted: modules whose structs msgspec decodes (it reads their annotations, which
compiled classes no longer have in full), and classes that others derive from at run time.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILED = """
    domain/identifiers domain/instants domain/money domain/quote domain/scaled_numbers
    engine/answer/amount_texts engine/answer/encode_quote engine/answer/plain_flags
    engine/commission/charge engine/commission/choose_rates engine/commission/commission_for_quote
    engine/fingerprint engine/flags/bucketing/mm3_v1 engine/flags/quote_flags engine/pricing/find_sales
    engine/pricing/apply_discounts engine/pricing/charge_delivery engine/pricing/charge_small_basket
    engine/pricing/charge_tax engine/pricing/discount_amounts engine/pricing/distance
    engine/pricing/price_lines engine/pricing/price_quote engine/pricing/worksheet
    api/hot_path api/key_ring api/known_heads api/quote_door api/request_heads api/request_ids api/wire/decode_basket
    flows/flash_sales/sale_prices flows/issue_quote flows/local_quotes flows/sign_quote flows/turnstile
    redis_store/share_quotes system/new_ids telemetry/quote_meters
""".split()
_SETUP = """
from mypyc.build import mypycify
from setuptools import setup

# Types are checked elsewhere (`make check`); here only what mypyc itself needs to know counts.
options = ["--config-file=pyproject.toml", "--follow-imports=silent", "--no-warn-unused-ignores"]
options += ["--disable-error-code=misc", "--disable-error-code=arg-type"]
setup(name="compiled", packages=[], ext_modules=mypycify([*{modules!r}, *options], opt_level="3", debug_level="0"))
"""


def compile_package(into: Path) -> None:
    """Copy the package and compile its quote path there; what was there before is replaced only when all went well."""
    making = into.with_name(into.name + ".new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    shutil.copytree(ROOT / "quote_service", making / "quote_service", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "migrations", making / "quote_service" / "migrations")
    shutil.copy(ROOT / "pyproject.toml", making)
    modules = [f"quote_service/{module}.py" for module in COMPILED]
    (making / "setup.py").write_text(_SETUP.format(modules=modules))
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    subprocess.run(command, cwd=making, check=True, capture_output=True, text=True)  # noqa: S603 (our own script)
    shutil.rmtree(making / "build", ignore_errors=True)
    shutil.rmtree(into, ignore_errors=True)
    making.rename(into)


def main() -> int:
    """Compile, or say in one line why not."""
    parser = argparse.ArgumentParser(description="Compile the quote path with mypyc.")
    parser.add_argument("--into", type=Path, default=ROOT / "build" / "compiled")
    into = parser.parse_args().into
    try:
        compile_package(into)
    except subprocess.CalledProcessError as failure:
        print(failure.stdout + failure.stderr, file=sys.stderr)
        return 1
    print(f"The quote path is compiled: {into}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
