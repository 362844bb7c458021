"""How a program calls an operation: the same request in curl, Python and TypeScript, made from its description.

The address and the credentials come from the environment: QUOTE_URL, QUOTE_API_KEY and, where a person is needed, QUOTE_TOKEN.

Source: docs/spec/operations.md#api-reference.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.exact_json import parse_json

_JSON = "application/json"
_EVENTS = "text/event-stream"
_UUID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
# What stands for a parameter that the caller has to give; ids and enumerations follow from their schema.
_SAMPLES = {"code": "not-found", "currency": "TRY", "key": "new-checkout", "name": "delivery-fee", "to": _UUID}
_KEY_SAMPLE = "order-1042"


class _Call(NamedTuple):
    """One request.

    Attributes:
        path: With its query.
        credential: The header, what stands before its value, and the variable that holds that; None for nobody's.
        body: None for none; text where the content type is not JSON.
        answer: The media type of the answer; empty for an answer without a body.
        leads_on: Whether the answer is a redirect.
    """

    method: str
    path: str
    credential: tuple[str, str, str] | None
    headers: Mapping[str, str]
    body: Any
    answer: str
    leads_on: bool

    @property
    def is_json(self) -> bool:
        return self.headers.get("Content-Type", _JSON) == _JSON


def code_samples(path: str, method: str, operation: Mapping[str, Any]) -> list[dict[str, str]]:
    """The samples of an operation as `x-codeSamples` has them."""
    call = _call(path, method, operation)
    return [
        {"lang": "Shell", "label": "curl", "source": _curl(call)},
        {"lang": "Python", "label": "Python", "source": _python(call)},
        {"lang": "TypeScript", "label": "TypeScript", "source": _typescript(call)},
    ]


def _call(path: str, method: str, operation: Mapping[str, Any]) -> _Call:
    query, headers = dict[str, str](), dict[str, str]()
    for parameter in operation.get("parameters", ()):
        name, sample = parameter["name"], _sample(parameter)
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", sample)
        elif parameter.get("required"):
            (query if parameter["in"] == "query" else headers)[name] = sample
    body = operation.get("requestBody", {})
    document = None
    if body.get("required"):
        media_type, content = next(iter(body["content"].items()))
        headers["Content-Type"], document = media_type, content.get("example", {})
    if query:
        path += f"?{urlencode(query)}"
    status, answered = next(iter(operation["responses"].items()))
    answer = next(iter(answered.get("content", {})), "")
    return _Call(method.upper(), path, _credential(operation), headers, document, answer, status.startswith("3"))


def _sample(parameter: Mapping[str, Any]) -> str:
    schema, name = parameter["schema"], parameter["name"]
    if name == "Idempotency-Key":
        return _KEY_SAMPLE
    if schema.get("format") == "uuid":
        return _UUID
    return str(_SAMPLES.get(name) or next(iter(schema.get("enum", ())), name))


def _credential(operation: Mapping[str, Any]) -> tuple[str, str, str] | None:
    ways = operation["security"]
    if {} in ways:
        return None
    return ("X-API-Key", "", "QUOTE_API_KEY") if {"ApiKey": []} in ways else ("Authorization", "Bearer ", "QUOTE_TOKEN")


def _curl(call: _Call) -> str:
    words = ["curl --fail-with-body -sS" + ("N" if call.answer == _EVENTS else "")]
    if call.method not in ("GET", "POST") or (call.method == "POST" and call.body is None):
        words[0] += f" -X {call.method}"
    words[0] += f' "$QUOTE_URL{call.path}"'
    if call.credential:
        name, before, variable = call.credential
        words.append(f'-H "{name}: {before}${variable}"')
    words += [f"-H '{name}: {value}'" for name, value in call.headers.items()]
    if call.body is None:
        return " \\\n  ".join(words) + "\n"
    body = _json(call.body) if call.is_json else _lines(call.body)
    return " \\\n  ".join([*words, "--data-binary @- <<'BODY'"]) + f"\n{body}\nBODY\n"


def _python(call: _Call) -> str:
    headers = [f'"{name}": {_python_text(value)}' for name, value in _own_headers(call).items()]
    if call.credential:
        name, before, variable = call.credential
        value = f'os.environ["{variable}"]'
        headers.insert(0, f'"{name}": ' + (f'"{before}" + {value}' if before else value))
    given = [f'os.environ["QUOTE_URL"] + "{call.path}"']
    if headers:
        given.append(f"headers={{{', '.join(headers)}}}")
    if call.body is not None:
        given.append(f"json={_python_value(_plain(call.body), 1)}" if call.is_json else f"content={_block(call.body)}")
    head = "import os\n\nimport httpx\n\n"
    if call.answer == _EVENTS:
        asked = ",\n    ".join(['"GET"', *given, "timeout=None"])
        return f"{head}with httpx.stream(\n    {asked},\n) as answer:\n    for line in answer.iter_lines():\n        print(line)\n"
    asked = ",\n    ".join(given)
    shown = {"": "answer.status_code", _JSON: "answer.json()"}.get(call.answer, "answer.text")
    checked = "" if call.leads_on else "answer.raise_for_status()\n"
    return f"{head}answer = httpx.{call.method.lower()}(\n    {asked},\n)\n{checked}print({shown})\n"


def _typescript(call: _Call) -> str:
    headers = [f'"{name}": {_python_text(value)}' for name, value in call.headers.items()]
    if call.credential:
        name, before, variable = call.credential
        value = f"`{before}${{process.env.{variable}}}`" if before else f'process.env.{variable} ?? ""'
        headers.insert(0, f'"{name}": {value}')
    members = [f'method: "{call.method}"'] if call.method != "GET" else []
    if headers:
        members.append(f"headers: {{ {', '.join(headers)} }}")
    if call.body is not None:
        body = _json(call.body).replace("\n", "\n  ")
        members.append(f"body: JSON.stringify({body})" if call.is_json else f"body: {_block_in_javascript(call.body)}")
    options = "".join(f"  {member},\n" for member in members)
    url = f"`${{process.env.QUOTE_URL}}{call.path}`"
    asked = (
        f"const answer = await fetch({url}, {{\n{options}}});\n" if members else f"const answer = await fetch({url});\n"
    )
    checked = "if (!answer.ok) throw new Error(await answer.text());\n"
    if call.answer == _EVENTS:
        return f"{asked}{checked}for await (const part of answer.body ?? []) process.stdout.write(part);\n"
    shown = {"": "answer.status", _JSON: "await answer.json()"}.get(call.answer, "await answer.text()")
    return f"{asked}{checked}console.log({shown});\n"


def _own_headers(call: _Call) -> dict[str, str]:
    """Without what the client sets by itself."""
    return {name: value for name, value in call.headers.items() if (name, value) != ("Content-Type", _JSON)}


def _json(value: Any) -> str:
    return msgspec.json.format(write_document(value), indent=2).decode()


def _plain(value: Any) -> Any:
    return parse_json(write_document(value))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\n")


def _python_text(text: str) -> str:
    # A text of JSON is one of Python and of JavaScript too.
    return json.dumps(text, ensure_ascii=False)


def _python_value(value: Any, depth: int) -> str:
    """A document as Python writes it, a level four spaces, every number with its own digits."""
    if isinstance(value, dict | list) and value:
        if isinstance(value, dict):
            entries = [f"{_python_text(name)}: {_python_value(entry, depth + 1)}" for name, entry in value.items()]
        else:
            entries = [_python_value(entry, depth + 1) for entry in value]
        indent = "    " * (depth + 1)
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        return f"{opening}\n" + "".join(f"{indent}{entry},\n" for entry in entries) + "    " * depth + closing
    if value is None or isinstance(value, bool):
        return str(value)
    return _python_text(value) if isinstance(value, str) else write_document(value).decode()


def _block(text: str) -> str:
    return '"""\\\n' + _lines(text).replace("\\", "\\\\") + '\n"""'


def _block_in_javascript(text: str) -> str:
    return "`" + _lines(text).replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${") + "\n`"
