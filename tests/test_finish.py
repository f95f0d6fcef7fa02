"""A test that fails ends, and says what it found: so do the commands that tests run."""

import pytest
from conftest import finish


def complaint(*command, **options):
    with pytest.raises(pytest.fail.Exception) as failed:
        finish(*command, **options)
    return str(failed.value)


def test_a_command_that_goes_well_tells_what_it_said():
    assert finish("sh", "-c", "echo one; echo two >&2") == "one\ntwo\n"


def test_a_command_that_fails_says_why():
    said = complaint("sh", "-c", "echo no such thing >&2; exit 3")
    assert "ended with 3" in said and "no such thing" in said


def test_a_command_that_hangs_is_ended_with_its_children():
    said = complaint("sh", "-c", "echo begun; sleep 600 & sleep 600", patience=1, grace=1)
    assert "did not end in 1 s" in said and "begun" in said
