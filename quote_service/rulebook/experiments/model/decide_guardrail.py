"""Whether a treatment is shown to be worse than its control, at any look and however many there are.

Source: docs/spec/experiments.md#decision.
"""

import math

from quote_service.rulebook.experiments.model.arm_figures import ArmFigures, Sample, sample_of
from quote_service.rulebook.experiments.model.confidence_sequence import one_sided_half_width
from quote_service.rulebook.experiments.model.count_evidence import log_excess_evidence
from quote_service.rulebook.experiments.model.guardrail import Guardrail, GuardrailReason, GuardrailVerdict
from quote_service.rulebook.experiments.model.sample_ratio import sample_ratio

FALSE_ROLLBACKS = 0.05
"""The chance that any guardrail of a flag ever shows harm where there is none."""


def decide_guardrail(
    guardrail: Guardrail, control: ArmFigures, treatment: ArmFigures, *, guardrails: int = 1, share: float = 0.5
) -> GuardrailVerdict:
    """Judge one guardrail of a flag by the figures of both arms.

    Args:
        guardrail: What is judged.
        control: Figures of the metric among those who do not get it, over the same time.
        treatment: Figures of the metric among those who get it.
        guardrails: How many the flag has; they share the level, so that all of them together are wrong in at most 5 %.
        share: The planned share of the treatment in the exposures of both arms, in (0, 1).

    Returns:
        `harm_shown`, `no_harm_shown`, or why the figures do not suffice; whatever is missing never shows harm.
    """
    level = FALSE_ROLLBACKS / guardrails
    if control.contradictory() or treatment.contradictory():
        return GuardrailVerdict(metric=guardrail.metric, reason="contradictory_figures", level=level)
    before, after = sample_of(control, guardrail.measure), sample_of(treatment, guardrail.measure)
    lacking = _lacking(guardrail, control, treatment, share)
    if lacking is not None or before is None or after is None:
        return GuardrailVerdict(
            metric=guardrail.metric,
            reason=lacking or "too_few_exposures",
            level=level,
            control=None if before is None else before.mean,
            treatment=None if after is None else after.mean,
        )
    worse = 1 if guardrail.direction == "lower_is_better" else -1
    tolerated = before.mean + worse * guardrail.max_regression * abs(before.mean)
    log_e_value = bound = None
    if guardrail.measure == "rate":
        log_e_value = _log_e_value(guardrail, control, treatment, share)
        # A chance excess of exposures alone makes no harm.
        harm = log_e_value >= -math.log(level) and worse * (after.mean - tolerated) > 0
    else:
        bound = _bound(guardrail, before, after, tolerated, level)
        harm = bound > 0
    return GuardrailVerdict(
        metric=guardrail.metric,
        reason="harm_shown" if harm else "no_harm_shown",
        level=level,
        control=before.mean,
        treatment=after.mean,
        tolerated=tolerated,
        log_e_value=log_e_value,
        bound=bound,
    )


def _lacking(guardrail: Guardrail, control: ArmFigures, treatment: ArmFigures, share: float) -> GuardrailReason | None:
    """Why nothing can be decided; None if it can."""
    fewest_exposures = min(control.exposures, treatment.exposures)
    fewest_events = min(control.events, treatment.events)
    if fewest_exposures < guardrail.min_exposures:
        return "too_few_exposures"
    if control.events + treatment.events < guardrail.min_events:
        return "too_few_events"
    # No errors are no errors; but an arm without a single sale or price may as well be one whose reports are lost.
    none_is_good = guardrail.measure == "rate" and guardrail.direction == "lower_is_better"
    if fewest_events == 0 and not none_is_good:
        return "nothing_recorded"
    # A mean of values rests on how many there are, not on how many customers could have had one.
    if guardrail.measure == "mean" and fewest_events < guardrail.min_exposures:
        return "too_few_events"
    if sample_ratio((control.exposures, treatment.exposures), (1 - share, share)).mismatch:
        return "sample_ratio_mismatch"
    return None


def _log_e_value(guardrail: Guardrail, control: ArmFigures, treatment: ArmFigures, share: float) -> float:
    if guardrail.direction == "lower_is_better":
        return log_excess_evidence(
            treatment.events, control.events, share=share, tolerance=1 + guardrail.max_regression
        )
    # Too few in the treatment are too many in the control.
    return log_excess_evidence(
        control.events, treatment.events, share=1 - share, tolerance=1 / (1 - guardrail.max_regression)
    )


def _bound(guardrail: Guardrail, before: Sample, after: Sample, tolerated: float, level: float) -> float:
    """By how much the treatment is at least worse than tolerated; the tolerance is a part of the control's mean, and varies."""
    worse = 1 if guardrail.direction == "lower_is_better" else -1
    factor = 1 + math.copysign(guardrail.max_regression, worse * before.mean)
    variance = after.variance_of_mean + factor * factor * before.variance_of_mean
    half = one_sided_half_width(variance, before.count + after.count, level)
    return worse * (after.mean - tolerated) - half
