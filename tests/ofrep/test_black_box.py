"""OFREP 0.3.0 as any client sees it: pointed at another server by `OFREP_URL` (see `flag_set.py`), it tests that one.

Source: docs/spec/ofrep.md; https://github.com/open-feature/protocol, version 0.3.0.
"""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.ofrep.flag_set import ARMS, CHANGED, OFF, SPLIT, STATIC, TARGETED, UNKNOWN, WANTED
from tests.ofrep.server import BULK, EVENTS, OfrepServer, eventually

REASONS = {"STATIC", "TARGETING_MATCH", "SPLIT", "DEFAULT", "DISABLED", "UNKNOWN", "CACHED", "STALE"}
SOMEBODY = {"targetingKey": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"}
TAG = re.compile(r'"[\x21\x23-\x7e]+"')


def failure(answer: httpx.Response, status: int, code: str, key: str | None = None) -> dict[str, Any]:
    """The body of a refusal, which has to be in the protocol's form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].split(";")[0] == "application/json"
    body = dict(answer.json())
    assert body["errorCode"] == code, body
    assert isinstance(body["errorDetails"], str)
    assert body["errorDetails"]
    assert body.get("key") == key
    assert body.keys() <= {"key", "errorCode", "errorDetails", "metadata"}
    return body


def literal_of(text: str) -> str:
    """The value in an answer, as it is written: `10` and `10.0` are two things to an SDK."""
    found: list[str] = []

    def kept(written: str) -> str:
        found.append(written)
        return written

    json.loads(text, parse_float=kept, parse_int=kept)
    return found[0]


@pytest.fixture
def changing(ofrep: OfrepServer) -> OfrepServer:
    if ofrep.change is None:
        pytest.skip("OFREP_CHANGE does not say how a flag is changed")
    return ofrep


# One flag


@pytest.mark.parametrize("key", STATIC)
def test_a_flag_answers_its_value_and_why(ofrep: OfrepServer, key: str) -> None:
    answer = ofrep.one(key, SOMEBODY)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["key"] == key
    # Zero, empty and false are values like any other.
    assert body["value"] == STATIC[key]
    assert type(body["value"]) is type(STATIC[key])
    assert body["reason"] == "STATIC"
    assert body.keys() <= {"key", "value", "reason", "variant", "metadata"}


@pytest.mark.parametrize("key", ["suite.integer", "suite.float", "suite.float-whole", "suite.float-zero"])
def test_a_number_keeps_the_form_that_it_was_written_in(ofrep: OfrepServer, key: str) -> None:
    assert literal_of(ofrep.one(key).text) == json.dumps(STATIC[key])


def test_a_variant_and_a_reason_are_always_there(ofrep: OfrepServer) -> None:
    for key in WANTED:
        body = ofrep.one(key, SOMEBODY).json()
        assert isinstance(body["variant"], str), key
        assert body["reason"] in REASONS, key


def test_metadata_holds_plain_values(ofrep: OfrepServer) -> None:
    for key in WANTED:
        metadata = ofrep.one(key, SOMEBODY).json().get("metadata", {})
        assert all(isinstance(value, (bool, str, int, float)) for value in metadata.values()), key


def test_an_unknown_flag_is_not_found(ofrep: OfrepServer) -> None:
    failure(ofrep.one(UNKNOWN, SOMEBODY), 404, "FLAG_NOT_FOUND", UNKNOWN)


@pytest.mark.parametrize("key", ["a%20b", "ğ", "..%2Fetc", "a/b"])
def test_what_can_be_no_key_is_not_found_either(ofrep: OfrepServer, key: str) -> None:
    answer = ofrep.one(key, SOMEBODY)
    assert answer.status_code == 404, answer.text
    assert answer.json()["errorCode"] == "FLAG_NOT_FOUND"


def test_a_context_without_a_key_is_enough_for_a_static_flag(ofrep: OfrepServer) -> None:
    assert ofrep.one("suite.bool-true", {}).json()["value"] is True


@pytest.mark.parametrize("context", [{}, {"targetingKey": ""}, {"country": "TR"}])
@pytest.mark.parametrize("key", [SPLIT, ARMS])
def test_a_hash_needs_a_key(ofrep: OfrepServer, key: str, context: dict[str, Any]) -> None:
    failure(ofrep.one(key, context), 400, "TARGETING_KEY_MISSING", key)


def test_a_flag_that_is_off_says_so_and_has_no_value(ofrep: OfrepServer) -> None:
    body = ofrep.one(OFF, SOMEBODY).json()
    assert body["reason"] == "DISABLED"
    assert "value" not in body


@pytest.mark.parametrize(
    ("context", "value", "reason"),
    [({"country": "TR"}, "in", "TARGETING_MATCH"), ({"country": "DE"}, "out", "DEFAULT"), ({}, "out", "DEFAULT")],
)
def test_targeting_goes_by_the_context(ofrep: OfrepServer, context: dict[str, Any], value: str, reason: str) -> None:
    body = ofrep.one(TARGETED, context).json()
    assert (body["value"], body["reason"]) == (value, reason)


def test_a_split_divides_keys_and_keeps_to_it(ofrep: OfrepServer) -> None:
    keys = [str(uuid4()) for _ in range(60)]
    first = {key: ofrep.one(SPLIT, {"targetingKey": key}).json() for key in keys}
    assert {reported["reason"] for reported in first.values()} == {"SPLIT"}
    assert {reported["value"] for reported in first.values()} == {True, False}
    assert first == {key: ofrep.one(SPLIT, {"targetingKey": key}).json() for key in keys}


def test_arms_come_with_their_names(ofrep: OfrepServer) -> None:
    body = [ofrep.one(ARMS, {"targetingKey": str(uuid4())}).json() for _ in range(40)]
    assert {(each["variant"], each["value"]) for each in body} == {("a", "A"), ("b", "B")}


@pytest.mark.parametrize(
    "context",
    [
        {"a-list": [1, "two", None], "an-object": {"deep": {"er": True}}, "nothing": None},
        {"number": 1.5, "large": 2**53, "text": "ğ💩", "": "no name"},
    ],
)
def test_a_context_may_hold_anything_else(ofrep: OfrepServer, context: dict[str, Any]) -> None:
    assert ofrep.one("suite.bool-true", {**SOMEBODY, **context}).status_code == 200


def test_members_that_the_protocol_may_get_are_passed_over(ofrep: OfrepServer) -> None:
    body = json.dumps({"context": SOMEBODY, "from a later version": {"a": 1}}).encode()
    assert ofrep.send(f"{BULK}/suite.string", body).json()["value"] == "hello"


# What cannot be read

BROKEN = [b"", b"{", b"nonsense", b'{"context": {}', b"\xff\xfe", b'{"context": {"targetingKey": NaN}}']
NO_CONTEXT = [b"[]", b"null", b"1", b"{}", b'{"context": 1}', b'{"context": null}', b'{"context": []}']
WRONG_KEYS = [b'{"context": {"targetingKey": 1}}', b'{"context": {"targetingKey": ["a"]}}']


@pytest.mark.parametrize("body", BROKEN)
def test_what_is_no_json_is_a_parse_error(ofrep: OfrepServer, body: bytes) -> None:
    failure(ofrep.send(f"{BULK}/suite.string", body), 400, "PARSE_ERROR", "suite.string")
    failure(ofrep.send(BULK, body), 400, "PARSE_ERROR")


@pytest.mark.parametrize("body", [*NO_CONTEXT, *WRONG_KEYS])
def test_what_is_no_context_is_an_invalid_one(ofrep: OfrepServer, body: bytes) -> None:
    failure(ofrep.send(f"{BULK}/suite.string", body), 400, "INVALID_CONTEXT", "suite.string")
    failure(ofrep.send(BULK, body), 400, "INVALID_CONTEXT")


@pytest.mark.parametrize("path", [BULK, f"{BULK}/suite.string"])
def test_only_post_is_taken(ofrep: OfrepServer, path: str) -> None:
    with ofrep.client() as client:
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            answer = client.request(method, path)
            assert answer.status_code == 405, (method, answer.text)
            assert "POST" in answer.headers["allow"]


# All flags


def test_all_flags_come_in_the_order_of_their_keys(ofrep: OfrepServer) -> None:
    answer = ofrep.all(SOMEBODY)
    assert answer.status_code == 200, answer.text
    keys = [item["key"] for item in answer.json()["flags"]]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert set(WANTED) <= set(keys)


@pytest.mark.parametrize("context", [SOMEBODY, {"country": "TR"}, {}])
def test_one_and_all_say_the_same(ofrep: OfrepServer, context: dict[str, Any]) -> None:
    body = {item["key"]: item for item in ofrep.all(context).json()["flags"]}
    assert {key: body[key] for key in WANTED} == {key: ofrep.one(key, context).json() for key in WANTED}


def test_a_flag_that_fails_is_an_item_and_the_others_answer(ofrep: OfrepServer) -> None:
    body = {item["key"]: item for item in ofrep.all({}).json()["flags"]}
    for key in (SPLIT, ARMS):
        assert body[key]["errorCode"] == "TARGETING_KEY_MISSING"
        assert body[key]["errorDetails"]
        assert "value" not in body[key]
    assert {key: body[key]["value"] for key in STATIC} == STATIC


# ETags


def test_the_same_question_has_the_same_strong_tag_and_a_304(ofrep: OfrepServer) -> None:
    first = ofrep.all(SOMEBODY)
    tag = first.headers["etag"]
    assert TAG.fullmatch(tag)
    again = ofrep.all(SOMEBODY, **{"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"other", {tag}', 'W/"x" , W/{tag}', "*", '"a,b", {tag}'])
def test_every_form_of_if_none_match_is_understood(ofrep: OfrepServer, form: str) -> None:
    tag = ofrep.all(SOMEBODY).headers["etag"]
    assert ofrep.all(SOMEBODY, **{"If-None-Match": form.format(tag=tag)}).status_code == 304


@pytest.mark.parametrize("form", ['"other"', 'W/"other"', "nonsense", '"', '"a" "b"', ""])
def test_another_tag_or_none_gets_the_answer(ofrep: OfrepServer, form: str) -> None:
    answer = ofrep.all(SOMEBODY, **{"If-None-Match": form})
    assert (answer.status_code, len(answer.json()["flags"]) >= len(WANTED)) == (200, True)


def test_a_header_that_is_repeated_is_one_list(ofrep: OfrepServer) -> None:
    tag = ofrep.all(SOMEBODY).headers["etag"]
    with ofrep.client() as client:
        headers = [("If-None-Match", '"other"'), ("If-None-Match", tag)]
        assert client.post(BULK, json={"context": SOMEBODY}, headers=headers).status_code == 304


def test_another_context_makes_the_tag_an_old_one(ofrep: OfrepServer) -> None:
    tag = ofrep.all({**SOMEBODY, "country": "TR"}).headers["etag"]
    answer = ofrep.all({**SOMEBODY, "country": "DE"}, **{"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


def test_a_changed_flag_makes_the_tag_an_old_one(changing: OfrepServer) -> None:
    tag, value = changing.all(SOMEBODY).headers["etag"], str(uuid4())
    assert changing.change is not None
    changing.change(CHANGED, value)
    eventually(lambda: changing.all(SOMEBODY, **{"If-None-Match": tag}).status_code == 200, "the change is seen")
    eventually(lambda: changing.one(CHANGED).json()["value"] == value, "the flag has its new value")


@pytest.mark.parametrize("query", ["?flagConfigEtag=unknown", "?flagConfigLastModified=0", "?flagConfigEtag="])
def test_what_an_event_reported_makes_no_304_of_an_answer(ofrep: OfrepServer, query: str) -> None:
    assert ofrep.all(SOMEBODY, query).status_code == 200
    assert ofrep.all(SOMEBODY, query, **{"If-None-Match": '"other"'}).status_code == 200


# Events


def streams_of(server: OfrepServer) -> list[str]:
    """Where events can be heard, as the answer with all flags says."""
    announced = server.all(SOMEBODY).json().get("eventStreams", [])
    for stream in announced:
        assert ("url" in stream) != ("endpoint" in stream)
        assert stream.get("inactivityDelaySec", 120) >= 1
    endpoints = [stream.get("endpoint", {}) for stream in announced if stream["type"] == "sse"]
    return [
        stream.get("url") or endpoint.get("origin", "") + endpoint["requestUri"]
        for stream, endpoint in zip(announced, endpoints, strict=False)
    ]


def test_a_stream_of_events_is_announced(ofrep: OfrepServer) -> None:
    (uri,) = streams_of(ofrep)
    with ofrep.events(uri):
        pass


def test_a_change_is_reported_and_then_answered(changing: OfrepServer) -> None:
    assert changing.change is not None
    (uri,) = streams_of(changing)
    with changing.events(uri) as events:
        value = str(uuid4())
        changing.change(CHANGED, value)
        event = events.event()
        assert event.get("event", "message") == "message"
        assert event["data"]["type"] == "refetchEvaluation"
        assert event["id"]
        answer = changing.all(SOMEBODY, f"?flagConfigEtag={event['data']['etag']}")
    body = {item["key"]: item for item in answer.json()["flags"]}
    assert body[CHANGED]["value"] == value


def test_who_missed_an_event_hears_of_it_on_connecting_again(changing: OfrepServer) -> None:
    assert changing.change is not None
    with changing.events() as events:
        changing.change(CHANGED, str(uuid4()))
        last = events.event()["id"]
    tag = changing.all(SOMEBODY).headers["etag"]
    changing.change(CHANGED, str(uuid4()))
    eventually(lambda: changing.all(SOMEBODY, **{"If-None-Match": tag}).status_code == 200, "the change is seen")
    with changing.events(**{"Last-Event-ID": last}) as events:
        event = events.event()
    assert event["data"]["type"] == "refetchEvaluation"
    assert event["id"] != last


def test_who_missed_nothing_hears_of_the_next_change_first(changing: OfrepServer) -> None:
    assert changing.change is not None
    with changing.events() as events:
        changing.change(CHANGED, str(uuid4()))
        last = events.event()["id"]
    with changing.events(**{"Last-Event-ID": last}) as events:
        changing.change(CHANGED, str(uuid4()))
        assert events.event()["id"] != last


# Who asks


@pytest.mark.parametrize("path", [BULK, f"{BULK}/suite.string", EVENTS])
@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"Authorization": "Bearer wrong"}])
def test_nobody_gets_in_without_credentials(ofrep: OfrepServer, path: str, headers: dict[str, str]) -> None:
    if not ofrep.headers:
        pytest.skip("the server asks for no credentials")
    method = "GET" if path == EVENTS else "POST"
    answer = httpx.request(
        method, ofrep.url + path, json={"context": {}} if method == "POST" else None, headers=headers
    )
    assert answer.status_code == 401, answer.text
    assert "problem" not in answer.headers.get("content-type", "")
