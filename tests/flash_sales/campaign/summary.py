"""What a campaign came to, in words for whoever has not read the specification."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.flash_sales.campaign.rounds import history_path

_LOST = """\
  Lost: answered `reserved` (202), then gone with what Redis lost before it was recorded. None of them was or will be
  `confirmed`; its units are on sale again, and whoever asks for it is told 404. Allowed after a fault, never without one."""
_REFUSED_LATE = """\
  Refused late: answered `reserved` (202), and `rejected` when it was to be recorded, since its units had gone to others after
  Redis had lost something. The buyer is told so; it is never `confirmed`. Allowed after a fault, never without one."""


class Campaign(NamedTuple):
    """Rounds played, the seeds of those that failed, and what happened to purchases in all of them."""

    rounds: int
    failed: Sequence[int]
    lost: int
    refused_late: int


def summary(campaign: Campaign, histories: Path) -> str:
    """The verdict, what it is about, and what to do about a failure."""
    lines = [_verdict(campaign)]
    if campaign.rounds:
        lines.append(f"{_many(campaign.lost, 'reservation')} lost, {campaign.refused_late} refused late.")
    lines += [_LOST] if campaign.lost else []
    lines += [_REFUSED_LATE] if campaign.refused_late else []
    for seed in campaign.failed:
        lines.append(
            f'Again: make faults ARGS="--seed {seed} --rounds 1"; its history: {history_path(histories, seed)}'
        )
    return "\n".join(lines)


def _verdict(campaign: Campaign) -> str:
    if not campaign.rounds:
        return "NOTHING PLAYED: there was no time for a single round."
    if campaign.failed:
        return (
            f"FAILED: {len(campaign.failed)} of {_many(campaign.rounds, 'round')} broke an invariant; it is told above."
        )
    return (
        f"PASSED: {_many(campaign.rounds, 'round')}; nothing was sold twice, every confirmed purchase is recorded, and every "
        "sale went on after each fault."
    )


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
