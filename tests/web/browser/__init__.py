import pytest

pytestmark = [
    pytest.mark.second_try("a real browser, whose windows share the processors with all else"),
    pytest.mark.long("a real browser"),
]
