"""How laws are tried: always the same examples, so that a run can be repeated, and no clock in the verdict."""

from hypothesis import HealthCheck, settings

from quote_service.pricing import price_quote

IS_COMPILED = not str(price_quote.__file__).endswith(".py")


def laws(count: int) -> settings:
    """Settings for one property, tried with so many examples."""
    return settings(
        max_examples=examples(count),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def examples(count: int) -> int:
    """So many, or a tenth where the quote path is machine code.

    Whether a law holds is found with the plain build. It is run again to find where the compiled one does otherwise, as a
    type that was declared wrongly: that shows with the first examples that pass there.
    """
    return max(count // 10, 10) if IS_COMPILED else count
