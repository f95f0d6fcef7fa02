"""The instruments, tested by cargo: on this machine, and on the other architecture that the book speaks of."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT

from book import program

TARGET = "aarch64-unknown-linux-gnu"
LINKER = "aarch64-linux-gnu-gcc"
EMULATOR = "qemu-aarch64-static"


def cargo(*command, **environment):
    subprocess.run(["cargo", *command], cwd=ROOT, env={**os.environ, **environment}, check=True)


@pytest.fixture
def aarch64():
    """What cargo needs to build for aarch64 and to run it here."""
    sysroot = subprocess.check_output(["rustc", "--print", "sysroot"], text=True).strip()
    if not os.path.isdir(f"{sysroot}/lib/rustlib/{TARGET}"):
        pytest.skip(f"no standard library for {TARGET}: rustup target add {TARGET}")
    for tool in (LINKER, EMULATOR):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    return {
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER": LINKER,
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER": f"{EMULATOR} -L /usr/aarch64-linux-gnu",
    }


def test_crate():
    cargo("test", "--locked", "--workspace")


def test_crate_on_aarch64(aarch64):
    tests = ["--locked", "--workspace", "--lib", "--tests", "--target", TARGET]
    # An emulator's times mean nothing, and some tests ask the kernel what only it can do.
    cargo("test", *tests, "--", "--skip", "times::", "--skip", "native::", **aarch64)


def test_cells_on_aarch64(aarch64):
    assert program.judge("check", target=TARGET) == []
