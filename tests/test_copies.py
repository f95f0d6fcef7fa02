"""Copies of the book that cannot be worked in as they are: one sentence, at once, and no traceback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT


def copied(tree):
    """What a clone would hold."""
    listed = ["git", "ls-files", "-co", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=ROOT, encoding="utf-8").splitlines():
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


def said(*command, **options):
    """What a command that must fail says, in a minute at most."""
    options = {"env": {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}, **options}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=60, **options)
    words = done.stdout + done.stderr
    assert done.returncode and "Traceback" not in words, words
    return words


def test_a_clone_keeps_its_line_ends(tmp_path):
    """Also where git was told to write those of Windows."""
    tree = tmp_path / "tree"
    command = ["git", "clone", "--quiet", "--depth=1", "-c", "core.autocrlf=true", f"file://{ROOT}", str(tree)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this is no clone")
    text = [file for file in tree.rglob("*") if file.is_file() and ".git" not in file.parts and file.suffix != ".png"]
    assert len(text) > 100 and [file for file in text if b"\r\n" in file.read_bytes()] == []


def test_line_ends_of_windows_are_named(tmp_path):
    for name in ("Makefile", "kernel", "book", "Cargo.toml"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    for command in (["make"], ["make", "lab"], ["make", "html"], [sys.executable, "-m", "kernel"]):
        assert "line ends of Windows" in said(*command, cwd=tmp_path)


# Root may write where nobody else may, but not where nothing can be written.
closed = pytest.mark.skipif(
    os.geteuid() != 0 or bool(subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode),
    reason="mounts of one's own take root",
)


def read_only(folder):
    """The beginning of a command that finds this folder closed."""
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"'
    return ["unshare", "-m", "sh", "-c", mount, str(folder)]


@closed
@pytest.mark.parametrize("target", ["lab", "html", "check", "test"])
def test_a_closed_copy_in_which_nothing_is_made(tmp_path, target):
    copied(tmp_path)
    words = said(*read_only(tmp_path), "make", target)
    assert "can't be written to" in words and "cp -r" in words


@closed
@pytest.mark.parametrize(
    "command",
    [["html"], ["html", "--out", "site/deeper"]],
    ids=["html", "elsewhere"],
)
def test_a_closed_copy_in_which_all_is_made(command):
    """Told before the minutes that notebooks take."""
    words = said(*read_only(ROOT), sys.executable, "-m", "book", *command)
    assert "cannot write" in words and "--out" in words


@closed
def test_a_kernel_of_a_closed_copy_runs():
    ask = "from book.session import Session\nwith Session() as session: print(session.run('1 + 1').text)"
    done = subprocess.run(
        [*read_only(ROOT), sys.executable, "-c", ask], capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.stdout.strip() == "2", done.stdout + done.stderr
