import pytest

pytestmark = pytest.mark.second_try("starts servers by the dozen, kills and orphans them")
