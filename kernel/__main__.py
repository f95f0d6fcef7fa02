"""Makes the Rust kernel ready: `python -m kernel`, called by make whenever something it depends on has changed.

Everything lies in `.kernel/` and in the Python environment; the reader's own Rust, cargo home and kernels stay as they are.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from book import ROOT, not_written, speak_utf8
from book.session import Failed, Session
from kernel import launch, sources

EVCXR = "0.22.0"
# The oldest one that the notebooks were run with. A reader's own is used if it's one of these two.
OLDEST = "0.21.1"
MADE = ROOT / ".kernel"
PROGRAM = MADE / "bin" / "evcxr_jupyter"

# Crates of the kernel's that do little or nothing while a cell runs. Not optimised at all, they save a third of its build:
# 447 seconds of CPU time instead of 638.
SELDOM = """
    ra_ap_ide ra_ap_ide_assists ra_ap_ide_completion ra_ap_ide_diagnostics ra_ap_ide_ssr ra_ap_project_model ra_ap_vfs-notify
    backtrace chrono evcxr evcxr_jupyter notify pulldown-cmark regex-automata regex-syntax tokio toml toml_edit zeromq
"""

# What every notebook's first cell begins with. Kernels find it compiled.
FIRST_CELL = ROOT / "kernel" / "first-cell"
# What one notebook asks for besides, later on. Compiled after the rest, in the same directory, it costs the others nothing.
SECOND_CELL = ROOT / "kernel" / "second-cell"
# What cells keep their variables in.
STORE = ROOT / "kernel" / "store.rs"


def say(message):
    print(f"kernel: {message}", flush=True)


def program():
    """Put evcxr_jupyter into `.kernel/bin`: a link to the reader's own, a release binary, or a build."""
    if PROGRAM.exists() and version(PROGRAM) in (EVCXR, OLDEST):
        return
    PROGRAM.unlink(missing_ok=True)
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    own = shutil.which("evcxr_jupyter")
    if own:
        found = version(own)
        if found in (EVCXR, OLDEST):
            say(f"using {own}")
            PROGRAM.symlink_to(own)
            return
        say(f"{own} is {found}; the notebooks are tested with {EVCXR} and {OLDEST}")
    if shutil.which("cargo-binstall"):
        say(f"fetching a release binary of evcxr_jupyter {EVCXR}")
        options = ["--no-confirm", "--root", MADE, "--disable-strategies", "compile"]
        subprocess.run(["cargo", "binstall", *options, f"evcxr_jupyter@{EVCXR}"], env=launch.own_settings())
        if PROGRAM.exists():
            return
    say(f"building evcxr_jupyter {EVCXR}: four minutes on two cores, once")
    # What the reader's own settings of cargo say of where their programs are to run, and how they are compiled, is not for
    # this one: each of these overrules the file.
    here = subprocess.check_output(["rustc", "--print", "host-tuple"], encoding="utf-8").strip()
    options = ["--locked", "--root", MADE, "--target", here, "--version", EVCXR]
    plain = {"CARGO_ENCODED_RUSTFLAGS": "", "RUSTC_WRAPPER": "", "RUSTC_WORKSPACE_WRAPPER": ""}
    # Optimised further, it takes longer to build and runs no cell sooner: most of a cell's time is the compiler's.
    light = {"CARGO_PROFILE_RELEASE_OPT_LEVEL": "1", "CARGO_PROFILE_RELEASE_LTO": "off"}
    for crate in SELDOM.split():
        options += ["--config", f"profile.release.package.{crate}.opt-level=0"]
    subprocess.run(
        ["cargo", "install", *options, "evcxr_jupyter"], env=launch.own_settings() | plain | light, check=True
    )


def version(binary):
    """What a kernel says of itself; the binary has no other way to tell."""
    try:
        with Session(binary) as session:
            return session.version()
    except (Failed, OSError):
        return "not usable"


def toolchain():
    """Note where the Rust tools lie, for the launcher."""
    sysroot = subprocess.check_output(["rustc", "--print", "sysroot"]).strip()
    (MADE / "toolchain-bin").write_bytes(sysroot + b"/bin\n")
    # Without the standard library's sources a kernel is ready sooner and takes a third of the memory. It then infers fewer
    # types, so that notebooks write those of what they keep. An empty `core` says that these are all the sources there are.
    (MADE / "sources" / "core").mkdir(parents=True, exist_ok=True)


def crates():
    """Fetch the locked crates, and no others, into a cargo home that only kernels use, from where the reader fetches."""
    home = MADE / "cargo"
    home.mkdir(exist_ok=True)
    sources.carry(home)
    environment = {**os.environ, "CARGO_HOME": str(home)}
    subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=ROOT, env=environment, check=True)


def kernelspec():
    """Tell Jupyter, in this Python environment only, how to start the kernel."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "kernels" / "rust"
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-I", str(ROOT / "kernel" / "launch.py"), "--control_file", "{connection_file}"],
        "display_name": "Rust",
        "language": "rust",
        "interrupt_mode": "message",
    }
    (folder / "kernel.json").write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")


def quiet_lab():
    """Keep JupyterLab from asking for news, and from looking for a newer self: the book is read without a network."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    (folder / "overrides.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def warm():
    """Run both cells once, and keep the build directory for every later kernel to start from."""
    say("compiling helpers as cells will use it")
    kept, fresh = MADE / "warm", MADE / "warm.new"
    shutil.rmtree(fresh, ignore_errors=True)
    with Session() as session:
        seconds = sum(session.run(cell.read_text(encoding="utf-8")).seconds for cell in (FIRST_CELL, SECOND_CELL))
        subprocess.run(["cp", "-a", session.directory(), fresh], check=True)
    fresh.chmod(0o755)  # a kernel's own directory is closed to others; this one serves every user
    # Cells are compiled under another path in each copy: what was kept for this one serves nobody.
    for leftover in fresh.glob("target/**/incremental"):
        shutil.rmtree(leftover)
    (fresh / "cell.items").unlink(missing_ok=True)
    shutil.copy(fresh / "Cargo.lock", fresh / "made.lock")
    shutil.copy(STORE, fresh)
    shutil.rmtree(kept, ignore_errors=True)
    fresh.rename(kept)
    say(f"ready, after {seconds:.0f} s of compiling")


def whole():
    """Refuse a copy whose scripts cannot run, before minutes are spent on it."""
    if b"\r" in (ROOT / "kernel" / "bin" / "cargo").read_bytes():
        sys.exit(
            "kernel: the files of this copy have the line ends of Windows (CRLF), with which scripts do not run. "
            "Clone it with git, which keeps those that run everywhere."
        )


def main():
    speak_utf8()
    whole()
    MADE.mkdir(exist_ok=True)
    toolchain()
    crates()
    kernelspec()
    quiet_lab()
    program()
    warm()


if __name__ == "__main__":
    try:
        main()
    except (Failed, subprocess.CalledProcessError) as error:
        sys.exit(f"kernel: {error}")
    except OSError as error:
        if not not_written(error):
            raise
        sys.exit(f"kernel: {not_written(error)}; make a copy of this folder that is yours, where there is room")
