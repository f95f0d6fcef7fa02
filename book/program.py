"""The notebooks as ordinary Rust programs, so that the compiler's own tools can judge their cells without a kernel."""

import os
import shutil
import subprocess

from book import ROOT
from book.notebook import flatten, name, paths, read

PLACE = ROOT / "target" / "cells"

MANIFEST = """\
[package]
name = "cells"
version = "0.0.0"
edition = "2024"

[dependencies]
helpers = { path = "../../helpers" }
{second}

# What a cell gets.
[profile.dev]
opt-level = 2
debug = "line-tables-only"

[lints.rust]
# The value of a cell's last expression is what the cell shows.
path_statements = "allow"
unused_must_use = "allow"

[lints.clippy]
no_effect = "allow"
unnecessary_operation = "allow"

[workspace]
"""


def prepare():
    """Write one program for each notebook, and the workspace's own lock file beside them."""
    shutil.rmtree(PLACE, ignore_errors=True)
    programs = PLACE / "src" / "bin"
    programs.mkdir(parents=True)
    # What a notebook names besides, in a line of the same words.
    second = (ROOT / "kernel" / "second-cell").read_text(encoding="utf-8").removeprefix(":dep").strip()
    (PLACE / "Cargo.toml").write_text(MANIFEST.replace("{second}", second), encoding="utf-8")
    shutil.copy(ROOT / "Cargo.lock", PLACE)
    for path in paths():
        (programs / f"{name(path)}.rs").write_text(flatten(read(path)), encoding="utf-8")


def judge(*command):
    """Hand the programs to cargo: `clippy`, or `check` for another machine. Returns what it complains about."""
    if not paths():
        return []
    prepare()
    environment = {**os.environ, "CARGO_TARGET_DIR": str(ROOT / "target"), "RUSTFLAGS": ""}
    done = subprocess.run(
        ["cargo", command[0], "--quiet", "--bins", *command[1:]],
        cwd=PLACE,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    return [f"cells do not pass cargo {command[0]}:\n{done.stderr.strip()}"] if done.returncode else []
