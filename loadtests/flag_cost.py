"""What a feature flag costs, in process: one evaluation of several kinds, and loading a thousand flags.

    python -m loadtests.flag_cost

Allowed are 0.2 us for a static flag, 0.7 us for one with region, segment, window and percentage, and 50 ms for loading
1 000. Figures are the best of several rounds, since everything else on the machine only ever adds to them.

Source: docs/spec/feature-flags.md#cost.
"""

import timeit
from collections.abc import Callable

from quote_service.documents.exact_documents import convert_exact, parse_exact
from quote_service.pricing.flags.compiled_flag import compile_flag
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.regions import address_regions
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from quote_service.system.instants import from_micros

AT_US = 1_770_000_000_000_000
CUSTOMER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
SUBJECT = Subject(
    CUSTOMER,
    "gold",
    ["returning", "newsletter", "mobile"],
    address_regions("TR", "İstanbul", "Kadıköy"),
    attributes={"session": "b1946ac9"},
)
WINDOW = '"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2050-01-01T00:00:00Z"'
ARMS = '"variants": [{"key": "a", "value": true, "weight": 1}, {"key": "b", "value": false, "weight": 1}]'
FULL = f'{{"regions": ["TR/Istanbul"], "user_segments": ["newsletter", "vip"], {WINDOW}, "percentage": 99}}'
ROLLOUTS = {
    "static": None,
    "percentage": '{"percentage": 99}',
    "region, segment, window, percentage": FULL,
    "the same with two arms": f"{FULL[:-1]}, {ARMS}}}",
    "three regions and tiers": '{"regions": ["DE", "FR", "TR"], "customer_tiers": ["gold", "silver"]}',
    "by an attribute": '{"percentage": 99, "stickiness": "session"}',
    "override": f'{{{ARMS}, "overrides": {{"{CUSTOMER}": "a"}}}}',
}


def draft(key: str, rollout: str | None, algorithm: str = "mm3-v1") -> FlagDraft:
    """A BOOLEAN flag that is on."""
    text = f'{{"key": "{key}", "type": "BOOLEAN", "value": true, "is_enabled": true, "algorithm": "{algorithm}"'
    return convert_exact(parse_exact(f'{text}, "rollout": {rollout or "null"}}}'), FlagDraft)


def best_us(run: Callable[[], object], number: int) -> float:
    """The best time of one run, in microseconds."""
    return min(timeit.repeat(run, number=number, repeat=15)) / number * 1e6


def evaluation_us(flag: FlagDraft) -> float:
    """One evaluation, without the call of the loop around it."""
    evaluate = compile_flag(flag, 1, AT_US).evaluate
    timer = timeit.Timer("evaluate(subject)", globals={"evaluate": evaluate, "subject": SUBJECT})
    return min(timer.repeat(number=100_000, repeat=15)) / 100_000 * 1e6


def main() -> None:
    print(f"evaluations from {from_micros(AT_US):%Y-%m-%d} on, us each")
    for name, rollout in ROLLOUTS.items():
        print(f"  {name:<40}{evaluation_us(draft('checkout', rollout)):>8.3f}")
    for algorithm in ("unleash", "growthbook-v2"):
        flag = draft("checkout", '{"percentage": 99}', algorithm)
        print(f"  {algorithm + ', percentage':<40}{evaluation_us(flag):>8.3f}")
    rollouts = list(ROLLOUTS.values())
    stored = [
        StoredFlag(
            id=str(number),
            version=1,
            draft=draft(f"flag-{number}", rollouts[number % len(rollouts)]),
            is_archived=False,
            changed_in=1,
        )
        for number in range(1000)
    ]
    milliseconds = best_us(lambda: EffectivePeriod((), stored, AT_US), 1) / 1000
    print(f"loading 1 000 flags: {milliseconds:.1f} ms")


if __name__ == "__main__":
    main()
