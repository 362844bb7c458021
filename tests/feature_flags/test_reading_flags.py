"""Lists, history and who may see them.

Source: docs/spec/feature-flags.md#managing-flags; docs/spec/wire.md#lists; docs/spec/access.md#routes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.feature_flags.conftest import FLAGS, created, draft_of, faults, flag, new_key

Headers = Callable[[str], dict[str, str]]


def listed(client: httpx.Client, **query: Any) -> list[str]:
    answer = client.get(FLAGS, params=query)
    assert answer.status_code == 200, answer.text
    return [row["key"] for row in answer.json()["data"]]


def test_a_flag_by_its_key(admin: httpx.Client) -> None:
    data = created(admin)
    answer = admin.get(f"{FLAGS}/key/{data['key']}")
    assert answer.json()["data"] == data
    assert answer.headers["etag"] == admin.get(f"{FLAGS}/{data['id']}").headers["etag"]
    assert admin.get(f"{FLAGS}/key/{data['key'].upper()}").status_code == 404


def test_the_filters(admin: httpx.Client) -> None:
    start = new_key()
    kinds: dict[str, dict[str, Any]] = {
        f"{start}.bool": {},
        f"{start}.off": {"is_enabled": False},
        f"{start}.text": {"type": "STRING", "value": "x"},
        f"{start}.hidden": {"expose_in_quote": False},
        f"{start}.archived": {},
    }
    ids = {key: created(admin, key=key, **members)["id"] for key, members in kinds.items()}
    admin.delete(f"{FLAGS}/{ids[f'{start}.archived']}")

    def names(**query: Any) -> list[str]:
        return [key.removeprefix(start) for key in listed(admin, key_prefix=start, **query)]

    assert names() == [".bool", ".hidden", ".off", ".text"]
    assert names(is_archived=False) == names()
    assert names(is_archived=True) == [".archived"]
    assert names(type="STRING") == [".text"]
    assert names(is_enabled=False) == [".off"]
    assert names(is_enabled=True) == [".bool", ".hidden", ".text"]
    assert names(expose_in_quote=False) == [".hidden"]
    assert names(type="BOOLEAN", is_enabled=True, expose_in_quote=True) == [".bool"]
    assert listed(admin, key_prefix=f"{start}%") == []
    assert listed(admin, key_prefix=start.upper()) == []


def test_pages_hold_every_flag_once_while_others_come_and_go(admin: httpx.Client) -> None:
    start = new_key()
    keys = [f"{start}.{letter}" for letter in "abcdeFGH"]
    for key in keys:
        created(admin, key=key)
    seen, cursor = [], None
    while True:
        query: dict[str, Any] = {"key_prefix": start, "limit": 3, **({"cursor": cursor} if cursor else {})}
        page = admin.get(FLAGS, params=query).json()
        seen += [row["key"] for row in page["data"]]
        created(admin, key=f"{start}.0{len(seen)}")  # before what has been seen
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(keys)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": 0}, "/query/limit"),
        ({"limit": 201}, "/query/limit"),
        ({"cursor": "junk"}, "/query/cursor"),
        ({"type": "DATE"}, "/query/type"),
        ({"is_enabled": "maybe"}, "/query/is_enabled"),
        ({"kind": "x"}, "/query/kind"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(admin: httpx.Client, query: dict[str, Any], pointer: str) -> None:
    assert list(faults(admin.get(FLAGS, params=query))) == [pointer]


def test_a_cursor_of_another_list_is_refused(admin: httpx.Client) -> None:
    data = created(admin)
    created(admin)
    cursor = admin.get(FLAGS, params={"limit": 1}).json()["next_cursor"]
    assert cursor is not None
    assert list(faults(admin.get(f"{FLAGS}/{data['id']}/history", params={"cursor": cursor}))) == ["/query/cursor"]


def test_the_history_holds_every_version_newest_first(admin: httpx.Client) -> None:
    versions = [created(admin, name="1")]
    path = f"{FLAGS}/{versions[0]['id']}"
    for number in range(2, 5):
        versions.append(admin.put(path, json=draft_of(versions[0], name=str(number))).json()["data"])
    versions.append(admin.post(f"{path}/kill").json()["data"])
    admin.delete(path)
    versions.append(admin.get(path).json()["data"])
    assert [version["version"] for version in versions] == [1, 2, 3, 4, 5, 6]
    assert admin.get(f"{path}/history").json()["data"] == versions[::-1]
    first = admin.get(f"{path}/history", params={"limit": 4}).json()
    rest = admin.get(f"{path}/history", params={"limit": 4, "cursor": first["next_cursor"]}).json()
    assert first["data"] + rest["data"] == versions[::-1]
    assert rest["next_cursor"] is None


def requests_of(data: dict[str, Any]) -> dict[str, tuple[str, str, Any]]:
    path = f"{FLAGS}/{data['id']}"
    return {
        "create": ("POST", FLAGS, flag()),
        "replace": ("PUT", path, draft_of(data)),
        "kill": ("POST", f"{path}/kill", None),
        "show": ("GET", path, None),
        "show by key": ("GET", f"{FLAGS}/key/{data['key']}", None),
        "list": ("GET", FLAGS, None),
        "history": ("GET", f"{path}/history", None),
        "archive": ("DELETE", path, None),
    }


READS = {"show", "show by key", "list", "history"}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("pricing_manager", {"create", "replace", "kill", "archive", *READS}), ("analyst", READS), ("user", set())],
)
def test_who_may_read_and_write(
    admin: httpx.Client, anonymous: httpx.Client, caller_with_role: Headers, role: str, allowed: set[str]
) -> None:
    headers = caller_with_role(role)
    for name, (method, path, body) in requests_of(created(admin)).items():
        assert anonymous.request(method, path, json=body).status_code == 401
        answer = anonymous.request(method, path, json=body, headers=headers)
        assert (answer.status_code != 403) is (name in allowed), (name, answer.text)
        assert answer.status_code in ((200, 201, 204) if name in allowed else (403,))


def test_a_key_that_evaluates_does_nothing_else(
    admin: httpx.Client, anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]
) -> None:
    headers = key_with("flags:evaluate")
    for method, path, body in requests_of(created(admin)).values():
        assert anonymous.request(method, path, json=body, headers=headers).status_code == 403
