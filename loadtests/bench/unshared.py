"""How many quotes a server could not give to Redis.

On a busy machine a time limit of Redis lets a server skip work that the other one does, and nothing else shows it.
"""

import urllib.request

from loadtests.bench.servers import ANSWER_SECONDS, NoAnswer, Target

# Of the service, and of a peer that does its whole work.
_NAMES = ("quote_redis_unshared_total", "quotes_unshared_total")


def unshared_quotes(target: Target) -> int:
    """Quotes since its start that Redis did not get; 0 of a server that shares none.

    Raises:
        NoAnswer: It does not tell.
    """
    if not target.figures_url:
        return 0
    with urllib.request.urlopen(target.figures_url, timeout=ANSWER_SECONDS) as response:  # noqa: S310 (a server of ours)
        return read_unshared(response.read().decode())


def read_unshared(text: str) -> int:
    """The count, out of metrics as Prometheus reads them.

    Raises:
        NoAnswer: They hold none.
    """
    counts = [
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.partition(" ")[0].partition("{")[0] in _NAMES
    ]
    if not counts:
        raise NoAnswer(f"no metric is named {' or '.join(_NAMES)}")
    return int(sum(counts))
