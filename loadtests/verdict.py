"""What a load test came to, in words."""

from collections.abc import Mapping, Sequence

_WORDS = {
    "refused late": "Refused late: a purchase answered `reserved` (202) that was `rejected` when it was to be recorded. It "
    "is never `confirmed`; it may happen after a fault of Redis, and in a load test without faults it never should.",
    "got no answer": "Got no answer: the connection broke or the time was over, so the buyer cannot know; its purchase counts "
    "as either.",
}


def verdict(shape: str, broken: Mapping[str, Sequence[str]], errors: Sequence[str]) -> str:
    """The last lines of a load.

    Args:
        shape: Of the load.
        broken: By persona, every limit that was not kept.
        errors: What failed requests and checks said, and what the load test itself raised.
    """
    found = [f"  {persona}: {'; '.join(limits)}" for persona, limits in broken.items() if limits]
    if not found and not errors:
        return f"PASSED ({shape}): every answer was right, and every budget was kept."
    keys_sent = "\n".join([*dict.fromkeys(errors)])
    words = [f"  {meaning}" for word, meaning in _WORDS.items() if word in keys_sent]
    wrong = [f"  {error}" for error in dict.fromkeys(errors)]
    return "\n".join([f"FAILED ({shape}):", *found, *wrong, *words])
