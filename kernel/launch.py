#!/usr/bin/env python3
"""Starts one Rust kernel in a build directory of its own: a copy of the warmed one, so that a notebook opens without
compiling `helpers` and two notebooks never write to the same files. Jupyter calls it with the connection file.

Nothing stays behind. A guard waits for the end of the kernel, and of the server that wanted it, whichever comes first and
by whatever signal; then it ends what the kernel had started and removes the copy. Only the standard library is used
here: this runs before every kernel.
"""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MADE = PROJECT / ".kernel"
WARM = MADE / "warm"

# Beside the copy itself, what compiling a notebook's cells takes.
ROOM = 150 << 20

# What changes how a crate is compiled: every kernel would compile everything anew, or fail. How crates are fetched stays,
# and how many are compiled at once.
FOREIGN = ("RUSTC", "RUSTFLAGS", "RUSTDOCFLAGS", "CARGO_ENCODED_", "CARGO_BUILD_", "CARGO_TARGET_", "CARGO_PROFILE_")
FOREIGN += ("CARGO_INCREMENTAL",)


class Unable(Exception):
    """There can be no kernel here, and why."""


def family():
    """What the names of all copies of this machine begin with. Containers may share a directory, but not their numbers."""
    return f"concurrency-measured-{socket.gethostname()}-"


def candidates():
    """Where a copy might go, with how a reader would name the place."""
    if os.environ.get("TMPDIR"):
        yield Path(os.environ["TMPDIR"]), "TMPDIR"
    yield Path("/tmp"), "the system's own"
    yield Path("/var/tmp"), "the system's own"
    yield MADE / "run", "the book's own"


def trouble(place, need):
    """Why kernels cannot live in a directory; none if they can."""
    if place == MADE / "run":
        try:
            place.mkdir(exist_ok=True)
        except OSError as error:
            return f"cannot be made ({error.strerror})"
    if any(letter.isspace() for letter in str(place)):
        return "has a space in its name, at which the kernel would split its own commands"
    if os.pathsep in str(place):
        return f"has a {os.pathsep} in its name, at which cargo would split the list of its libraries"
    if shown(place).encode() != os.fsencode(place):
        return "has a name that is not UTF-8, and the kernel takes no other"
    try:
        if not place.is_absolute() or not place.is_dir():
            return "is no directory"
        above = [*place.resolve().parents, place.resolve()]
        if place != MADE / "run" and any((one / name).exists() for one in above for name in ("Cargo.toml", ".cargo")):
            return "lies inside a Cargo project or beside Cargo settings, which the kernel would take for its own"
        free = shutil.disk_usage(place).free
    except OSError as error:
        return f"cannot be looked at ({error.strerror})"
    if free < need:
        return f"has room for {free >> 20} MB, and a kernel takes {need >> 20}"
    return refusal(place)


def refusal(place):
    """Why no program can be put into a directory and run there; none if one can."""
    probe = None
    try:
        descriptor, probe = tempfile.mkstemp(dir=place)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n")
        os.chmod(probe, 0o700)
    except OSError as error:
        if probe:
            os.unlink(probe)
        return f"cannot be written to ({error.strerror})"
    try:
        subprocess.run([probe], check=True)
    except OSError as error:
        if os.statvfs(place).f_flag & getattr(os, "ST_NOEXEC", 0):
            return "is mounted so that nothing in it may be executed (noexec)"
        return f"does not let programs run ({error.strerror})"
    except subprocess.CalledProcessError:
        return "does not let programs run"
    finally:
        os.unlink(probe)
    return None


def shown(place):
    """The name of a place as a sentence can hold it."""
    return os.fsencode(place).decode(errors="replace")


def sweep(place):
    """Remove the copies of kernels that are gone. A guard does so at once; this is for those that had none."""
    for copy in place.glob(f"{family()}*"):
        owner = copy.name.removeprefix(family()).split(".")[0]
        try:
            if copy.stat().st_uid == os.getuid() and not Path(f"/proc/{owner}").exists() and not alive(int(owner)):
                shutil.rmtree(copy, ignore_errors=True)
        except (OSError, ValueError):
            pass


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def warmed():
    """How many bytes the warmed directory holds: none before it is made for the first time."""
    remake = f"Run `make lab` in {PROJECT}, as whoever made it, and then start this notebook again."
    try:
        files = list(WARM.rglob("*")) if WARM.exists() else []
        closed = next((file for file in files if not os.access(file, os.R_OK)), None)
        if closed:
            raise Unable(f"{closed}, which every kernel starts from, cannot be read. {remake}")
        return sum(file.lstat().st_size for file in files)
    except OSError as error:
        why = f"is being made anew, or is closed ({error.strerror})"
        raise Unable(f"{WARM}, which every kernel starts from, {why}. {remake}") from error


def build_directory():
    """A copy of the warmed directory in the first place that can hold it; the place must let programs run."""
    size, reasons = warmed(), []
    for place, name in candidates():
        why = trouble(place, size + ROOM)
        if why is None:
            sweep(place)
            copy = Path(tempfile.mkdtemp(prefix=f"{family()}{os.getpid()}.", dir=place))
            guard(copy)
            if not size:
                return copy
            done = subprocess.run(
                ["cp", "-a", f"{WARM}/.", copy], stderr=subprocess.PIPE, encoding="utf-8", errors="replace"
            )
            if done.returncode == 0:
                return copy
            shutil.rmtree(copy, ignore_errors=True)
            warmed()
            why = "could not take a copy: " + done.stderr.strip().split("\n")[-1].split(": ")[-1]
        reasons.append(f"{shown(place)} ({name}) {why}")
    raise Unable(
        "A kernel needs a directory for what it compiles, where programs may run, and found none: "
        + "; ".join(reasons)
        + ". Set TMPDIR to such a directory and start JupyterLab again; in a container with a read-only root, "
        "mount one with `--tmpfs /tmp:exec`."
    )


def guard(copy):
    """Leave a process behind that waits, out of reach of the kernel's signals, and cleans up."""
    watched = [os.getpid(), *server()]
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        return
    # Twice, so that the kernel has no child that it did not start.
    if os.fork():
        os._exit(0)
    os.setsid()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.closerange(3, 256)
    try:
        await_one_of(watched)
    finally:
        # What a cell has started may start more while it is being ended.
        for _ in range(5):
            end_all(copy, watched[0])
            shutil.rmtree(copy, ignore_errors=True)
            if not copy.exists():
                break
            time.sleep(0.2)
        os._exit(0)


def server():
    """The server that wanted this kernel, if it said so. A number that names nobody was meant elsewhere, unless this process
    has lost its parent: then that was the server."""
    said = os.environ.get("JPY_PARENT_PID", "")
    if not (said.isascii() and said.isdecimal() and 0 < int(said) < 2**31):
        return []
    return [int(said)] if alive(int(said)) or os.getppid() == 1 else []


def await_one_of(processes):
    """Sleep until one of these has ended: without looking again and again, in a book that measures."""
    if hasattr(select, "kqueue"):
        queue = select.kqueue()
        try:
            for process in processes:
                exit_of = select.kevent(
                    process, select.KQ_FILTER_PROC, select.KQ_EV_ADD | select.KQ_EV_ONESHOT, select.KQ_NOTE_EXIT
                )
                queue.control([exit_of], 0)
        except ProcessLookupError:
            return
        queue.control(None, 1)
        return
    try:
        waiting = select.poll()
        for process in processes:
            waiting.register(os.pidfd_open(process), select.POLLIN)
        waiting.poll()
    except ProcessLookupError:
        return
    except (AttributeError, OSError):
        # A kernel before 5.3, or a sandbox that has no such descriptors.
        while all(alive(process) for process in processes):
            time.sleep(1)


def end_all(copy, kernel):
    """End the kernel and whatever carries its directory in its environment: cells, compilers, and what cells started."""
    mark = b"EVCXR_TMPDIR=" + os.fsencode(copy)
    own = os.getpid()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = int(entry.name) != own and mark in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if is_ours:
            kill(os.kill, int(entry.name))
    try:
        leads = os.getpgid(kernel) == kernel
    except ProcessLookupError:
        # The kernel is gone; whoever is left of the group it led, if it did, is still of that group.
        leads = True
    if leads:
        kill(os.killpg, kernel)


def kill(how, number):
    try:
        how(number, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def own_settings():
    """The environment without what would change how a crate is compiled."""
    is_ours = {name: name == "CARGO_BUILD_JOBS" or not name.startswith(FOREIGN) for name in os.environ}
    return {name: value for name, value in os.environ.items() if is_ours[name]}


def surroundings(copy):
    """The environment of the kernel."""
    kept = own_settings()
    # The kernel has the tools of one toolchain in its PATH, and no others.
    kept.pop("RUSTUP_TOOLCHAIN", None)
    offline = os.environ.get("CARGO_NET_OFFLINE", "true")
    if "RUST_SRC_PATH" not in os.environ:
        # No sources of the crates below the instruments either.
        kept["CRATES_PYTHON"] = sys.executable
    return kept | {
        "EVCXR_TMPDIR": str(copy),
        "TMPDIR": str(copy.parent),
        # The notebooks' settings wherever the kernel was started, and never the start-up files of another evcxr.
        "EVCXR_CONFIG_DIR": str(PROJECT / "notebooks"),
        # An installed kernel of another version is left as it is; evcxr would bring it to its own.
        "JUPYTER_PATH": str(copy),
        # Exactly the locked crates, without a network: no lock file governs cells, but here nothing else can be found.
        "CARGO_HOME": str(MADE / "cargo"),
        "CARGO_NET_OFFLINE": offline,
        # The standard library's sources: none, which is three times as light and twice as quick, unless the reader names
        # some. The directory holds an empty `core`; without it, rustup would be asked to fetch them.
        "RUST_SRC_PATH": os.environ.get("RUST_SRC_PATH", str(MADE / "sources")),
        # A cell is a small crate of its own. Optimising it once more across its parts takes longer than most cells run.
        "CARGO_PROFILE_DEV_LTO": "off",
        # Our word on what stays offline, then the toolchain itself rather than rustup's proxies, which take 20 ms of each
        # of some forty calls.
        "PATH": os.pathsep.join(
            [
                str(PROJECT / "kernel" / "bin"),
                os.fsdecode((MADE / "toolchain-bin").read_bytes()).strip(),
                os.environ.get("PATH", ""),
            ]
        ),
    }


def main(arguments):
    program = MADE / "bin" / "evcxr_jupyter"
    try:
        if not (program.exists() and (MADE / "toolchain-bin").exists()):
            raise Unable(f"The Rust kernel of {PROJECT} is not made, or was moved: run `make lab` there.")
        copy = build_directory()
    except Unable as reason:
        print(f"kernel: {reason}", file=sys.stderr, flush=True)
        # Jupyter would only say that a kernel died. This one lives, and says why there is no other.
        os.chdir(PROJECT)
        os.execv(sys.executable, [sys.executable, str(PROJECT / "kernel" / "unable.py"), str(reason), *arguments])
    # On its own standard output evcxr only says which settings it found; cells print through Jupyter.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execve(program, [str(program), *arguments], surroundings(copy))


if __name__ == "__main__":
    main(sys.argv[1:])
