"""Whether a page has so much of something that no parser ends with it in good time.

What a parser of HTML does for a tag goes up all elements that are open, looks at all attributes that the tag has so far, or at all
options of a list, so that 200,000 of them cost it minutes. They are counted first, in one pass and with less care than a parser
has: where both differ, the time limit of the process that reads remains.

Source: HTML Living Standard, tree construction; docs/spec/competitors.md#the-process-that-reads.
"""

import re
from collections import Counter

#: Browsers keep 512.
DEPTH_MAX = 1000
ATTRIBUTES_MAX = 5000
OPTIONS_MAX = 5000
_TOO_DEEP = f"its elements are nested more than {DEPTH_MAX} deep"
#: How many open elements end tags may be compared with, in all; what needs more is as bad as depth.
_COMPARED_MAX = 2_000_000
# It ends with the page where a tag does, and is never tried again behind its beginning.
_TAG = re.compile(
    r"<(?:(?P<comment>!--)|(?P<end>/?)(?P<name>[a-z][^\s/>]*+)(?:[^>=]++|=\s*+(?:\"[^\"]*\"|'[^']*'|))*+>?)",
    re.IGNORECASE,
)
_VALUES = re.compile(r"\"[^\"]*\"|'[^']*'")
#: These have no content, or end without a tag where the next of them begins.
_NOT_COUNTED = frozenset(
    "area base br col embed hr img input link meta param source track wbr html head body p li dt dd option optgroup tr td th "
    "thead tbody tfoot colgroup caption rb rt rtc rp".split()
)
_TEXTS = frozenset("script style textarea title noscript iframe xmp noembed noframes".split())
#: Where a tag without a slash may be empty all the same.
_FOREIGN = ("svg", "math")
#: An end tag reaches no element outside of these.
_WALLS = frozenset("table template object marquee applet".split())
#: What these began goes on behind the end tag of an element that they stand around.
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_INLINE = _FORMATTING | frozenset(
    "abbr bdi bdo cite data del dfn ins kbd label mark output q ruby samp span sub sup time var".split()
)


def excess_of(page: str) -> str | None:
    """What a page has too much of, in words; None where it may be parsed."""
    opened: list[str] = []
    count: Counter[str] = Counter()
    place, compared, options = 0, 0, 0
    while (tag := _TAG.search(page, place)) is not None:
        place = tag.end()
        if tag["comment"]:
            place = _behind("-->", page, place)
            continue
        name = tag["name"].lower()
        if place - tag.start() > ATTRIBUTES_MAX and len(_VALUES.sub("", tag[0]).split()) > ATTRIBUTES_MAX:
            return f"one of its elements has more than {ATTRIBUTES_MAX} attributes"
        if name in _NOT_COUNTED:
            options += name == "option" and not tag["end"]
            if options > OPTIONS_MAX:
                return f"it has more than {OPTIONS_MAX} options"
            continue
        if tag["end"]:
            if count[name]:
                compared += _end(name, opened, count)
                if compared > _COMPARED_MAX:
                    return _TOO_DEEP
            continue
        if name in _TEXTS:
            place = _behind(f"</{name}", page, place)
            continue
        if page[tag.end() - 2] == "/" and any(count[foreign] for foreign in _FOREIGN):
            continue
        opened.append(name)
        count[name] += 1
        if len(opened) > DEPTH_MAX:
            return _TOO_DEEP
    return None


def _end(name: str, opened: list[str], count: Counter[str]) -> int:
    """End the innermost element of a name and what is open within it; how many were looked at."""
    holds_block = False
    for looked, each in enumerate(reversed(opened), 1):
        if each == name:
            if not holds_block or name not in _INLINE:
                count.subtract(opened[-looked:])
                del opened[-looked:]
            elif name in _FORMATTING:
                count[name] -= 1
                del opened[-looked]
            return looked
        if each in _WALLS:
            return looked
        holds_block |= each not in _INLINE
    return 0


def _behind(mark: str, page: str, place: int) -> int:
    """Behind the next mark, whatever its case; the end of the page where there is none."""
    found = re.compile(re.escape(mark), re.IGNORECASE).search(page, place)
    return len(page) if found is None else found.end()
