"""robots.txt: whether a URL may be fetched, and how slowly.

Source: RFC 9309; docs/spec/competitors.md#politeness.
"""

import re

import msgspec

CRAWL_DELAY_MAX_SECONDS = 300.0
_GROUP = re.compile(r"^([ \t]*user-?agent[ \t]*:[ \t]*)([^\s#/]*)[^\r\n#]*", re.IGNORECASE | re.MULTILINE)


class RobotsJob(msgspec.Struct, frozen=True, kw_only=True, tag="robots"):
    """A URL held against the rules of its site."""

    rules: str
    agent: str
    url: str


class RobotsRead(msgspec.Struct, frozen=True):
    """What the rules say."""

    allows: bool
    crawl_delay_seconds: float = 0.0


def read_robots(job: RobotsJob) -> RobotsRead:
    """What the rules say of a URL to an agent of this name."""
    from protego import Protego  # only the process that reads has it

    rules = Protego.parse(_GROUP.sub(lambda line: _group_of(line, job.agent), job.rules))
    delay = rules.crawl_delay(job.agent) or 0.0
    rate = rules.request_rate(job.agent)
    if rate is not None and rate.requests:
        delay = max(delay, rate.seconds / rate.requests)
    return RobotsRead(rules.can_fetch(job.url, job.agent), min(float(delay), CRAWL_DELAY_MAX_SECONDS))


def _group_of(line: re.Match[str], agent: str) -> str:
    """Whom a group of rules is for: us, everybody or others. A name is ours as a whole, whatever its case or version."""
    name = line[2].lower()
    return line[1] + (name if name in ("*", agent.lower()) else "somebody-else")
