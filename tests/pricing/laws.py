"""How laws are tried: always the same examples, so that a run can be repeated, and no clock in the verdict."""

from hypothesis import HealthCheck, settings


def laws(examples: int) -> settings:
    """Settings for one property."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
