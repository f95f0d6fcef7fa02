"""The kernel: failures are errors, and every kernel has a directory that no other touches and that goes with it."""

import asyncio
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from queue import Empty

import nbformat
import psutil
import pytest
from conftest import ROOT, finish

from book.execution import Runner
from book.latency import FIRST_CELL, OURS
from book.session import Failed, Session
from kernel import launch


@pytest.fixture
def session():
    with Session() as session:
        yield session


def gone(path, patience=10):
    end = time.monotonic() + patience
    while path.exists() and time.monotonic() < end:
        time.sleep(0.1)
    return not path.exists()


@pytest.mark.parametrize(
    "cell",
    [
        'panic!("on purpose");',
        'let empty: Vec<u32> = Vec::new();\nprintln!("{}", empty[std::hint::black_box(0)]);',
        'let number: u32 = "text";',
        "std::process::abort();",
        ':dep no-such-crate-at-all = "1"',
    ],
    ids=["panic", "index", "type", "abort", "crate"],
)
def test_a_failing_cell_is_an_error(session, cell):
    with pytest.raises(Failed):
        session.run(cell)
    # A kernel without the instruments may pass on the end of a panic's backtrace with the next cell.
    assert session.run('println!("alive");').text.endswith("alive\n")


class Late:
    """A kernel's client that hears of a cell's end before the cell's last line."""

    def __init__(self):
        self.iopub_channel = self
        self.rest = [
            self.message("status", execution_state="idle"),
            self.message("stream", name="stdout", text="late\n"),
        ]

    @staticmethod
    def message(kind, **content):
        parent = {"msg_id": "this cell"}
        return {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": parent, "content": content}

    async def get_msg(self, timeout):
        return self.get_iopub_msg(timeout)

    def get_iopub_msg(self, timeout):
        if not self.rest:
            raise Empty
        return self.rest.pop(0)

    def execute_interactive(self, code, output_hook, **_):
        output_hook(self.rest.pop(0))
        return self.message("execute_reply", status="ok")


def test_a_line_that_comes_after_the_end_is_heard():
    session = Session.__new__(Session)
    session.client = Late()
    assert session.run('println!("late");').text == "late\n"

    cell = nbformat.v4.new_code_cell('println!("late");')
    runner = Runner(nbformat.v4.new_notebook(cells=[cell]), record_timing=False)
    runner.kc = Late()
    runner.clear_before_next_output = False
    asyncio.run(runner._async_poll_output_msg("this cell", cell, 0))
    assert [output.text for output in cell.outputs] == ["late\n"]


def test_a_panic_is_its_message_and_what_is_lost(session):
    """As readers meet it, with the instruments at work: no backtrace, and a word on the variables that are gone."""
    for cell in OURS:
        session.run(cell)
    heard = []
    session.client.execute_interactive(
        'panic!("on purpose");',
        output_hook=lambda message: heard.append(message["content"].get("text", "")),
        timeout=60,
    )
    said = "".join(heard)
    assert "on purpose" in said and "variables went with it" in said, said
    assert len(said.splitlines()) < 6 and "backtrace" not in said.lower(), said


def test_a_cell_may_await(session):
    """The kernel takes an executor of its own for that, and finds it without a network."""
    assert session.run("std::future::ready(1).await").text == "1"


def test_the_first_chart_needs_no_build_of_helpers(session):
    for cell in OURS:
        reply = session.run(cell)
    assert "<figure" in reply.html
    warm, own = ROOT / ".kernel" / "warm", session.directory()
    libraries = list(warm.glob("target/**/libhelpers*"))
    assert libraries
    for library in libraries:
        assert (own / library.relative_to(warm)).stat().st_mtime == library.stat().st_mtime


@pytest.mark.parametrize("arguments", ["metadata --format-version=1", "metadata --format-version 1 --no-deps", "build"])
@pytest.mark.parametrize("offline", ["true", "false"])
def test_what_a_dep_asks_of_cargo_finds_the_lock_that_the_kernel_was_made_with(tmp_path, arguments, offline):
    made, own, foreign = (f'checksum = "{letter * 64}"\n' for letter in "abc")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "cargo").write_text("#!/bin/sh\ncat Cargo.lock\n", encoding="utf-8")
    (tools / "cargo").chmod(0o755)
    wrapper = ROOT / "kernel" / "bin"
    environment = {"PATH": f"{wrapper}:{tools}:{os.environ['PATH']}", "CARGO_NET_OFFLINE": offline}

    def seen(lock):
        (tmp_path / "Cargo.lock").write_text(lock, encoding="utf-8")
        asked = subprocess.run(
            [wrapper / "cargo", *arguments.split()],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
        )
        assert asked.stderr == "" and asked.returncode == 0
        return asked.stdout

    assert seen("[[package]]\n") == "[[package]]\n", "a kernel that was made by another state of the book"
    (tmp_path / "made.lock").write_text(made + own, encoding="utf-8")
    is_asked = arguments.endswith("=1")
    assert seen("[[package]]\n") == (made + own if is_asked else "[[package]]\n")
    assert seen(made) == (made + own if is_asked else made)
    assert seen(made + foreign) == made + foreign, "what the reader has brought stays as it was found"


def asked(folder, *more, **environment):
    """What rust-analyzer in a kernel is told of a folder's crates: their names, and what each builds on."""
    wrapper = ROOT / "kernel" / "bin"
    manifest = ["--manifest-path", folder / "Cargo.toml"]
    environment = {
        "PATH": f"{wrapper}:{os.environ['PATH']}",
        "CARGO_HOME": str(ROOT / ".kernel" / "cargo"),
        **environment,
    }
    told = json.loads(
        subprocess.check_output(
            [wrapper / "cargo", "metadata", "--format-version", "1", *manifest, *more, "--offline"],
            env={**os.environ, **environment},
        )
    )
    names = {package["id"]: package["name"] for package in told["packages"]}
    if told["resolve"] is None:
        return dict.fromkeys(names.values())
    for node in told["resolve"]["nodes"]:
        assert node["id"] in names and {crate["pkg"] for crate in node["deps"]} == set(node["dependencies"]) <= set(
            names
        )
    return {names[node["id"]]: {names[crate] for crate in node["dependencies"]} for node in told["resolve"]["nodes"]}


def test_of_the_instruments_crates_the_kernel_reads_none(tmp_path):
    """What the notebook names is read with all that it builds on, whether the instruments build on it too or not."""
    warm = ROOT / ".kernel" / "warm"
    (tmp_path / "src").symlink_to(warm / "src")
    for file in ("Cargo.toml", "Cargo.lock"):
        shutil.copy(warm / file, tmp_path)
    light = {"CRATES_PYTHON": sys.executable}
    every = asked(tmp_path)
    assert asked(tmp_path, "--no-deps", **light) == asked(tmp_path, "--no-deps") == {"ctx": None}
    assert {"serde", "plotters", "libc"} <= every["helpers"] and "proc-macro2" in every
    assert asked(tmp_path, **light) == {
        "ctx": {"helpers", "tokio"},
        "helpers": set(),
        "tokio": {"pin-project-lite"},
        "pin-project-lite": set(),
    }
    named = (warm / "Cargo.toml").read_text(encoding="utf-8") + 'serde_json = "*"\n'
    (tmp_path / "Cargo.toml").write_text(named, encoding="utf-8")
    crates = asked(tmp_path, **light)
    assert crates["serde_json"] == every["serde_json"] and crates["helpers"] < every["helpers"]
    assert "plotters" not in crates


def test_who_names_sources_has_all_of_them_read(monkeypatch, tmp_path):
    for name in ("RUST_SRC_PATH", "CRATES_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    assert launch.surroundings(tmp_path)["CRATES_PYTHON"] == sys.executable
    monkeypatch.setenv("RUST_SRC_PATH", str(tmp_path))
    assert "CRATES_PYTHON" not in launch.surroundings(tmp_path)


def test_every_cell_has_the_smaller_store_and_errors_keep_their_lines(session):
    session.run("let kept: Vec<u32> = vec![1, 2];")
    assert "type Value" in (session.directory() / "src" / "lib.rs").read_text(encoding="utf-8")
    assert session.run('println!("{}", kept.len());').text == "2\n"
    with pytest.raises(Failed) as failed:
        session.run('let one: u32 = 1;\nlet wrong: u32 = "text";\nlet three: u32 = 3;')
    assert '2 │ let wrong: u32 = "text";' in re.sub(r"\x1b\[[0-9;]*m", "", str(failed.value))


# Cells that each need what an earlier one kept, and what they print.
KEPT = {
    "named in a text": ("let a: u32 = 1;\nlet b: u32 = 2;", 'println!("{a}");', "1\n"),
    "under a keyword's name": ("let r#type: u32 = 3;", 'println!("{}", r#type);', "3\n"),
    "under a name beyond ASCII": ("let größe: u32 = 4;", 'println!("{größe}");', "4\n"),
    "by a macro of another cell": (
        'macro_rules! show { ($v:ident) => { println!("{}", $v) } }\nlet shown: u32 = 5;',
        "show!(shown);",
        "5\n",
    ),
    "of a type of two lines": ("let pair: (\n    u32,\n    u32,\n) = (6, 7);", 'println!("{}", pair.1);', "7\n"),
    "changed": (
        "let mut grown: Vec<u32> = vec![];\nlet c: u32 = 8;",
        'grown.push(c);\nprintln!("{grown:?}");',
        "[8]\n",
    ),
}


def test_a_cell_finds_what_it_names_and_leaves_the_rest(session):
    for first, _, _ in KEPT.values():
        session.run(first)
    session.run('println!("nothing of it");')
    found = {kind: session.run(second).text for kind, (_, second, _) in KEPT.items()}
    assert found == {kind: printed for kind, (_, _, printed) in KEPT.items()}
    # What was found was put back.
    assert session.run('println!("{a} {} {größe} {shown} {} {grown:?}", r#type, pair.0);').text == "1 3 4 5 6 [8]\n"


def test_a_cell_takes_only_what_it_names_out_of_the_store(session):
    session.run("let taken: u32 = 1;\nlet left: u32 = 2;")
    session.run('println!("{taken}");')
    cell = (session.directory() / "src" / "lib.rs").read_text(encoding="utf-8")
    assert cell.count("stringify!(taken)") == 3 and cell.count("stringify!(left)") == 1


def test_a_misspelt_name_is_told_beside_what_was_meant(session):
    session.run("let breakfast: u32 = 1;")
    with pytest.raises(Failed) as failed:
        session.run('println!("{}", breakfest);')
    assert "breakfast" in re.sub("breakfest", "", str(failed.value))


def test_what_a_cell_consumes_is_gone_and_the_rest_is_kept(session):
    session.run('let spent: String = "a".into();\nlet saved: String = "b".into();')
    session.run("drop(spent);")
    with pytest.raises(Failed, match="E0425"):
        session.run('println!("{spent}");')
    assert session.run('println!("{saved}");').text == "b\n"


def test_a_type_that_is_written_anew_takes_along_what_was_kept_of_it(session):
    session.run("struct Old { x: u32 }\nlet old: Old = Old { x: 1 };\nlet other: u32 = 2;")
    session.run("struct Old { y: String }")
    assert "old was redefined, so was lost" in session.run('println!("{other}");').text


def asked_of_cargo(session):
    """Which build of this kernel cargo was last asked for: each leaves its log."""
    return (session.directory() / "cell.log").stat().st_mtime_ns


def test_cells_are_compiled_without_cargo_while_nothing_else_changes(session):
    session.run("let one: u32 = 1;")
    before = asked_of_cargo(session)
    assert session.run('println!("{one}");').text == "1\n"
    assert asked_of_cargo(session) == before
    with pytest.raises(Failed, match="E0308"):
        session.run('let wrong: u32 = "text";')
    assert session.run('println!("{}", one + 1);').text == "2\n"
    assert asked_of_cargo(session) == before
    # What only cargo says to a compiler, and how it is to compile from now on.
    assert session.run('println!("{}", env!("CARGO_PKG_NAME"));').text == "ctx\n"
    session.run(":build_env CARGO_PROFILE_DEV_DEBUG_ASSERTIONS=false")
    assert session.run('println!("{}", cfg!(debug_assertions));').text == "false\n"
    assert asked_of_cargo(session) != before


def test_a_crate_of_the_reader_s_is_compiled_anew_when_its_sources_change(session, tmp_path):
    crate = tmp_path / "a crate"
    (crate / "src").mkdir(parents=True)
    (crate / "Cargo.toml").write_text('[package]\nname = "mine"\nversion = "0.1.0"\n', encoding="utf-8")
    for number in "12":
        (crate / "src" / "lib.rs").write_text(f"pub fn number() -> u32 {{ {number} }}", encoding="utf-8")
        if number == "1":
            session.run(f':dep mine = {{ path = "{crate}" }}')
        for _ in range(2):
            assert session.run('println!("{}", mine::number());').text == f"{number}\n"
            time.sleep(0.05)  # the clock of a file's time is a coarse one
    named = (crate / "Cargo.toml").read_text(encoding="utf-8").replace("0.1.0", "0.2.0")
    (crate / "src" / "lib.rs").write_text(
        'pub fn version() -> &\'static str { env!("CARGO_PKG_VERSION") }', encoding="utf-8"
    )
    assert session.run('println!("{}", mine::version());').text == "0.1.0\n"
    time.sleep(0.05)
    (crate / "Cargo.toml").write_text(named, encoding="utf-8")
    assert session.run('println!("{}", mine::version());').text == "0.2.0\n"


RUNTIME = """use a::b;
mod evcxr_internal_runtime {
{body}{filling}
pub fn create_variable_store() -> *mut VariableStore {
}
}
pub extern "C" fn run_user_code_1() {
}
"""


@pytest.mark.parametrize(
    ("filling", "replaced"),
    [("\n" * 90, True), ("", False), ("\npub fn put_two() {}" + "\n" * 90, False)],
    ids=["as it is", "shorter than ours", "with another name"],
)
def test_another_store_than_evcxr_s_is_left_alone(tmp_path, filling, replaced):
    kernel = ROOT / "kernel"
    ours = (kernel / "store.rs").read_text(encoding="utf-8")
    public = [line.strip() for line in ours.splitlines() if line.lstrip().startswith("pub ")]
    cell = tmp_path / "lib.rs"
    text = RUNTIME.replace("{body}", "\n".join(public[:-1])).replace("{filling}", filling)
    cell.write_text(text, encoding="utf-8")
    command = ["awk", "-f", kernel / "cell.awk", kernel / "store.rs", cell]
    written = subprocess.check_output(command, encoding="utf-8", timeout=60)
    assert len(written.splitlines()) == len(text.splitlines())
    assert (ours in written) == replaced == (written != text)
    assert written.startswith("use a::b;\n") and written.endswith('\n}\npub extern "C" fn run_user_code_1() {\n}\n')


ITEMS = [
    "use a::{self, b as c};",
    "#[derive(Clone)]\nstruct Open<'a>(&'a str);",
    "impl<'a> Open<'a> {\n\n    fn of(c: char) -> bool { c == '{' || c == '\\'' || c == 'é' }\n}",
    'const TEXT: &str = "a } \\" {\n}\nfn none() {";',
    'const RAW: &str = r#"\n}"\n"#;',
    "/* one /* } */ more\n} */\nstatic S: [u8; 2] = [\n    1,\n    2,\n];",
    "/// Yours: }\nfn told<T>(x: T)\nwhere\n    T: Copy, // {\n{\n    drop(x)\n}",
    "async fn f() {}",
    "trait T { const N: u8; }",
]
ENTRY = """\
#[unsafe(no_mangle)]
pub extern "C" fn run_user_code_{}(
mut x: *mut std::os::raw::c_void) -> *mut std::os::raw::c_void {{x}}"""


def compiled(tmp_path, items, store=True):
    """What's compiled of a cell with these items."""
    ours = (ROOT / "kernel" / "store.rs").read_text(encoding="utf-8")
    public = "\n".join(line.strip() for line in ours.splitlines() if line.lstrip().startswith("pub "))
    # What stands between items is now with the one, now with the other.
    text = "#![allow(dead_code)]\n" + "".join(f"//\n{item}\n\n// yours: {{\n" for item in items)
    if store:
        text += "mod evcxr_internal_runtime {\n" + public + "\n" * 90 + "}\n}\n"
    text += ENTRY.format(len(items))
    (tmp_path / "lib.rs").write_text(text + "\n", encoding="utf-8")
    command = [
        "awk",
        "-v",
        f"kept={tmp_path / 'kept'}",
        "-f",
        ROOT / "kernel" / "cell.awk",
        ROOT / "kernel" / "store.rs",
    ]
    written = subprocess.check_output([*command, tmp_path / "lib.rs"], encoding="utf-8", timeout=60)
    assert written.startswith("#![allow(dead_code)]\nmod evcxr_internal_runtime {\n" + ours)
    assert written.endswith(ENTRY.format(len(items)) + "\n")
    return written


@pytest.mark.parametrize("seed", range(5))
def test_what_earlier_cells_define_stays_on_its_lines(tmp_path, seed):
    """In whatever order evcxr writes it, with whatever brackets in texts and comments, in cells that only define or not."""
    by_chance = random.Random(seed)
    place, defined = {}, []
    for number, item in enumerate(by_chance.sample(ITEMS, len(ITEMS))):
        defined.append(item)
        shuffled = by_chance.sample(defined, len(defined))
        written = compiled(tmp_path, shuffled, store=number % 3 != 1)
        assert all(written.count(item + "\n") == 1 for item in defined)
        now = {item: written[: written.index(item)].count("\n") for item in defined}
        assert all(now[item] == line for item, line in place.items())
        place = now
    # What's gone leaves its lines empty, and has them again when it comes again.
    gone = defined[0]
    written = compiled(tmp_path, defined[1:])
    assert gone not in written and written.count("\n") == compiled(tmp_path, defined).count("\n")
    # Unless most of it is gone.
    assert compiled(tmp_path, defined[:1]).count("\n") < written.count("\n")


def test_a_cell_that_is_not_understood_is_compiled_as_it_is(tmp_path):
    for broken in ("fn f() {", 'const C: &str = "', "/* x", "fn f() {}}"):
        text = f"#![allow(dead_code)]\n{broken}\n{ENTRY.format(1)}\n"
        (tmp_path / "lib.rs").write_text(text, encoding="utf-8")
        kernel = ROOT / "kernel"
        command = ["awk", "-v", f"kept={tmp_path / 'kept'}", "-f", kernel / "cell.awk", kernel / "store.rs"]
        assert subprocess.check_output([*command, tmp_path / "lib.rs"], encoding="utf-8", timeout=60) == text


STORE = """
#[allow(dead_code)]
mod store { include!("STORE"); }
fn main() {
    let store = unsafe { &mut *store::create_variable_store() };
    store.put_variable("a", 1_u8);
    store.put_variable("a", String::from("two"));
    store.put_variable("b", vec![3_u64]);
    assert!(store.check_variable::<String>("a") && store.check_variable::<u8>("nowhere"));
    assert!(!store.check_variable::<u8>("a"));
    let mut other = store::VariableStore::new();
    other.put_variable("b", vec![4_u64, 5]);
    store.merge(other);
    assert_eq!((store.take_variable::<String>("a").as_str(), store.take_variable::<Vec<u64>>("b").len()), ("two", 2));
    assert_eq!([6, 7].map(|number: u32| *store.lazy_arc("c", || number)), [6, 6]);
    store.put_variable("d", 8_u8);
    let taken = |name: &str| std::panic::catch_unwind(|| {
        let mut store = store::VariableStore::new();
        store.put_variable("d", 8_u8);
        store.take_variable::<u16>(name)
    });
    assert!(taken("a").is_err() && taken("d").is_err());
}
"""


def test_the_store_keeps_what_evcxr_s_keeps(tmp_path):
    (tmp_path / "store.rs").write_text(STORE.replace("STORE", str(ROOT / "kernel" / "store.rs")), encoding="utf-8")
    finish("rustc", "--edition=2024", "-o", tmp_path / "store", tmp_path / "store.rs", cwd=tmp_path)
    finish(tmp_path / "store")


def test_types_of_the_instruments_are_inferred(session):
    for cell in OURS:
        session.run(cell)
    session.run('let again = measure("nothing", || ());')
    assert "<figure" in session.run("chart::dots([&again])").html


def test_two_kernels_have_two_directories(session):
    with Session() as other:
        mine, its = session.directory(), other.directory()
    assert mine != its
    assert gone(its) and mine.exists()


def test_an_interrupt_ends_the_cell_and_not_the_kernel(session):
    session.client.execute("std::thread::sleep(std::time::Duration::from_secs(60));")
    time.sleep(5)
    session.manager.interrupt_kernel()
    assert session.run('println!("alive");').text == "alive\n"


# What a measurement has of the system while it runs: a child, another one that listens, a file and a ring that reads it, a
# thread with another timer slack, alarms with a handler.
HELD = """
use helpers::{Bytes, Machine, in_child, millis};
use helpers::{dents::overhear, io::{Disk, Ring}, signals::{Pace, alarms}, waiting::measure_with_slack};
use std::{thread, time::Duration};

fn minute() {
    thread::sleep(Duration::from_secs(60));
}

thread::scope(|all| {
    let cpus = Machine::here().some_cpus(2);
    all.spawn(|| while in_child(minute).is_err() {});
    all.spawn(move || overhear(cpus, millis(10.0), 60, |_| minute()).is_ok());
    all.spawn(|| {
        let (disk, ring) = (Disk::past_the_cache(Bytes(1 << 20)), Ring::new(8));
        while let (Ok(disk), Ok(ring)) = (&disk, &ring) {
            (0..8).for_each(|_| ring.read(disk, 4096, disk.somewhere()));
            let _ = ring.wait(8, millis(1_000.0));
        }
    });
    all.spawn(|| measure_with_slack("a minute", millis(1.0), minute));
    all.spawn(|| alarms(Pace::Time, millis(10.0), millis(10_000.0), minute));
});
"""


def begun(kernel, patience=30):
    """What runs the cells, and the processes below it, once there are any and the compiler has ended."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        children = kernel.children()
        runs = [below for child in children for below in child.children(recursive=True)]
        if runs and not any(process.name() == "cargo" for process in children):
            return children + runs
        time.sleep(0.1)
    raise AssertionError("the cell has not begun")


def test_an_interrupted_measurement_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Session() as session:
        session.run(FIRST_CELL.read_text(encoding="utf-8"))
        kernel = psutil.Process(session.manager.provisioner.pid)
        before = set(tmp_path.iterdir()), kernel.num_fds()
        session.client.execute(HELD)
        left = begun(kernel)
        time.sleep(1)
        session.manager.interrupt_kernel()
        assert session.run('println!("alive");').text == "alive\n"
        assert not psutil.wait_procs(left, timeout=10)[1]
        assert (set(tmp_path.iterdir()), kernel.num_fds()) == before


def test_a_killed_kernel_leaves_nothing_for_long():
    with Session() as session:
        left = session.directory()
        os.killpg(session.manager.provisioner.pgid, signal.SIGKILL)
        time.sleep(1)
    with Session():
        assert gone(left)


def test_a_terminated_kernel_takes_its_directory_along():
    with Session() as session:
        left = session.directory()
        os.killpg(session.manager.provisioner.pgid, signal.SIGTERM)
        assert gone(left)
