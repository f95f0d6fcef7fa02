"""The fast gate, a step at a time."""

import pytest
from conftest import none_of

from book import check


@pytest.mark.parametrize("step", check.STEPS)
def test_check(step):
    none_of(check.STEPS[step]())
