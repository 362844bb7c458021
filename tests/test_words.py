"""Words that were mended stay mended: names, messages and documents use the standard word beside each.

Source: docs/house.md.
"""

import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).name
READ = (".py", ".sql", ".lua", ".html", ".js", ".css", ".md", ".yml", ".yaml", ".json")
#: Written once and for all, by others, or generated of what is read here.
NOT_READ = re.compile(
    r"migrations/|CHANGELOG|docs/(?:endpoints|settings)\.md|tests/web/browser/axe/|static/vendor|tests/.*\.json$|"
    r"deploy/.*data/"
)

#: In code and prose alike.
WORDS: Mapping[str, str] = {
    r"\banew\b": "again",
    r"\blately\b": "recently",
    r"\b(?:is|are|was|were|be) away\b": "unavailable",
    r"\b(?:is|are|be) not whole\b": "incomplete",
    r"is of what another": "has the same scope as another",
    r"Accepted of what was": "Acceptance rate",
    r"\bis no ISO\b": "is not",
    r"\btold (?:apart|against|nothing)\b|\btells? (?:apart|nothing)\b": "distinguish, compare, report, reveal",
    r"\btold to (?:stop|end|go)\b": "asked to",
    r"\bnot told which\b": "does not say which",
    r"\btoo dear\b|\bas dear as\b|\bdearest\b": "expensive",
    r"\bmend the file\b|\bMend the file\b": "fix",
}
#: In names. Columns of the database and values of the API keep theirs.
NAMES: Mapping[str, str] = {
    r"\b(?!told_at\b|told_instant\b)(?:\w+_)?(?:tell|tells|told|telling|untold)_\w+": "notify, publish, record, report, show",
    r"\b(?!too_little_to_tell\b)\w+_(?:tell|tells|told|telling|untold)\b": "notify, publish, record, report, show",
    r"\b(?:def|class) (?:tell|told|Told|Tell)\b|\b(?:tell|told)(?: =|\.\w|\()": "notify, publish, record, report, show",
    r"\bonce_caught_up\b": "retry_after_refresh",
    r"\bmeet_claims\b": "consume_claims",
    r"\bnote_away\b": "mark_unavailable",
    r"\b\w+_anew\b": "rebuild, recount, reseal",
}
#: In what users, developers and operators read: literals of code, and pages.
TEXTS: Mapping[str, str] = {
    r"(?<![\"\w])\"(?!\"\")[^\"\n]*\b(?:tells?|told|telling)\b[^\"\n]*\"(?!\")": "show, report, say, notify",
}


#: What any of them contains, so that most files are read once.
SUSPECTS: tuple[str, ...] = (
    "tell",
    "told",
    "anew",
    "lately",
    " away",
    "whole",
    "dear",
    "once_caught",
    "meet_claims",
    "note_away",
    "Accepted of",
)
SUSPECTS += ("is no ISO", "is of what", "end the file")


@cache
def texts() -> list[tuple[str, str]]:
    """Every file that is read, and what it says."""
    named = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        (path, (ROOT / path).read_text("utf-8"))
        for path in named.splitlines()
        if path.endswith(READ) and not NOT_READ.search(path) and Path(path).name != HERE and (ROOT / path).is_file()
    ]


def found(listed: Mapping[str, str], *, of: re.Pattern[str]) -> list[str]:
    patterns = [(re.compile(pattern), standard) for pattern, standard in listed.items()]
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()!r}; write {standard}"
        for path, text in texts()
        if of.search(path) and any(each in text for each in SUSPECTS)
        for pattern, standard in patterns
        for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize(
    ("listed", "of"),
    [
        pytest.param(WORDS, re.compile(""), id="words"),
        pytest.param(NAMES, re.compile(r"\.(py|sql|lua|js)$"), id="names"),
        pytest.param(TEXTS, re.compile(r"^quote_service/.*\.(py|html)$"), id="texts"),
    ],
)
def test_no_disallowed_word_is_written(listed: Mapping[str, str], of: re.Pattern[str]) -> None:
    assert not found(listed, of=of)


@pytest.mark.parametrize(
    ("listed", "written"),
    [(WORDS, "Redis is away"), (WORDS, "built anew"), (NAMES, "tell_bus(1)"), (TEXTS, 'raise Invalid("is told")')],
)
def test_a_disallowed_word_is_found(listed: Mapping[str, str], written: str) -> None:
    assert any(re.search(pattern, written) for pattern in listed)
