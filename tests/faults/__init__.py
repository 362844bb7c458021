import pytest

pytestmark = [
    pytest.mark.second_try("kills, freezes and slows the servers under a service"),
    pytest.mark.long("a service and servers of its own, and load while they fail"),
]
