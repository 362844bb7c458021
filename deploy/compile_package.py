"""Which modules become machine code, and how: what `build_hook.py` puts into a wheel.

mypyc compiles the modules below from their ordinary, typed source; nothing else changes, and everything runs without it.
They are compiled in a copy of the sources, so nothing is ever written beside them. Needs a C compiler.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

COMPILED = """
    platform/system/identifiers platform/system/instants platform/money/amounts pricing/quote
    quotes/answer/value_texts quotes/answer/plain_flags quotes/answer/write_quote
    pricing/commission/charge pricing/commission/choose_rates pricing/commission/commission_for_quote
    pricing/commission/rates_ahead
    pricing/fingerprint pricing/flags/bucketing/mm3_v1 pricing/flags/decide pricing/flags/targeting pricing/flags/watched_flag
    rulebook/experiments/operations/exposure_log rulebook/experiments/model/observations pricing/quote_basis
    pricing/catalog/offer pricing/catalog/price_adjustment pricing/catalog/price_product pricing/catalog/price_rules
    pricing/rule_types/adjust_prices
    pricing/rule_types/discount_limits pricing/rule_types/apply_discounts pricing/rule_types/charge_fees
    pricing/rule_types/charge_tax pricing/rule_types/charge_commission_tax pricing/rulebook/rules_of_sellers
    pricing/rule_types/discounts/amount pricing/rule_types/discounts/bundle pricing/rule_types/discounts/bundle_sets
    pricing/rule_types/discounts/buy_x_get_y pricing/rule_types/discounts/fixed_price pricing/rule_types/discounts/percent
    pricing/rule_types/discounts/tiered_percent
    pricing/rulebook/asking pricing/price_lines pricing/below_cost pricing/price_quote pricing/pricing_context pricing/catalog/complete_basket
    quotes/routes/hot_path identity/operations/keys/key_ring platform/http/protocol/known_heads quotes/routes/quote_endpoint platform/http/protocol/request_heads platform/http/request_ids quotes/reading/decode_basket
    pricing/sales/sale_prices quotes/operations/issue_quote quotes/operations/write_answer
    quotes/operations/local_quotes quotes/operations/sign_quote quotes/operations/quote_limiter
    quotes/operations/quote_request quotes/operations/count_quotes quotes/model/quote_cells
    quotes/tables/share_quotes platform/system/new_ids quotes/operations/quote_meters
    quotes/operations/request_warnings quotes/model/kept_bytes
    quotes/operations/issued_again quotes/operations/issued_prices steering/replay/operations/price_again steering/replay/model/count_quote steering/replay/model/unmoved
    platform/http/protocol/hot_cycle platform/http/protocol/head_reader platform/http/protocol/body_framing
    pricing/catalog/catalog_snapshot pricing/catalog/price_rows pricing/customers/customer_snapshot pricing/interned pricing/packed_rows
    pricing/rulebook/rulebook platform/redis_store/breaker platform/redis_store/keys rulebook/snapshot/operations/rulebook_holder platform/system/clock
""".split()
# What every quote passes through and is not compiled, and why. A test follows quotes and finds what is in neither list.
_STRUCT = (
    "msgspec structs, read and packed by C; msgspec needs their annotations, which compiled classes have not in full"
)
_DERIVED = "derived at run time from a class that is not compiled"
INTERPRETED = {
    "platform/http/protocol/bounded_protocol": _DERIVED,
    "platform/http/protocol/hot_protocol": _DERIVED,
    "platform/http/protocol/resting_connections": _DERIVED,
    "pricing/catalog/product_price": _STRUCT,
    "pricing/flags/compiled_flag": _STRUCT,
    "pricing/rulebook/compiled_rule": _STRUCT,
    "pricing/rulebook/effective_period": "works once for each stretch of time; a quote looks up what it has made",
    "platform/redis_store/command_link": _DERIVED,
}
_SAY_SECONDS = 10.0
_SETUP = """
from mypyc.build import mypycify
from setuptools import setup

# Types are checked elsewhere (`make check`); here only what mypyc itself needs to know counts.
options = ["--config-file=pyproject.toml", "--follow-imports=silent", "--no-warn-unused-ignores"]
options += ["--disable-error-code=misc", "--disable-error-code=arg-type"]
setup(name="compiled", packages=[], ext_modules=mypycify([*{modules!r}, *options], opt_level="3", debug_level="0"))
"""


def compile_modules(root: Path, into: Path) -> list[Path]:
    """Compile the modules of the list.

    Args:
        root: The project.
        into: An empty folder, for a copy of the package.

    Returns:
        The shared objects, in `into`: one beside each module, and one of their own above the package.

    Raises:
        subprocess.CalledProcessError: The compiler failed; what it said has been printed.
    """
    shutil.copytree(root / "quote_service", into / "quote_service", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", into)
    modules = [f"quote_service/{module}.py" for module in COMPILED]
    (into / "setup.py").write_text(_SETUP.format(modules=modules))
    _run([sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"], into)
    shutil.rmtree(into / "build", ignore_errors=True)
    return sorted([*into.glob("*.so"), *into.glob("quote_service/**/*.so")])


def _run(command: list[str], folder: Path) -> None:
    print(f"Compiling the quote path to machine code, {len(COMPILED)} modules: one to a few minutes", flush=True)
    started = time.monotonic()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while True:
            try:
                output, errors = running.communicate(timeout=_SAY_SECONDS)
                break
            except subprocess.TimeoutExpired:
                print(f"  {time.monotonic() - started:.0f} s", flush=True)
    if running.returncode:
        print(output + errors, file=sys.stderr, flush=True)
        raise subprocess.CalledProcessError(running.returncode, command)
    print(f"  done after {time.monotonic() - started:.0f} s", flush=True)
