"""Makes `quote_service/quotes/answer/write_quote.py`, the writer of the quote's answer, from its declaration.

    make writer

The declaration, `quote_service/pricing/quote_answer.py`, names the members, their order, how each is written and where its
figure comes from. Source that says the same in straight lines becomes machine code that is several times quicker than
whatever looks a declaration up for each quote (`docs/decisions/quotes-as-text.md`). A test makes it again and compares.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from quote_service.pricing.quote_answer import UnsignedQuote, WarningDocument

sys.path.insert(0, str(Path(__file__).parent))
from declared_members import Document, Member, members_of

TARGET = Path(__file__).parents[1] / "quote_service/quotes/answer/write_quote.py"

_FILE = '''"""Writes a priced quote as the JSON that is issued for it.

Made from `quote_service/pricing/quote_answer.py` by `make writer`: change that, not this.

Source: docs/spec/quotes.md#answer.
"""

from functools import lru_cache

{imports}
from quote_service.quotes.answer.value_texts import AMOUNT_TEXTS, AmountTexts
from quote_service.quotes.answer.quote_text import QuoteText
from quote_service.quotes.answer.value_texts import flags_text, json_names, json_text, percentage, rate_charge, unit_price
from quote_service.quotes.answer.value_texts import write_inputs
from quote_service.platform.system.instants import instant_text


def write_quote(quote: Quote, quote_id: str, valid_from_us: int, valid_until_us: int) -> QuoteText:
    """The JSON of a quote, but for its signature.

    Args:
        quote: The quote.
        quote_id: Its identifier.
        valid_from_us: When it was issued, microseconds.
        valid_until_us: When it ends.
    """
    exponent = quote.exponent
    amounts = AMOUNT_TEXTS[exponent]
{locals}
    return QuoteText(
        head={head},
        flags={flags},
        middle={middle},
        tail={tail},
    )


{functions}'''

_LIST_ENTRY = '''def {name}({arguments}) -> str:
    """{doc}"""
{body}
'''

_KEPT_WITH_ROW = '''def {name}(row: {kind}) -> {type}:
    """What every quote says of it alike, kept with it."""
    texts = ({texts},)
    row.kept = texts
    return texts
'''

_KEPT_BY_ROWS = '''@lru_cache(maxsize=4096)
def {name}(rows: tuple[{kind}, ...]) -> str:
    """As many different ones come by as there are combinations of them."""
    return ",".join([{entry}(row) for row in rows])
'''

# How a value is written, in an f-string, by what its type says (`written`).
_WRITTEN = {
    "amount": "{{amounts[{code}]}}",
    "unit_price": "{{unit_price({code}, exponent, amounts)}}",
    "percent": "{{percentage({code})}}",
    "charge": "{{rate_charge({code})}}",
    "inputs": "{{write_inputs({code}, amounts)}}",
    "instant": '"{{instant_text({code})}}"',
}
_NEEDS_MONEY = ("amount", "unit_price", "inputs")


class Writer:
    """The source in the making: functions for what comes in lists, and the classes that they are given."""

    def __init__(self) -> None:
        self.functions: dict[str, str] = {}
        self.classes: dict[str, type] = {}

    def class_of(self, document: Any) -> str:
        """The class that a struct is made of, imported."""
        self.classes[document.figures.__name__] = document.figures
        return str(document.figures.__name__)

    def entry_function(self, document: Document) -> str:
        """The function that writes a struct which comes in lists; made when it is first asked for."""
        name = "write_" + _snake(document.__name__.removesuffix("Document"))
        if name in self.functions:
            return name
        self.functions[name] = ""  # its place, before those that it calls
        body = Body(self)
        always = body.members(document, "it", is_entry=True)
        lines = [*body.locals, f"text = {_joined(['{{', *always])}", *body.options, 'return text + "}"']
        if not body.options:
            lines = [*body.locals, f"return {_joined(['{{', *always, '}}'])}"]
        self.functions[name] = _LIST_ENTRY.format(
            name=name,
            arguments=f"it: {self.class_of(document)}" + _money_of(document, ", amounts: AmountTexts, exponent: int"),
            doc=(document.__doc__ or "").split(";")[0].splitlines()[0].rstrip(".") + ".",
            body="\n".join(f"    {line}" for line in lines),
        )
        return name


class Body:
    """What one function says: `locals` come first; `options` are for members that may be left out, and come last.

    Where something stands behind what may be left out, that is a local too: the member's text, or none.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.locals: list[str] = []
        self.options: list[str] = []

    def members(
        self, document: Document, holder: str, *, is_complete: bool = False, is_entry: bool = False
    ) -> list[str]:
        """The parts of an f-string, a member each.

        What may be left out of the whole quote is there when it is written, but for lists that are empty or were not asked
        for. Only an entry has a
        function of its own, at whose end members that may be left out can be added.
        """
        parts: list[str] = []
        kept: list[list[str]] = []  # stretches of members that are kept with a row
        row, is_open = "", False
        every = list(members_of(document))
        last = max(place for place, member in enumerate(every) if not member.is_optional)
        for place, member in enumerate(every):
            text = ("," if place else "") + f'"{member.name}":'
            if member.is_optional and (not is_complete or member.is_left_out_empty or member.is_asked_for):
                if is_entry and place > last and not member.is_left_out_empty:
                    self._option(member, holder, text)
                else:
                    parts.append(self._text_or_none(member, holder, text))
                    is_open = False
                continue
            is_kept = member.figure.once and member.entry is None
            if is_kept:
                row = member.figure.path.partition(".")[0]
                if not is_open:
                    parts.append(f"{{kept[{len(kept)}]}}")
                    kept.append([])
                kept[-1].append(text + self._value(member, member.code("").replace(row, "row", 1)))
            elif is_open:
                kept[-1].append(text)  # a piece less to put together for each entry
                parts.append(self._value(member, member.code(holder)))
            else:
                parts.append(text + self._value(member, member.code(holder)))
            is_open = is_kept
        if kept:
            self._keep(f"{holder}.{row}", kept)
        return parts

    def _keep(self, row: str, stretches: list[list[str]]) -> None:
        kind = self._writer.classes["CompiledRate"] = _rate_class()
        name, texts = f"_texts_of_{row.rpartition('.')[2]}", f"tuple[{', '.join(['str'] * len(stretches))}]"
        lines = [line for line in self.locals if "row" in line]
        self.locals = [line for line in self.locals if line not in lines]
        source = _KEPT_WITH_ROW.format(
            name=name, kind=kind.__name__, type=texts, texts=", ".join(map(_joined, stretches))
        )
        first, doc, rest = source.split("\n", 2)
        self._writer.functions[name] = "\n".join([first, doc, *(f"    {line}" for line in lines), rest])
        self.locals.append(f"kept: {texts} = {row}.kept or {name}({row})")

    def _option(self, member: Member, holder: str, lead: str) -> None:
        """Lines that add a member where there is one."""
        code = member.code(holder)
        if member.kind is bool:
            self.options += [f"if {code}:", f"    text += {_joined([lead + 'true'])}"]
            return
        local = member.name
        value = self._value(member, local)
        self.options += [f"{local} = {code}", f"if {local} is not None:", f"    text += {_joined([lead + value])}"]

    def _text_or_none(self, member: Member, holder: str, lead: str) -> str:
        """A local for a member that may be left out, among others that may not."""
        code = member.code(holder)
        assert lead.startswith(","), f"{member.name} comes first, and may be left out"
        present = f"{code} is not None"
        if member.kind is bool:
            present, text = code, _joined([lead + "true"])
        elif member.is_left_out_empty or member.is_asked_for:
            present = code if member.is_left_out_empty else present
            text = _joined([lead + f"[{{{self._entries(member, code)}}}]"])
        else:
            text = _joined([lead + self._value(member, code)])
        self.locals.append(f'{member.name} = {text} if {present} else ""')
        return f"{{{member.name}}}"

    def _value(self, member: Member, code: str) -> str:
        """A value in an f-string; one that may be null becomes a local first."""
        text = self._present(member, code)
        if not member.is_null or member.written is not None:  # what is written in a way of its own knows null
            return text
        self.locals.append(f'{member.name} = "null" if {code} is None else {_joined([text])}')
        return f"{{{member.name}}}"

    def _present(self, member: Member, code: str) -> str:
        kind = member.kind
        if member.written in _WRITTEN:
            return _WRITTEN[member.written].format(code=code)
        if member.written is not None:
            return f"{{<{member.written}>{code}}}"  # where the text is cut
        if member.entry is not None:
            return self._list(member, code)
        if get_origin(kind) is list:
            return f"{{json_names({code})}}"
        if get_origin(kind) is Literal:
            return f'"{get_args(kind)[0]}"' if len(get_args(kind)) == 1 else f'"{{{code}}}"'
        if issubclass(kind, msgspec.Struct):
            return "\n".join(["{{", *self.members(kind, code), "}}"])
        if kind is bool:
            self.locals.append(f'{member.name} = "true" if {code} else "false"')
            return f"{{{member.name}}}"
        if kind is str:
            return f'"{{{code}}}"' if member.is_plain else f"{{json_text({code})}}"
        assert kind is int, f"{member.name}: it is not known how a {kind} is written"
        return f"{{{code}}}"

    def _entries(self, member: Member, code: str) -> str:
        """An expression of the text of a list's entries."""
        call = f"{self._writer.entry_function(member.entry)}(each{_money_of(member.entry, ', amounts, exponent')})"
        return f'",".join([{call} for each in {code}])'

    def _list(self, member: Member, code: str) -> str:
        if not member.figure.once:
            self.locals.append(f"{member.name} = {self._entries(member, code)}")
            return f"[{{{member.name}}}]"
        entry, name = self._writer.entry_function(member.entry), f"_{member.name}"
        self._writer.functions[name] = _KEPT_BY_ROWS.format(
            name=name, kind=self._writer.class_of(member.entry), entry=entry
        )
        return f"[{{{name}(tuple({code}))}}]"


def writer_source(document: Document = UnsignedQuote) -> str:
    """The source of the writer.

    Args:
        document: The declaration of a quote as it is signed; in tests, one with a member more.
    """
    writer = Writer()
    body = Body(writer)
    parts = ["{{", *body.members(document, "quote", is_complete=True)]
    writer.class_of(document)
    writer.entry_function(WarningDocument)
    cut_flags, cut_cache = (next(i for i, part in enumerate(parts) if f"<{at}>" in part) for at in ("flags", "cache"))
    before_flags, flags = parts[cut_flags].split("{<flags>")
    before_cache, _ = parts[cut_cache].split("{<cache>")
    head = [*parts[:cut_flags], before_flags]
    repeated = _repeated(head, "{amounts[")
    source = _FILE.format(
        imports="\n".join(sorted(f"from {each.__module__} import {name}" for name, each in writer.classes.items())),
        locals="\n".join(
            [*(f"    {name} = {code}" for code, name in repeated.items()), *(f"    {x}" for x in body.locals)]
        ),
        head=_joined([_with_locals(part, repeated) for part in head]),
        flags=f"flags_text(tuple({flags.rstrip('}')}))",
        middle=_joined([*parts[cut_flags + 1 : cut_cache], before_cache]),
        tail=_joined(parts[cut_cache + 1 :]),
        functions="\n\n".join(writer.functions.values()),
    )
    return _formatted(source)


def _repeated(parts: list[str], start: str) -> dict[str, str]:
    """Amounts that stand in a text more than once, with the names of locals for them."""
    whole = "".join(parts)
    codes = [found.partition("}")[0] for found in whole.split(start)[1:]]
    return {
        start[1:] + code: code.rpartition(".")[2].removesuffix("]").removesuffix("_minor")
        for code in codes
        if codes.count(code) > 1
    }


def _with_locals(part: str, named: dict[str, str]) -> str:
    for code, name in named.items():
        part = part.replace(f"{{{code}}}", f"{{{name}}}")
    return part


def _joined(parts: list[str]) -> str:
    """An f-string, a line for each member; braces alone stand with one."""
    if len(parts) == 1 and parts[0].startswith("{json_text(") and parts[0].endswith(")}"):
        return parts[0][1:-1]
    lines = [""]
    for part in "\n".join(parts).split("\n"):
        if len(part) <= 3 or not lines[-1].strip("{"):
            lines[-1] += part
        else:
            lines.append(part)
    quoted = [f"f'{line}'" if "{" in line else f"'{line}'" for line in lines]
    return quoted[0] if len(quoted) == 1 else "(" + "\n".join(quoted) + ")"


def _money_of(document: Document, arguments: str) -> str:
    """The arguments of a function that writes amounts; none for one that writes none."""
    return arguments if any(member.written in _NEEDS_MONEY for member in members_of(document)) else ""


def _rate_class() -> type:
    from quote_service.pricing.commission.compiled_rate import CompiledRate

    return CompiledRate


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _formatted(source: str) -> str:
    """The source as the project's formatter and linter leave it."""
    ruff, name = str(Path(sys.executable).with_name("ruff")), ["--stdin-filename", str(TARGET), "-"]
    for command in ([ruff, "check", "--fix", "--quiet", "--exit-zero", *name], [ruff, "format", "--quiet", *name]):
        source = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    return source


if __name__ == "__main__":
    TARGET.write_text(writer_source())
