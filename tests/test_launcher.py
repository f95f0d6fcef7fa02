"""Starting a kernel where a machine isn't as it should be, and leaving nothing behind, whoever ends first and by whatever
signal."""

import builtins
import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest
from conftest import ROOT, finish

from book.session import Failed, Session
from kernel import __main__ as making
from kernel import launch, sources

SPIN = "loop { std::hint::spin_loop(); }"

# A server that starts one kernel, lets it spin, and says which it is.
SERVER = f"""
import sys, time
from book.session import Session
session = Session()
print(session.manager.provisioner.pid, session.directory(), flush=True)
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


def used(process):
    """Seconds of CPU time; none if it has ended since it was found, as compilers do."""
    try:
        return sum(process.cpu_times()[:2])
    except psutil.NoSuchProcess:
        return 0.0


@pytest.fixture
def server():
    process = subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        kernel, copy = process.stdout.readline().split()
        # It spins: the process that runs its cells has used some time of its own.
        assert until(lambda: any(used(one) > 0.5 for one in family(copy)), 60)
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


@pytest.mark.parametrize(
    ("name", "says"), [(b"a:b", "a : in its name"), (b"caf\xe9", "not UTF-8")], ids=["colon", "no UTF-8"]
)
def test_a_name_that_the_kernel_cannot_use_is_refused(tmp_path, monkeypatch, name, says):
    place = os.fsdecode(os.fsencode(tmp_path) + b"/" + name)
    os.mkdir(place)
    monkeypatch.setenv("TMPDIR", place)
    first, _ = next(launch.candidates())
    assert says in launch.trouble(first, 0)
    monkeypatch.setattr(launch, "candidates", lambda: [(first, "TMPDIR")])
    with pytest.raises(launch.Unable) as unable:
        launch.build_directory()
    assert "TMPDIR" in str(unable.value) and str(unable.value).encode()


def test_a_copy_under_any_name_is_ended(tmp_path):
    copy = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    sleeper = subprocess.Popen(["sleep", "60"], env={**os.environ, "EVCXR_TMPDIR": str(copy)})
    gone = subprocess.Popen(["true"])
    gone.wait()
    try:
        launch.end_all(copy, gone.pid)
        assert not Path("/proc/self/environ").exists() or sleeper.wait(timeout=10) == -signal.SIGKILL
    finally:
        sleeper.kill()


@pytest.mark.parametrize(
    ("step", "error", "says"),
    [
        ("chmod", errno.EPERM, "cannot be written to (Operation not permitted)"),
        ("run", errno.EACCES, "does not let programs run (Permission denied)"),
        ("open", errno.EDQUOT, "cannot be written to (Disk quota exceeded)"),
    ],
)
def test_a_place_that_refuses_is_told_in_the_system_s_words(tmp_path, monkeypatch, step, error, says):
    """And what was tried there is removed."""

    def refuse(*_, **__):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr({"chmod": os, "run": subprocess, "open": builtins}[step], step, refuse)
    assert launch.refusal(tmp_path) == says
    assert not any(tmp_path.iterdir())


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
    if Path("/tmp") in ROOT.parents:
        pytest.skip("this copy lies in /tmp, which the test would cover")
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
    # Cargo takes the names without a suffix where both are there.
    (home / "credentials").write_text('[registry]\ntoken = "older"\n', encoding="utf-8")
    sources.carry(kept)
    assert "older" in (kept / "credentials.toml").read_text(encoding="utf-8")
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


# What would change where packages go, how crates are compiled, or how Python begins and ends.
FOREIGN = {
    **dict.fromkeys(("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_PYTHON"), "nowhere"),
    **dict.fromkeys(("PIP_USER", "PIP_DRY_RUN", "PYTHONSAFEPATH", "PYTHONINSPECT"), "1"),
    **dict.fromkeys(("PIP_NO_BINARY", "PIP_REQUIREMENT", "PYTHONWARNINGS", "PYTHONPATH"), "nothing"),
    **dict.fromkeys(("RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"), "nothing"),
}
KEPT = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_CONFIG_FILE": "/dev/null", "CARGO_BUILD_JOBS": "1"}


def test_foreign_settings_do_not_leak_in(tmp_path):
    """Make hands its recipes an environment in which packages go where they belong."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8") + "\nshow:\n\t@env\n"
    env = {**os.environ, **FOREIGN, **KEPT}
    shown = subprocess.check_output(
        ["make", "-s", "-f", "-", "show"], input=makefile, encoding="utf-8", cwd=ROOT, env=env
    )
    lines = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    assert lines["PIP_USER"] == "0" and lines["PYTHONUTF8"] == "1"
    assert {name: lines.get(name) for name in KEPT} == KEPT
    assert not (set(FOREIGN) - {"PIP_USER"}) & set(lines)


def wheel(folder):
    """A package with nothing in it, and a requirement that names it by its hash."""
    file = folder / "nothing-1.0-py3-none-any.whl"
    info = {
        "METADATA": "Metadata-Version: 2.1\nName: nothing\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("nothing.py", "")
        for name, text in info.items():
            package.writestr(f"nothing-1.0.dist-info/{name}", text)
    return f"nothing==1.0 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@pytest.mark.parametrize(
    "settings",
    [
        "[install]\ntarget = elsewhere\n",
        "[install]\nprefix = elsewhere\nroot = elsewhere\n",
        "python = /nowhere\n[install]\nuser = true\nconstraint = other.txt\nno-binary = :all:\ndry-run = true\n",
    ],
    ids=["target", "prefix and root", "the rest"],
)
def test_packages_go_where_they_belong_whatever_pip_s_files_say(tmp_path, settings):
    """And are found where these files say: here, in a folder."""
    for name in ("Makefile", "kernel", "helpers", "Cargo.toml", "Cargo.lock"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "requirements.txt").write_text(wheel(tmp_path), encoding="utf-8")
    (tmp_path / "other.txt").write_text("nothing==2.0\n", encoding="utf-8")
    found = f"[global]\nno-index = true\nfind-links = {tmp_path}\n"
    (tmp_path / "pip.conf").write_text(found + settings, encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    finish(
        "make",
        "PYTHON=python3",
        ".venv/ready",
        cwd=tmp_path,
        env={**env, "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")},
    )
    assert list((tmp_path / ".venv").glob("lib/python*/site-packages/nothing.py"))
    assert not (tmp_path / "elsewhere").exists()


def test_foreign_settings_do_not_reach_the_kernel_s_own_build(monkeypatch):
    for name, value in {**FOREIGN, **KEPT}.items():
        monkeypatch.setenv(name, value)
    settings = launch.own_settings()
    assert not {"RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"} & set(settings)
    assert settings["CARGO_BUILD_JOBS"] == "1"


@pytest.mark.parametrize(("found", "used"), [(making.EVCXR, True), (making.OLDEST, True), ("0.20.0", False)])
def test_a_reader_s_own_kernel_is_used_if_the_notebooks_were_run_with_it(tmp_path, monkeypatch, found, used):
    own, asked = tmp_path / "own" / "evcxr_jupyter", []
    monkeypatch.setattr(making, "MADE", tmp_path)
    monkeypatch.setattr(making, "PROGRAM", tmp_path / "bin" / "evcxr_jupyter")
    monkeypatch.setattr(making, "version", lambda _: found)
    monkeypatch.setattr(shutil, "which", lambda name: str(own) if name == "evcxr_jupyter" else None)
    monkeypatch.setattr(subprocess, "check_output", lambda *_, **__: "a-host\n")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: asked.append(command))
    making.program()
    assert making.PROGRAM.is_symlink() == used == (not asked)


def test_the_kernel_is_built_for_this_machine_whatever_cargo_s_files_say(tmp_path, monkeypatch):
    """With cargo itself: a target, flags and a wrapper that no build survives, in the file of the reader's settings."""
    bad = '[build]\ntarget = "no-such-target"\nrustflags = ["--no-such-flag"]\nrustc-wrapper = "no-such-program"\n'
    (tmp_path / "config.toml").write_text(bad, encoding="utf-8")
    package = tmp_path / "small"
    (package / "src").mkdir(parents=True)
    (package / "Cargo.toml").write_text('[package]\nname = "small"\nversion = "0.0.1"\n', encoding="utf-8")
    (package / "src" / "main.rs").write_text("fn main() {}\n", encoding="utf-8")
    asked, run = [], subprocess.run
    monkeypatch.setattr(making, "MADE", tmp_path / "made")
    monkeypatch.setattr(making, "PROGRAM", tmp_path / "made" / "bin" / "evcxr_jupyter")
    monkeypatch.setattr(shutil, "which", lambda *_: None)

    def ask(command, **options):
        return asked.append((command, options)) if command[0] == "cargo" else run(command, **options)

    monkeypatch.setattr(subprocess, "run", ask)
    making.program()
    [(command, options)] = asked
    swapped = [*(str(part) for part in command[:-1]), "--path", str(package), "--offline"]
    del swapped[swapped.index("--version") : swapped.index("--version") + 2]
    swapped.remove("--locked")
    environment = {**options["env"], "CARGO_HOME": str(tmp_path), "CARGO_TARGET_DIR": str(tmp_path / "target")}
    environment.setdefault("RUSTUP_HOME", str(Path.home() / ".rustup"))
    done = run(swapped, env=environment, capture_output=True, encoding="utf-8", errors="replace")
    assert done.returncode == 0 and (tmp_path / "made" / "bin" / "small").exists(), done.stderr
    plain = run(
        [*swapped, "--force"], env={**environment, "CARGO_ENCODED_RUSTFLAGS": "--no-such-flag"}, capture_output=True
    )
    assert plain.returncode != 0, "what is overruled would have mattered"


def test_a_program_of_another_machine_is_not_usable(tmp_path):
    program = tmp_path / "evcxr_jupyter"
    program.write_bytes(b"\x7fELF of something else")
    program.chmod(0o755)
    assert making.version(program) == "not usable"


def test_a_warmed_directory_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    """Not the place for the copy, which TMPDIR would mend."""
    monkeypatch.setattr(launch, "WARM", tmp_path / "warm")
    assert launch.warmed() == 0
    (tmp_path / "warm").mkdir()
    (tmp_path / "warm" / "part").write_bytes(b"12345")
    assert launch.warmed() == 5

    def gone(*_):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    with monkeypatch.context() as patch, pytest.raises(launch.Unable, match=r"being made anew.*make lab"):
        patch.setattr(Path, "lstat", gone)
        launch.warmed()
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(launch.Unable, match=r"part, which every kernel starts from, cannot be read.*make lab"):
        launch.warmed()


@pytest.mark.parametrize("said", ["", "abc", "-1", "0", "²", "1 2", str(2**40), "4194303999"])
def test_a_server_that_is_none_ends_no_kernel(monkeypatch, said):
    monkeypatch.setenv("JPY_PARENT_PID", said)
    assert launch.server() == []


def test_a_server_is_known_by_its_number(monkeypatch):
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    assert launch.server() == [os.getpid()]
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    monkeypatch.setenv("JPY_PARENT_PID", str(gone.pid))
    assert launch.server() == []
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert launch.server() == [gone.pid], "the server died before the kernel began"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are told apart by /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_copy_that_is_not_yet_whole_goes_too(tmp_path, number):
    """The launcher is ended while it takes its copy: a `cp` that never ends stands in for a slow disk."""
    tools, place = tmp_path / "tools", tmp_path / "place"
    tools.mkdir()
    place.mkdir()
    (tools / "cp").write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    (tools / "cp").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(place)}
    command = [sys.executable, "-I", ROOT / "kernel" / "launch.py", "--control_file", "nowhere"]
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        assert until(lambda: any(place.iterdir()))
        process.send_signal(number)
    assert until(lambda: not any(place.iterdir())), "the beginning of a copy stays"


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
        # It's where crates come from, not how fast they are.
        "    session.run(':build_env CARGO_PROFILE_DEV_OPT_LEVEL=0\\n:build_env CARGO_PROFILE_DEV_DEBUG=0')\n"
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
