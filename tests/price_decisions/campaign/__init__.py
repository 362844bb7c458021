import pytest

pytestmark = [
    pytest.mark.second_try("kills and freezes processes at drawn moments"),
    pytest.mark.long("a shop of real processes for each test"),
]
