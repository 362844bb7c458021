"""How likely a listing is one of our products, from 0 to 1: a proposal for a person, and never a match by itself.

Source: docs/spec/competitors.md#matching.
"""

import re

import msgspec

from quote_service.intelligence.competitors.model.reading.pack_size import pack_size_of

PROPOSED_FROM = 0.6
PROPOSALS_MAX = 5
# Letters and digits apart, so that `6x330ml` is `6 x 330 ml`.
_WORD = re.compile(r"[^\W\d_]+|\d+")


class Candidate(msgspec.Struct, frozen=True):
    """One of our products or variants that a listing could be."""

    product_id: str
    variant_id: str | None
    name: str


class ScoreJob(msgspec.Struct, frozen=True, kw_only=True, tag="score"):
    """A listing, and what it could be."""

    title: str
    brand: str | None
    candidates: list[Candidate]


class Scored(msgspec.Struct, frozen=True):
    """A candidate with its score, and how many units of ours one of theirs would hold where both say their size."""

    product_id: str
    variant_id: str | None
    name: str
    score: float
    units: str | None = None


def score_titles(job: ScoreJob) -> list[Scored]:
    """The candidates that are worth a look, the likeliest first."""
    scored = []
    for candidate in job.candidates:
        score = likeness(f"{job.brand or ''} {job.title}", candidate.name)
        if score >= PROPOSED_FROM:
            scored.append(
                Scored(
                    candidate.product_id, candidate.variant_id, candidate.name, score, _units(job.title, candidate.name)
                )
            )
    return sorted(scored, key=lambda each: (-each.score, each.product_id, each.variant_id or ""))[:PROPOSALS_MAX]


def likeness(theirs: str, ours: str) -> float:
    """How alike two names are, from 0 to 1."""
    from rapidfuzz import fuzz  # only the process that reads has it

    one, other = _folded(theirs), _folded(ours)
    alike = (0.7 * fuzz.token_set_ratio(one, other) + 0.3 * fuzz.token_sort_ratio(one, other)) / 100
    # A size or the number of a model that only one of both has is another product.
    numbers, others = _numbers(one), _numbers(other)
    shared = len(numbers & others) / len(numbers | others) if numbers | others else 1.0
    return round(alike * (0.55 + 0.45 * shared), 3)


def words_of(name: str) -> frozenset[str]:
    """The words and numbers of a name, whatever their case and order."""
    return frozenset(_WORD.findall(name.casefold()))


def _folded(text: str) -> str:
    return " ".join(dict.fromkeys(_WORD.findall(text.casefold())))


def _numbers(folded: str) -> set[str]:
    return {word for word in folded.split() if word.isdecimal()}


def _units(theirs: str, ours: str) -> str | None:
    one, other = pack_size_of(theirs), pack_size_of(ours)
    if one is None or other is None or one.unit != other.unit:
        return None
    ratio = round(one.quantity / other.quantity, 6)
    return f"{ratio.normalize():f}" if ratio > 0 else None
