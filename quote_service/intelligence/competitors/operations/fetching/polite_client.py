"""Requests as they are sent to competitors: paced, by the rules of robots.txt, with redirects that stay on the site.

Source: docs/spec/competitors.md#politeness.
"""

import string
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from quote_service.intelligence.competitors.model.reading.robots import RobotsJob
from quote_service.intelligence.competitors.operations.fetching.fetched import Fetched, judge
from quote_service.intelligence.competitors.operations.fetching.watch_terms import AGENT, WatchTerms
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.tables.lanes import Robots, note_request, read_robots_of, write_robots
from quote_service.platform.outbound.client import NoAnswer, OutboundAnswer, OutboundClient
from quote_service.platform.outbound.urls import read_target
from quote_service.platform.postgres.pool import Database

_REDIRECTS = (301, 302, 303, 307, 308)
_REDIRECTS_MAX = 5
#: An API says so of what was asked, such as an id that cannot be one, and not of who asks.
_WRONG_REQUEST = (400, 409, 413, 414, 422)
_ROBOTS_BYTES_MAX = 512 * 1024
_ROBOTS_SECONDS = 86_400.0
# Of long rules the beginning is read, which half of a packed answer has not.
_UNPACKED = {"Accept-Encoding": "identity"}
_ROBOTS_AGAIN_SECONDS = 600.0


class _Permission(NamedTuple):
    is_given: bool
    detail: str
    delay_seconds: float


class PoliteClient:
    """Sends for one process; the pace of a lane is kept in PostgreSQL, for all of them."""

    def __init__(self, database: Database, client: OutboundClient, reader: PageReader, terms: WatchTerms) -> None:
        self.terms = terms
        self._database = database
        self._client = client
        self._reader = reader

    async def get(self, lane: str, url: str, headers: Mapping[str, str], bytes_max: int) -> Fetched:
        """A page or a feed, as far as its site's rules allow.

        Args:
            lane: Whose pace it counts for.
            url: What is fetched.
            headers: Beside those that every request has.
            bytes_max: Longer ones are not read.

        Raises:
            Unavailable: PostgreSQL cannot be reached.
        """
        delay = 0.0
        for _ in range(_REDIRECTS_MAX + 1):
            permission = await self._permission(lane, url)
            delay = max(delay, permission.delay_seconds)
            if not permission.is_given:
                return Fetched("robots_denied", permission.detail, url, crawl_delay_seconds=delay)
            try:
                answer = await self._send(lane, "GET", url, headers, None, bytes_max, delay)
            except NoAnswer as failure:
                return _unanswered(url, failure)._replace(crawl_delay_seconds=delay)
            if answer.status not in _REDIRECTS:
                return judge(url, answer, bytes_max)._replace(crawl_delay_seconds=delay)
            onwards = _location(url, answer)
            if not _is_same_site(url, onwards):
                detail = f"The server leads to {urlsplit(onwards).hostname or 'nowhere'}"
                return Fetched("gone", detail[:500], url, answer.status, crawl_delay_seconds=delay)
            url = onwards
        return Fetched("gone", "The server redirects again and again", url, crawl_delay_seconds=delay)

    async def call(
        self, lane: str, method: str, url: str, headers: Mapping[str, str], body: bytes | None, bytes_max: int
    ) -> Fetched:
        """A request to an API, which has let us in: no robots.txt, no redirects.

        Raises:
            Unavailable: As above.
        """
        try:
            answer = await self._send(lane, method, url, headers, body, bytes_max, 0.0)
        except NoAnswer as failure:
            return _unanswered(url, failure)
        fetched = judge(url, answer, bytes_max)
        is_ours = fetched.outcome == "blocked" and fetched.status in _WRONG_REQUEST and not fetched.is_challenge
        return fetched._replace(outcome="parse_error") if is_ours else fetched

    async def _send(
        self,
        lane: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        bytes_max: int,
        delay: float,
    ) -> OutboundAnswer:
        async with self._database.read() as connection:
            await note_request(connection, lane, max(self.terms.pace.seconds, delay))
        own = {"User-Agent": self.terms.user_agent, "Accept-Encoding": "gzip"}
        return await self._client.request(method, url, {**own, **headers}, body, bytes_max)

    async def _permission(self, lane: str, url: str) -> _Permission:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.lower()}"
        async with self._database.read() as connection:
            robots = await read_robots_of(connection, origin)
        if robots is None:
            robots = await self._fetch_robots(lane, origin)
        if robots.verdict != "rules":
            return _Permission(robots.verdict == "allow", robots.detail, 0.0)
        read = (await self._reader.read(RobotsJob(rules=robots.rules, agent=AGENT, url=url))).robots
        if read is None:
            return _Permission(False, "robots.txt cannot be read", 0.0)
        return _Permission(read.allows, "robots.txt does not allow it", read.crawl_delay_seconds)

    async def _fetch_robots(self, lane: str, origin: str) -> Robots:
        robots, keep_seconds = await self._ask_robots(lane, origin)
        async with self._database.read() as connection:
            await write_robots(connection, origin, robots, keep_seconds)
        return robots

    async def _ask_robots(self, lane: str, origin: str) -> tuple[Robots, float]:
        url = f"{origin}/robots.txt"
        for _ in range(_REDIRECTS_MAX + 1):
            try:
                answer = await self._send(lane, "GET", url, _UNPACKED, None, _ROBOTS_BYTES_MAX, 0.0)
            except NoAnswer as failure:
                return Robots("deny", "", f"robots.txt: {failure.reason}"), _ROBOTS_AGAIN_SECONDS
            if answer.status not in _REDIRECTS:
                return _robots_of(url, answer)
            url = _location(url, answer)
        return Robots("allow", "", ""), _ROBOTS_SECONDS


def _robots_of(url: str, answer: OutboundAnswer) -> tuple[Robots, float]:
    answered = judge(url, answer._replace(is_complete=True), _ROBOTS_BYTES_MAX)
    if 200 <= answer.status <= 299:
        if answered.outcome != "ok":
            return Robots("deny", "", "robots.txt cannot be read"), _ROBOTS_AGAIN_SECONDS
        return Robots("rules", answered.body.decode("utf-8-sig", "replace").replace("\0", ""), ""), _ROBOTS_SECONDS
    if 400 <= answer.status <= 499 and answer.status != 429:
        return Robots("allow", "", ""), _ROBOTS_SECONDS
    return (
        Robots("deny", "", f"robots.txt: the server answered {answer.status}"),
        max(_ROBOTS_AGAIN_SECONDS, answered.retry_after_seconds),
    )


def _location(url: str, answer: OutboundAnswer) -> str:
    """Where a redirect leads: without the place within the page, with what no URL may hold escaped; empty for what is no URL."""
    body = answer.headers.get("location", "").encode("latin-1")
    try:
        return urldefrag(urljoin(url, quote(body, safe=string.punctuation))).url
    except ValueError:
        return ""


def _unanswered(url: str, failure: NoAnswer) -> Fetched:
    return Fetched("timeout" if failure.is_late else "unreachable", failure.reason, url)


def _is_same_site(url: str, onwards: str) -> bool:
    """Whether a redirect stays on the host, or goes between it and its `www.`, and not from https to http."""
    try:
        one, other = read_target(url), read_target(onwards)
    except ValueError:
        return False
    is_safe = one.scheme == other.scheme or (one.scheme, other.scheme) == ("http", "https")
    return is_safe and one.host.lower().removeprefix("www.") == other.host.lower().removeprefix("www.")
