import pytest

pytestmark = pytest.mark.second_try("kills and freezes processes at drawn moments")
