import pytest

pytestmark = [
    pytest.mark.second_try("starts servers by the dozen, kills and orphans them"),
    pytest.mark.long("makes clusters and starts servers, which is what is tested"),
]
