"""The fast gate, a step at a time."""

import pytest
from conftest import none_of

from book import check


# Most of them are cargo's, which lets nobody else into the directory that it builds in.
@pytest.mark.xdist_group("cargo")
@pytest.mark.parametrize("step", check.STEPS)
def test_check(step):
    none_of(check.STEPS[step]())
