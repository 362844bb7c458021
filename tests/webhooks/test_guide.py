"""The examples of docs/spec/webhooks.md verify what the service signs, and refuse what it does not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from quote_service.platform.webhooks.model.signatures import SECRET_BYTES, shown_secret, signature_headers

PAGE = (Path(__file__).parents[2] / "docs/spec/webhooks.md").read_text("utf-8")
SECRET, OTHER = bytes(range(SECRET_BYTES)), bytes(SECRET_BYTES)
BODY = b'{"type":"sale.started","data":{"name":"B\xc3\xbcy"}}'
NODE = """
const input = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
for (const each of input) {
  try { verify(each.secret, each.headers, Buffer.from(each.body, "latin1")); console.log("true"); }
  catch (wrong) { console.log("false"); }
}
"""
GO = """
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

%s
func main() {
	var input []struct {
		Secret  string
		Headers map[string]string
		Body    string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		panic(err)
	}
	for _, each := range input {
		body := make([]byte, 0, len(each.Body))
		for _, letter := range each.Body {
			body = append(body, byte(letter))
		}
		fmt.Println(verify(each.Secret, each.Headers, body) == nil)
	}
}
"""


def example(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def cases() -> list[tuple[bool, dict[str, Any]]]:
    """Whether it holds; secret, headers and body, whose bytes are written as letters of Latin-1."""
    now = int(time.time())
    good = signature_headers("id-1", now, BODY, [SECRET])
    two = signature_headers("id-1", now, BODY, [OTHER, SECRET])
    given = [
        (True, good, BODY),
        (True, two, BODY),
        (False, good, BODY + b" "),
        (False, {**good, "webhook-id": "id-2"}, BODY),
        (False, {**good, "webhook-timestamp": str(now + 1)}, BODY),
        (False, {**good, "webhook-signature": "v1,"}, BODY),
        (False, {**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}, BODY),
        (False, signature_headers("id-1", now, BODY, [OTHER]), BODY),
        (False, signature_headers("id-1", now - 400, BODY, [SECRET]), BODY),
        (False, signature_headers("id-1", now + 400, BODY, [SECRET]), BODY),
    ]
    secret = shown_secret(SECRET)
    return [
        (holds, {"secret": secret, "headers": headers, "body": body.decode("latin-1")})
        for holds, headers, body in given
    ]


def judged(command: list[str], given: list[dict[str, Any]]) -> list[bool]:
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [line == "true" for line in done.stdout.split()]


def test_python() -> None:
    names: dict[str, Any] = {}
    exec(example("python"), names)
    for holds, case in cases():
        body = case["body"].encode("latin-1")
        if holds:
            assert names["verify"](case["secret"], case["headers"], body) == json.loads(BODY)
        else:
            with pytest.raises(ValueError, match=r"wrong signature|too old"):
                names["verify"](case["secret"], case["headers"], body)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_node(tmp_path: Path) -> None:
    script = tmp_path / "verify.js"
    script.write_text(example("javascript") + NODE)
    all_cases = cases()
    assert judged(["node", str(script)], [case for _, case in all_cases]) == [holds for holds, _ in all_cases]


@pytest.mark.skipif(shutil.which("go") is None, reason="needs go")
def test_go(tmp_path: Path) -> None:
    source = tmp_path / "verify.go"
    source.write_text(GO % example("go"))
    program = tmp_path / "verify"
    built = subprocess.run(
        ["go", "build", "-o", str(program), str(source)], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    all_cases = cases()
    assert judged([str(program)], [case for _, case in all_cases]) == [holds for holds, _ in all_cases]
