"""What feature flags cost in process, beside other libraries that do the same: evaluations, ten flags, loading a thousand.

    python -m loadtests.flag_cost

Allowed are 0.2 us for a static flag, 0.7 us for one with region, segment, window and percentage, 7 us for ten flags of a
quote, and 50 ms for loading 1 000. Libraries are asked in turns; figures are CPU time and the best of several rounds, since
everything else on the machine only ever adds to them. Other libraries are packages of the `load` extra; one that is missing is named.

Source: docs/spec/feature-flags.md#cost.
"""

import timeit
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from time import process_time
from typing import Any

import msgspec

from loadtests.flag_peers import ENDS, KINDS, STARTS, TEN, Library, Missing, many, peers
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.flags.compiled_flag import compile_flag
from quote_service.pricing.flags.decision import Decision, Subject
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.price_quote import quote_flags
from quote_service.pricing.regions import address_regions
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_flag

AT_US = 1_770_000_000_000_000
CUSTOMER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
SUBJECT = Subject(
    CUSTOMER,
    "gold",
    ["returning", "newsletter", "mobile"],
    address_regions("TR", "İstanbul", "Kadıköy"),
    attributes={"session": "b1946ac9"},
)
WINDOW = f'"starts_at": "{STARTS}", "ends_at": "{ENDS}"'
ARMS = '"variants": [{"key": "a", "value": true, "weight": 1}, {"key": "b", "value": true, "weight": 1}]'
FULL = f'{{"regions": ["TR/Istanbul"], "customer_segments": ["newsletter", "vip"], {WINDOW}, "percentage": 99}}'
ROLLOUTS: Mapping[str, str | None] = {
    "static": None,
    "percentage": '{"percentage": 99}',
    "full": FULL,
    "arms": f"{FULL[:-1]}, {ARMS}}}",
}
# Kinds that other libraries have no counterpart of.
OWN: Mapping[str, tuple[str, str]] = {
    "three regions and tiers": ("mm3-v1", '{"regions": ["DE", "FR", "TR"], "customer_tiers": ["gold", "silver"]}'),
    "by an attribute": ("mm3-v1", '{"percentage": 99, "stickiness": "session"}'),
    "override": ("mm3-v1", f'{{{ARMS}, "overrides": {{"{CUSTOMER}": "a"}}}}'),
    "unleash, percentage": ("unleash", '{"percentage": 99}'),
    "growthbook-v1, percentage": ("growthbook-v1", '{"percentage": 99}'),
    "growthbook-v2, percentage": ("growthbook-v2", '{"percentage": 99}'),
}
WORDS = {
    "static": "static",
    "percentage": "percentage",
    "full": "region, segment, window, percentage",
    "arms": "the same with two arms",
    "ten": "ten flags",
    "load": "loading 1 000 flags",
}
ALLOWED = {"static": 0.2, "full": 0.7, "ten": 7.0, "load": 50.0}
SERVICE = "quote-service"
_ROUNDS, _EVALUATION_SECONDS = 15, 0.02


class FlagCost(msgspec.Struct, frozen=True):
    """What a library takes for something, of the service or another: microseconds, of `load` milliseconds; by round."""

    what: str
    library: str
    rounds: list[float]

    @property
    def best(self) -> float:
        """The least of the rounds: whatever else the machine does only adds."""
        return min(self.rounds)


def draft(key: str, rollout: str | None, algorithm: str = "mm3-v1") -> FlagDraft:
    """A BOOLEAN flag that is on."""
    text = f'{{"key": "{key}", "type": "BOOLEAN", "value": true, "is_enabled": true, "algorithm": "{algorithm}"'
    return convert_exact(parse_exact(f'{text}, "rollout": {rollout or "null"}}}'), FlagDraft)


def ours() -> Library:
    """The service's own, as a worker evaluates and loads them."""
    flags = {kind: compile_flag(draft(kind, rollout), 1, AT_US) for kind, rollout in ROLLOUTS.items()}
    rows = many(_row)
    ask: dict[str, Callable[[], object]] = {kind: partial(flags[kind].evaluate, SUBJECT) for kind in KINDS}
    exposed = tuple(compile_flag(draft(f"{kind}-{place}", ROLLOUTS[kind]), 1, AT_US) for place, kind in enumerate(TEN))
    ask["ten"] = partial(quote_flags, exposed, SUBJECT)
    return Library(SERVICE, ask, lambda: EffectivePeriod((), map(read_flag, rows), AT_US))


def _row(key: str, kind: str) -> dict[str, Any]:
    """A flag's row as PostgreSQL hands it over."""
    columns = {"id": key, "key": key, "type": "BOOLEAN", "value": "true", "default_value": None, "name": None}
    more = {"description": None, "is_enabled": True, "rollout": ROLLOUTS[kind], "expose_in_quote": True, "version": 1}
    rest = {"accept_group": False, "salt": None, "algorithm": "mm3-v1", "is_archived": False, "state": "ACTIVE"}
    return {**columns, **more, **rest, "changed_in": 1}


def measure(say: Callable[[str], None] = lambda text: None) -> list[FlagCost]:
    """Every library that is there, in turns."""
    libraries = [ours()]
    for peer in peers(CUSTOMER, AT_US):
        if isinstance(peer, Missing):
            say(f"without {peer.name}: {peer.reason}")
        else:
            libraries.append(peer)
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(_ROUNDS):
        for library in libraries:
            for what, cost in _costs(library):
                found.setdefault((what, library.name), []).append(cost)
    return [FlagCost(what, library, rounds) for (what, library), rounds in found.items()]


def _costs(library: Library) -> Iterator[tuple[str, float]]:
    for kind in KINDS:
        # All say the same, or what is compared would not be.
        said = library.ask[kind]()
        assert said is True or (isinstance(said, Decision) and said.is_true), (library.name, kind)
        yield kind, _us(library.ask[kind])
    yield "ten", _us(library.ask.get("ten") or _ten(library))
    yield "load", timeit.timeit(library.load, number=1, timer=process_time) * 1000


def _ten(library: Library) -> Callable[[], object]:
    asked = [library.ask[kind] for kind in TEN]
    return lambda: [ask() for ask in asked]


def _us(run: Callable[[], object]) -> float:
    """One call in microseconds, the call of the loop around it included."""
    timer = timeit.Timer("run()", globals={"run": run}, timer=process_time)
    number = max(10, int(_EVALUATION_SECONDS / max(timer.timeit(10) / 10, 1e-8)))
    return timer.timeit(number) / number * 1e6


def own_kinds() -> dict[str, float]:
    """One evaluation of each kind that is the service's own, in microseconds: the best of the rounds."""
    costs = {}
    for name, (algorithm, rollout) in OWN.items():
        flag = compile_flag(draft("checkout", rollout, algorithm), 1, AT_US)
        costs[name] = min(_us(partial(flag.evaluate, SUBJECT)) for _ in range(_ROUNDS))
    return costs


def write_costs(costs: list[FlagCost]) -> str:
    """A row for each thing that is done, a column for each library, and how many times as long as here it takes."""
    libraries = list(dict.fromkeys(cost.library for cost in costs))
    best = {(cost.what, cost.library): cost.best for cost in costs}
    width = max(len(words) for words in WORDS.values()) + 2
    heads = "".join(f"{library:>30}" for library in libraries[1:])
    lines = [f"  {f'us (loading: ms), best of {_ROUNDS}':<{width}}{'allowed':>9}{SERVICE:>15}{heads}"]
    for what, words in WORDS.items():
        mine = best[what, SERVICE]
        cells = "".join(
            f"{best[what, library]:>20.2f} ({best[what, library] / mine:>5.1f} x)" for library in libraries[1:]
        )
        lines.append(f"  {words:<{width}}{ALLOWED.get(what, ''):>9}{mine:>15.3f}{cells}")
    return "\n".join(lines)


def main() -> None:
    """Print all of it."""
    print(f"flags in process, evaluated from {from_micros(AT_US):%Y-%m-%d} on")
    print(write_costs(measure(print)))
    print("  of the service alone")
    for name, cost_us in own_kinds().items():
        print(f"  {name:<36}{cost_us:>24.3f}")


if __name__ == "__main__":
    main()
