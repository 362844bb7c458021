"""JSON documents as YAML that people write: with lines for faults, exact numbers, and nothing that YAML does besides.

A plain word is a number, a boolean or null where it is one in JSON, and a text otherwise: `no` is a text, and so are
`12:30` and dates. Anchors, aliases and tags are refused, and a name that stands twice is a fault. What is written is quoted
wherever another reader of YAML would take it for something else.

Source: docs/spec/rulebook-files.md#form.
"""

import re
from decimal import Decimal
from io import StringIO
from typing import Any, NamedTuple

import yaml
from yaml.composer import Composer
from yaml.emitter import Emitter
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver, Resolver
from yaml.scanner import Scanner
from yaml.serializer import Serializer

from quote_service.platform.documents.exact_json import DEPTH_MAX, below, parse_json
from quote_service.platform.system.errors import Fault, Invalid, Malformed

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z", re.ASCII)
# Dates, times of day and the like: some readers take them for numbers, some do not.
_LIKE_NUMBER = re.compile(r"[-+.0-9][-+.:_0-9eETZ]*\Z", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}
_STR, _MAP, _SEQ = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
# A text of several lines is written as such where that says all of it.
_LINES = re.compile(r"(?:\S[^\n\t]*\n)*\S[^\n\t]*\n?\Z")
_FOLDED = 10_000
_TOO_DEEP = f"is nested deeper than {DEPTH_MAX} levels"


class Located(NamedTuple):
    """A document, and the line at which each of its members stands, by JSON Pointer."""

    value: Any
    lines: dict[str, int]

    def line_of(self, pointer: str) -> int:
        """The line of a place, or of the nearest one around it that is in the text."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


class _Unreadable(Exception):
    """Something of YAML that this form does not have."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.line = line
        self.detail = detail


class _Loader(Reader, Scanner, Parser, Composer, BaseResolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._depth = 0

    def fetch_flow_collection_start(self, token: Any) -> None:
        # For each bracket that is open the scanner looks at all of them: what is refused below in the end is refused here.
        if self.flow_level > DEPTH_MAX:
            raise _Unreadable(self.line + 1, _TOO_DEEP)
        super().fetch_flow_collection_start(token)

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # not typed there
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None) is not None:
            raise _Unreadable(line, "anchors and aliases are not part of this form; write the value out")
        if getattr(event, "tag", None) is not None:
            raise _Unreadable(line, "tags are not part of this form")
        if self._depth > DEPTH_MAX:
            raise _Unreadable(line, _TOO_DEEP)
        self._depth += 1
        node: Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _TextResolver(Resolver):
    """What any reader of YAML may take a plain word for, so that a text which looks like it is quoted."""


for _start in "-0123456789":
    _TextResolver.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, [_start])


class _Dumper(Emitter, Serializer, _TextResolver):
    def __init__(self, stream: Any) -> None:
        Emitter.__init__(self, stream, width=_FOLDED, allow_unicode=True)
        Serializer.__init__(self)
        _TextResolver.__init__(self)

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # Entries of a list stand further in than its name: a difference then shows whose they are.
        return super().increase_indent(flow, False)


def read_yaml(text: str) -> Located:
    """Read one document.

    Raises:
        Malformed: It is no YAML, or uses what this form does not have; the message names the line.
        Invalid: Names stand more than once in one object, or numbers cannot be held; pointers are as in the document.
    """
    try:
        node = _Loader(text).get_single_node()
    except _Unreadable as refused:
        raise Malformed(f"line {refused.line}: {refused.detail}") from None
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise Malformed(f"{where}{broken.problem or 'is no YAML'}") from None
    except yaml.YAMLError as broken:
        raise Malformed(f"the file is no YAML: {str(broken).splitlines()[0]}") from None
    lines: dict[str, int] = {}
    faults: list[Fault] = []
    value = _value_of(node, "", lines, faults) if node is not None else None
    if faults:
        raise InvalidAt(tuple(faults), lines)
    return Located(value, lines)


class InvalidAt(Invalid):
    """Faults of a document whose lines are known."""

    def __init__(self, faults: tuple[Fault, ...], lines: dict[str, int]) -> None:
        super().__init__(f"{len(faults)} fields cannot be accepted", faults=faults)
        self.lines = lines


def write_yaml(document: Any) -> str:
    """The text of a document made of dicts, lists, texts, numbers, bools and None; dicts in their order."""
    stream = StringIO()
    dumper = _Dumper(stream)
    dumper.open()
    dumper.serialize(_node_of(document, dumper))
    dumper.close()
    return stream.getvalue()


def _value_of(node: Node, pointer: str, lines: dict[str, int], faults: list[Fault]) -> Any:
    lines.setdefault(pointer, node.start_mark.line + 1)
    if isinstance(node, ScalarNode):
        return node.value if node.style is not None else _word(node.value, pointer, faults)
    if isinstance(node, SequenceNode):
        return [_value_of(entry, f"{pointer}/{index}", lines, faults) for index, entry in enumerate(node.value)]
    assert isinstance(node, MappingNode)
    members: dict[str, Any] = {}
    for key, entry in node.value:
        if not isinstance(key, ScalarNode):
            faults.append(Fault(pointer, "has a name that is no text"))
            continue
        member = below(pointer, key.value)
        lines[member] = key.start_mark.line + 1
        if key.value in members:
            faults.append(Fault(member, "is given more than once"))
        members[key.value] = _value_of(entry, member, lines, faults)
    return members


def _word(text: str, pointer: str, faults: list[Fault]) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if text in ("", "~"):
        return None
    if _NUMBER.match(text):
        return parse_json(text.encode())
    return text


def _node_of(value: Any, dumper: _Dumper) -> Node:
    if isinstance(value, dict):
        pairs = [(_text_node(name), _node_of(entry, dumper)) for name, entry in value.items()]
        return MappingNode(_MAP, pairs, flow_style=not pairs)
    if isinstance(value, list):
        # A list of plain words reads best in one line.
        is_short = all(not isinstance(entry, (dict, list)) for entry in value) and len(str(value)) <= 80
        return SequenceNode(_SEQ, [_node_of(entry, dumper) for entry in value], flow_style=not value or is_short)
    if isinstance(value, str):
        return _text_node(value)
    text = _literal(value)
    tag: str = dumper.resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # not typed there
    return ScalarNode(tag, text)


def _literal(value: Any) -> str:
    for word, meaning in _WORDS.items():
        if value is meaning:
            return word
    assert isinstance(value, (int, Decimal))
    return str(value)


def _text_node(text: str) -> ScalarNode:
    if text in _WORDS or text in ("", "~") or _LIKE_NUMBER.match(text):
        return ScalarNode(_STR, text, style="'")
    if text.isprintable():
        return ScalarNode(_STR, text)
    is_lines = _LINES.match(text) is not None and text.replace("\n", "").isprintable()
    return ScalarNode(_STR, text, style="|" if is_lines else '"')
