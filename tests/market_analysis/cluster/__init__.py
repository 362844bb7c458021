import pytest

pytestmark = pytest.mark.second_try("processes of Apache Spark that are killed and wait for each other")
