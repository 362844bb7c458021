import pytest

pytestmark = pytest.mark.second_try("kills, freezes and slows the servers under a service")
