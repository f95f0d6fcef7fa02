"""Copies of the book that cannot be worked in as they are: one sentence, at once, and no traceback."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from book import not_written


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


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("run nosuch.ipynb", "cannot read nosuch.ipynb (No such file or directory)"),
        ("run README.md", "README.md holds no notebook"),
        ("run Cargo.toml --out book", "cannot write book (Is a directory)"),
        ("run Cargo.toml --out nosuch/one.ipynb", "cannot write nosuch/one.ipynb (No such file or directory)"),
        ("format nosuch.ipynb", "cannot read nosuch.ipynb (No such file or directory)"),
        ("html --out README.md", "cannot make README.md (File exists)"),
        ("html --out README.md/site", "cannot make README.md/site (Not a directory)"),
    ],
)
def test_a_place_that_does_not_do_is_told_before_anything_is_run(command, words):
    assert words in said(sys.executable, "-m", "book", *command.split(), cwd=ROOT)


def test_a_place_that_is_full_is_closed_by_whatever_fills_it():
    """From a write, the system doesn't say which file it was."""
    for number in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT):
        assert not_written(OSError(number, os.strerror(number), "site")) == f"cannot write site ({os.strerror(number)})"
    for number in (errno.ENOSPC, errno.EDQUOT):
        assert not_written(OSError(number, os.strerror(number))) == f"cannot write ({os.strerror(number)})"
    for number in (errno.EACCES, errno.EIO):
        assert not not_written(OSError(number, os.strerror(number)))


def test_what_is_no_plain_file_is_neither_read_nor_written(tmp_path):
    """A pipe would be waited for, and the far end of a link is not ours to leave empty."""
    pipe, link, there = (tmp_path / name for name in ("pipe", "link", "there"))
    os.mkfifo(pipe)
    link.symlink_to(there)
    run = (sys.executable, "-m", "book", "run")
    assert "holds no notebook" in said(*run, pipe, cwd=ROOT)
    assert "is a device or a pipe" in said(*run, "Cargo.toml", "--out", pipe, cwd=ROOT)
    assert "is a device or a pipe" in said(*run, "Cargo.toml", "--out", "/dev/full", cwd=ROOT)
    assert "holds no notebook" in said(*run, "Cargo.toml", "--out", link, cwd=ROOT)
    assert link.is_symlink() and not there.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", "\xff"])
def test_a_file_that_holds_no_notebook_is_told(tmp_path, text):
    file = tmp_path / "some.ipynb"
    file.write_text(text, encoding="latin-1")
    assert "holds no notebook" in said(sys.executable, "-m", "book", "run", file, cwd=ROOT)


def test_a_file_to_write_is_not_left_behind(tmp_path):
    """It is tried; what stands there already stays."""
    old, new = tmp_path / "old.ipynb", tmp_path / "new.ipynb"
    old.write_text("kept", encoding="utf-8")
    for file in (old, new):
        assert "holds no notebook" in said(sys.executable, "-m", "book", "run", "Cargo.toml", "--out", file, cwd=ROOT)
    assert old.read_text(encoding="utf-8") == "kept" and not new.exists()


@closed
def test_a_kernel_of_a_closed_copy_runs():
    ask = "from book.session import Session\nwith Session() as session: print(session.run('1 + 1').text)"
    done = subprocess.run(
        [*read_only(ROOT), sys.executable, "-c", ask], capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.stdout.strip() == "2", done.stdout + done.stderr
