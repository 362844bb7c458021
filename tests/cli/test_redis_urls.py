"""What the commands say of a Redis URL that cannot be used: which variable, what is wrong, and nothing of the password.

Source: docs/spec/operations.md#settings.
"""

import pytest
from click.testing import CliRunner

from quote_service.serving.cli import main

PASSWORD = "hunter2"
FORMS = "is none of redis://, rediss://, unix://, redis+sentinel:// and redis+cluster://"
GOOD = [
    "redis://cache",
    f"redis://user:{PASSWORD}@cache:6380/3",
    f"rediss://:{PASSWORD}@cache/0",
    "unix:///run/valkey.sock",
    f"redis+sentinel://user:{PASSWORD}@one:26379,two/stock",
    "redis+sentinel://one,[::1]:26380/stock/2?sentinel_user=a&sentinel_password=b&ssl=true",
    f"redis+cluster://user:{PASSWORD}@one:6379,two,[::1]:7000?ssl=false",
]
BAD = {
    "http://cache": FORMS,
    f"redis://user:{PASSWORD}@cache/stock": "names a database that is not a number",
    f"redis://user:{PASSWORD}/more@cache": "does not name every host as host:port",
    f"redis://:{PASSWORD}@cache:70000": "does not name every host as host:port",
    f"redis://:{PASSWORD}@cache?colour=red": "has an unknown option",
    f"redis+sentinel://:{PASSWORD}@one,two": "has no name of the primary",
    f"redis+sentinel://:{PASSWORD}@one,two/stock/x": "names a database that is not a number",
    f"redis+sentinel://:{PASSWORD}@one,two/stock?quorum=2": "has an option that is none of sentinel_password,",
    f"redis+sentinel://:{PASSWORD}@one:x,two/stock": "does not name every host as host:port",
    f"redis+cluster://:{PASSWORD}@one,,two": "does not name every host as host:port",
    f"redis+cluster://:{PASSWORD}@one/1": "has a path; a cluster has database 0 alone",
    f"redis+cluster://:{PASSWORD}@one?ssl=yes": "has ssl= that is neither true nor false",
}


@pytest.mark.parametrize("url", GOOD)
def test_a_url_of_every_form_is_taken(url: str) -> None:
    taken = CliRunner().invoke(main, ["config"], env={"REDIS_URL": url, "QUOTE_STOCK_REDIS_URL": url})
    assert taken.exit_code == 0, taken.output
    assert PASSWORD not in taken.output


@pytest.mark.parametrize("variable", ["REDIS_URL", "QUOTE_STOCK_REDIS_URL"])
@pytest.mark.parametrize(("url", "reason"), BAD.items())
def test_a_url_that_cannot_be_used_is_refused_with_its_reason(variable: str, url: str, reason: str) -> None:
    refused = CliRunner().invoke(main, ["config"], env={variable: url})
    assert refused.exit_code == 1
    assert refused.output.startswith(f"{variable} {reason}"), refused.output
    assert PASSWORD not in refused.output
