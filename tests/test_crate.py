"""The instruments, tested by cargo: on this machine, on the other architecture that the book speaks of, and, as far as
a compiler can tell, for Apple's."""

import graphlib
import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import ROOT, finish, none_of

from book import program

# One after the other: cargo lets nobody else into the directory that it builds in.
pytestmark = pytest.mark.xdist_group("cargo")

AARCH64 = "aarch64-unknown-linux-gnu"
APPLE = ["x86_64-apple-darwin", "aarch64-apple-darwin"]
LINKER = "aarch64-linux-gnu-gcc"
EMULATOR = "qemu-aarch64-static"


def cargo(*command, **environment):
    return finish("cargo", *command, patience=1500, env={**os.environ, **environment})


def ready_for(target):
    """Pass over what this machine has no standard library for."""
    sysroot = subprocess.check_output(["rustc", "--print", "sysroot"], cwd=ROOT, encoding="utf-8", timeout=60).strip()
    if not (Path(sysroot) / "lib" / "rustlib" / target).is_dir():
        pytest.skip(f"no standard library for {target}: rustup target add {target}")


@pytest.fixture
def aarch64():
    """What cargo needs to build for aarch64 and to run it here."""
    ready_for(AARCH64)
    for tool in (LINKER, EMULATOR):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    return {
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER": LINKER,
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER": f"{EMULATOR} -L /usr/aarch64-linux-gnu",
    }


# Tests within the modules are about values and words. They need no quick code, which takes the compiler most of its time,
# and share the crates that they use with the tests from outside.
PLAIN = ["--config", "profile.dev.package.helpers.opt-level=0", "--config", "profile.dev.package.helpers.debug=0"]
WITHIN = ["--locked", "--workspace", "--lib", *PLAIN]
OUTSIDE = ["--locked", "--workspace", "--test", "all"]
# One test after the other: each is a stranger to the next one's measurement.
IN_TURN = ["--", "--test-threads=1"]

# Filters of system calls, limits and new programs are the emulator's own there, not those of the process in it.
NATIVE = [
    "a_forbidden_call_ends_the_child_that_makes_it_and_no_other",
    "a_notebook_keeps_all_that_it_made_without_a_list",
    "a_place_that_refuses_filters_is_no_proof",
    "a_refusal_that_passes_is_not_kept",
    "claims_on_children_that_never_began_are_unavailable",
    "only_the_named_call_is_forbidden",
]


# The pictures are the same there, byte for byte, which `every_picture_is_the_reviewed_one` tells: what a picture is like
# need not be asked again, nor what becomes of values that no parser, no picture and no claim can do anything with.
VALUES = [
    "every_figure_is_whole",
    "every_parser_withstands_damage",
    "every_picture_can_be_read_on_a_screen_and_on_a_phone",
    "no_value_spoils_a_chart",
    "nothing_that_a_reader_can_type_panics_or_is_shown_without_evidence",
    "the_numbers_of_a_title_stand_in_its_picture",
    "the_same_data_give_the_same_bytes",
]


def skipping(names):
    return [word for name in names for word in ("--skip", name)]


def named_in(file):
    """The tests of one file of the crate: all of these are about times and counts of a real kernel."""
    return re.findall(r"#\[test\]\s*fn (\w+)", (ROOT / "helpers" / "tests" / f"{file}.rs").read_text(encoding="utf-8"))


def test_no_module_uses_what_uses_it():
    """The floors of the crate: each of its top-level modules uses what lies below, so there is an order without a circle."""
    uses = defaultdict(set)
    source = ROOT / "helpers" / "src"
    for file in source.rglob("*.rs"):
        room = file.relative_to(source).parts[0].removesuffix(".rs")
        if room == "lib" or file.name == "tests.rs":
            continue
        lines = file.read_text(encoding="utf-8").split("#[cfg(test)]\nmod tests {")[0].splitlines()
        code = "\n".join(line for line in lines if not line.lstrip().startswith("//"))
        uses[room] |= set(re.findall(r"\bcrate::(\w+)", code)) - {room}
    assert "chart" in uses and "reading" in uses["chart"], "the imports are found"
    tuple(graphlib.TopologicalSorter(uses).static_order())


def test_crate():
    cargo("test", *WITHIN, *IN_TURN)
    cargo("test", *OUTSIDE, "--examples", *IN_TURN)
    cargo("test", "--locked", "--workspace", "--doc")


def test_crate_on_aarch64(aarch64):
    # An emulator's times mean nothing, and some tests ask the kernel what only it can do.
    passed_over = ["times::", "native::", *NATIVE, *VALUES, *named_in("interrupts"), *named_in("together")]
    # Somewhat optimised, compiling and running together take the least: an emulator is slow.
    sooner = {**aarch64, "CARGO_PROFILE_DEV_OPT_LEVEL": "1", "CARGO_PROFILE_DEV_DEBUG": "0"}
    cargo("test", *OUTSIDE, "--target", AARCH64, *IN_TURN, *skipping(passed_over), **sooner)
    cargo("test", *WITHIN, "--target", AARCH64, *IN_TURN, *skipping(VALUES), **sooner)


@pytest.mark.parametrize("target", [AARCH64, *APPLE])
def test_cells_elsewhere(target):
    """Crate and cells compile there, which needs no linker; nobody has run them on Apple's."""
    ready_for(target)
    none_of(program.judge("check", "--target", target))
