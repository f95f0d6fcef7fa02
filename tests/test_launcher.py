"""Starting a kernel where a machine isn't as it should be, and leaving nothing behind, whoever ends first and by whatever
signal."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from conftest import ROOT

from book.session import Failed, Session
from kernel import launch, sources

SPIN = "loop { std::hint::spin_loop(); }"

# A server that starts one kernel, lets it spin, and says which it is.
SERVER = f"""
import sys, time
from book.session import Session
session = Session()
print(session.manager.provisioner.pid, session.run(":last_compile_dir").text.strip(), flush=True)
session.client.execute({SPIN!r})
time.sleep(600)
"""


def until(true, patience=20):
    """Whether it comes true in time: a machine under load takes longer to clean up."""
    end = time.monotonic() + patience
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
    return true()


def family(copy):
    """The processes that have this build directory in their environment."""
    mark = f"EVCXR_TMPDIR={copy}".encode()
    found = []
    for process in psutil.process_iter():
        try:
            if mark in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0"):
                found.append(process)
        except OSError:
            pass
    return found


@pytest.fixture
def server():
    process = subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        kernel, copy = process.stdout.readline().split()
        # It spins: the process that runs its cells has used some time of its own.
        assert until(lambda: any(sum(p.cpu_times()[:2]) > 0.5 for p in family(copy)), 60)
        yield process, int(kernel), Path(copy)
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are told apart by /proc")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.parametrize("who", ["server", "kernel"])
def test_nothing_stays_while_a_cell_spins(server, who, number):
    process, kernel, copy = server
    (process.send_signal if who == "server" else psutil.Process(kernel).send_signal)(number)
    assert until(lambda: not family(copy)), "the kernel, or what it had started, goes on"
    assert until(lambda: not copy.exists()), "its directory stays"


def cell(text, **environment):
    """One cell in a kernel with other surroundings."""
    with Session(environment={**os.environ, **environment}) as session:
        return session.run(text).text


def test_a_directory_with_a_space(tmp_path):
    place = tmp_path / "my files"
    place.mkdir()
    assert cell('println!("here");', TMPDIR=str(place)) == "here\n"
    assert not any(place.iterdir())


def test_a_directory_below_a_cargo_project(tmp_path):
    (tmp_path / "Cargo.toml").write_text('[workspace]\nmembers = ["nothing"]\n', encoding="utf-8")
    (tmp_path / "tmp").mkdir()
    assert cell('println!("here");', TMPDIR=str(tmp_path / "tmp")) == "here\n"


def test_settings_that_are_not_ours_do_not_matter(tmp_path):
    foreign = {
        "RUSTC_WRAPPER": "no-such-program",
        "RUSTUP_TOOLCHAIN": "no-such-toolchain",
        "RUSTFLAGS": "--no-such-flag",
    }
    foreign |= {"CARGO_BUILD_TARGET": "no-such-target", "PYTHONSAFEPATH": "1", "LC_ALL": "POSIX"}
    first = (ROOT / "kernel" / "first-cell").read_text(encoding="utf-8")
    assert cell(f'{first}println!("{{}}", helpers::nanos(1.0));', **foreign).startswith("1.00 ns\n")


# One cell, and what became of it.
ASK = """
from book.session import Failed, Session
with Session() as session:
    try:
        print(session.run("1 + 1").text)
    except Failed as error:
        print(error)
"""


def can_mount():
    return os.geteuid() == 0 and not subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode


@pytest.mark.skipif(not can_mount(), reason="mounts of one's own take root")
@pytest.mark.parametrize(
    ("options", "says"),
    [("noexec", "noexec"), ("size=1m", "room"), ("ro", "written")],
    ids=["noexec", "full", "read-only"],
)
def test_no_place_for_a_kernel_is_one_sentence_in_the_notebook(tmp_path, options, says):
    """All places are of that kind; the reader sees which, why, and what to do, and nothing is left there."""
    place = tmp_path / "place"
    place.mkdir()
    own = ROOT / ".kernel" / "run"
    own.mkdir(exist_ok=True)
    # The connection file and the rest of Jupyter go elsewhere: only the kernel's own directory is in question.
    mounts = " && ".join(f"mount -t tmpfs -o {options} none {at}" for at in (place, "/var/tmp", own, "/tmp"))
    runtime = ROOT / ".kernel" / "runtime"
    env = {**os.environ, "TMPDIR": str(place), "JUPYTER_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f'{mounts} && exec "$0" -c "$1"', sys.executable, ASK],
        cwd=ROOT,
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    shutil.rmtree(runtime, ignore_errors=True)
    assert "TMPDIR" in done.stdout and says in done.stdout, done.stdout + done.stderr
    assert "Traceback" not in done.stdout


def test_copies_without_an_owner_are_swept(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    left, alive = (tmp_path / f"{launch.family()}{number}.x" for number in (gone.pid, os.getpid()))
    left.mkdir()
    alive.mkdir()
    launch.sweep(tmp_path)
    assert not left.exists() and alive.exists()


def test_a_crate_that_is_not_here_is_told_in_our_words():
    with Session() as session, pytest.raises(Failed, match="CARGO_NET_OFFLINE=false"):
        session.run(':dep rand = "0.9"')


def test_settings_of_the_reader_s_cargo_are_carried(tmp_path, monkeypatch):
    home, kept = tmp_path / "cargo", tmp_path / "kept"
    home.mkdir()
    kept.mkdir()
    (home / "config.toml").write_text(
        '[source.crates-io]\nreplace-with = "near"\n[source.near]\nregistry = "sparse+http://127.0.0.1:1/"\n'
        '[source.local]\ndirectory = "vendored"\n[http]\nproxy = "127.0.0.1:2"\n[build]\nrustc-wrapper = "nothing"\n',
        encoding="utf-8",
    )
    (home / "credentials.toml").write_text('[registry]\ntoken = "secret"\n', encoding="utf-8")
    monkeypatch.setenv("CARGO_HOME", str(home))
    sources.carry(kept)
    written = (kept / "config.toml").read_text(encoding="utf-8")
    for part in (
        'replace-with = "near"',
        "sparse+http://127.0.0.1:1/",
        'proxy = "127.0.0.1:2"',
        str(tmp_path / "vendored"),
    ):
        assert part in written
    assert "rustc-wrapper" not in written
    assert (kept / "credentials.toml").stat().st_mode & 0o777 == 0o600
    # What is no longer set is no longer carried.
    for file in home.iterdir():
        file.unlink()
    sources.carry(kept)
    assert "near" not in (kept / "config.toml").read_text(encoding="utf-8") and not (kept / "credentials.toml").exists()


@pytest.mark.parametrize("lacking", ["rustc", "cc", "python3"])
def test_what_is_missing_is_said_at_once(tmp_path, lacking):
    """With a PATH that has everything but one."""
    bin = tmp_path / "bin"
    bin.mkdir()
    for program in {"sh", "rustc", "cargo", "cc", "python3", "find"} - {lacking}:
        own = program == "python3"
        (bin / program).symlink_to(os.path.realpath(sys.executable) if own else shutil.which(program))
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("Makefile", "requirements.txt", "kernel", "helpers", "Cargo.toml", "Cargo.lock"):
        (tree / name).symlink_to(ROOT / name)
    done = subprocess.run(
        [shutil.which("make"), ".venv/ready"],
        cwd=tree,
        env={**os.environ, "PATH": str(bin)},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode and done.stderr.startswith("There is no "), done.stderr
    assert not (tree / ".venv").exists()


def test_an_older_python_is_named(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && { echo Python 3.9.2; exit; }\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    done = subprocess.run(["sh", ROOT / "kernel" / "needs", old], capture_output=True, encoding="utf-8")
    assert done.returncode and "3.11 or later" in done.stderr and "3.9.2" in done.stderr


def test_foreign_settings_of_pip_do_not_leak_in(tmp_path):
    """Make hands its recipes an environment in which packages go where they belong."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8") + "\nshow:\n\t@env\n"
    foreign = {"PIP_USER": "1", "PYTHONSAFEPATH": "1", "PIP_TARGET": str(tmp_path), "RUSTC_WRAPPER": "nothing"}
    env = {**os.environ, **foreign, "PIP_INDEX_URL": "http://127.0.0.1:1/simple"}
    shown = subprocess.check_output(
        ["make", "-s", "-f", "-", "show"], input=makefile, encoding="utf-8", cwd=ROOT, env=env
    )
    lines = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    assert lines["PIP_USER"] == "0" and lines["PIP_INDEX_URL"] == env["PIP_INDEX_URL"] and lines["PYTHONUTF8"] == "1"
    assert not {"PYTHONSAFEPATH", "PIP_TARGET", "RUSTC_WRAPPER"} & set(lines)


@pytest.mark.skipif(not can_mount(), reason="a network of one's own takes root")
def test_a_mirror_is_used_throughout(tmp_path):
    """Set-up and kernel fetch from the reader's source of crates and from nowhere else: here, there is nothing else."""
    tree, home = tmp_path / "tree", tmp_path / "home"
    for name in subprocess.check_output(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, encoding="utf-8"
    ).splitlines():
        if (ROOT / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    (tree / ".kernel" / "bin").mkdir(parents=True)
    (tree / ".kernel" / "bin" / "evcxr_jupyter").symlink_to((ROOT / ".kernel" / "bin" / "evcxr_jupyter").resolve())
    env = {**os.environ, "CARGO_HOME": str(ROOT / ".kernel" / "cargo"), "CARGO_NET_OFFLINE": "true"}
    vendor = ["cargo", "vendor", "--locked", "--quiet", "--versioned-dirs", tmp_path / "mirror"]
    subprocess.run(vendor, cwd=ROOT, env=env, check=True, capture_output=True)
    (home / ".cargo").mkdir(parents=True)
    (home / ".cargo" / "config.toml").write_text(
        f'[source.crates-io]\nreplace-with = "near"\n[source.near]\ndirectory = "{tmp_path / "mirror"}"\n',
        encoding="utf-8",
    )
    script = (
        "from kernel import __main__ as make\nfrom book.session import Session\n"
        "make.toolchain(); make.crates()\n"
        "with Session(make.ROOT / 'kernel' / 'launch.py') as session:\n"
        "    first = make.FIRST_CELL.read_text(encoding='utf-8')\n"
        "    print(session.run(first + 'println!(\"{}\", helpers::nanos(1.0));').text)\n"
    )
    alone = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    rustup = os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, "HOME": str(home), "RUSTUP_HOME": rustup, "PATH": path}
    env.pop("CARGO_HOME", None)
    done = subprocess.run(
        [*alone, sys.executable, "-c", script], cwd=tree, env=env, capture_output=True, encoding="utf-8", timeout=900
    )
    assert "1.00 ns" in done.stdout, done.stdout + done.stderr
