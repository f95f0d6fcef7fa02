"""What it costs to open a notebook and to draw: the second half of `make bench`, ours and a plain kernel's in turn."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from book import ROOT
from book.notebook import paths, read
from book.session import Failed, Session

ROUNDS = 3

FIRST_CELL = ROOT / "kernel" / "first-cell"

# Kernel start to first chart: load the instruments, measure once, draw.
OURS = [
    FIRST_CELL.read_text(encoding="utf-8") + "use helpers::{Timing, chart, libc, measure};",
    'let call: Timing = measure("getppid", || unsafe { libc::getppid() });',
    "chart::dots([&call])",
]

# The same way to one line chart, in a notebook without these instruments.
FEATURES = '["evcxr", "svg_backend", "line_series"]'
DEPENDENCY = f'plotters = {{ version = "=0.3.7", default-features = false, features = {FEATURES} }}'
PLAIN = [
    f":dep {DEPENDENCY}\nuse plotters::prelude::*;",
    "let values: Vec<(f64, f64)> = (0..100).map(|i| (i as f64, (i as f64).sqrt())).collect();",
    """\
evcxr_figure((640, 360), |root| {
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .x_label_area_size(30)
        .y_label_area_size(30)
        .build_cartesian_2d(0.0..100.0, 0.0..10.0)?;
    chart.configure_mesh().draw()?;
    chart.draw_series(LineSeries::new(values.clone(), &RED))?;
    Ok(())
})""",
]


# Where the instruments' half has left its figures.
BENCH = ROOT / "target" / "bench.json"


def bench():
    """Measure, print, and add the figures to those of the instruments."""
    measured = figures()
    print(json.dumps(measured, indent=1))
    before = json.loads(BENCH.read_text(encoding="utf-8")) if BENCH.exists() else {}
    BENCH.parent.mkdir(exist_ok=True)
    BENCH.write_text(
        json.dumps({**before, "notebooks": measured}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def figures():
    """All figures, in seconds and bytes."""
    return {"first_chart": first_chart(), "chart_cells": chart_cells(), "memory": memory()}


def first_chart():
    try:
        with tempfile.TemporaryDirectory() as folder:
            prefetch(Path(folder))
            rounds = [(to_chart(OURS), plain_to_chart(Path(folder))) for _ in range(ROUNDS)]
    except (Failed, subprocess.CalledProcessError) as error:
        return {"unavailable": str(error)}
    ours, plain = ([one[kind] for one in rounds] for kind in (0, 1))
    middle = {name: statistics.median(sum(run) for run in runs) for name, runs in (("ours", ours), ("plain", plain))}
    return {
        "steps": ["kernel ready", "dependency", "value", "chart"],
        "ours": ours,
        "plain": plain,
        "ours_median": middle["ours"],
        "plain_median": middle["plain"],
        "ratio": middle["ours"] / middle["plain"],
    }


def to_chart(cells, **kernel):
    """Seconds to a ready kernel, and of each cell."""
    with Session(**kernel) as session:
        steps = [session.ready]
        for cell in cells:
            reply = session.run(cell)
            steps.append(reply.seconds)
    if "<svg" not in reply.html and "image/svg" not in reply.html:
        raise Failed("the last cell drew nothing")
    return [round(step, 3) for step in steps]


def plain_to_chart(folder):
    """The plain kernel gets an empty directory each time, and no settings."""
    build = folder / "build"
    shutil.rmtree(build, ignore_errors=True)
    environment = {**os.environ, "EVCXR_TMPDIR": str(build), "EVCXR_CONFIG_DIR": str(folder)}
    return to_chart(PLAIN, program=program(), environment=environment, folder=folder)


def program():
    return (ROOT / ".kernel" / "bin" / "evcxr_jupyter").resolve()


def prefetch(folder):
    """Fetch the plain notebook's crates beforehand: a network is not what is compared."""
    place = folder / "fetch"
    (place / "src").mkdir(parents=True)
    (place / "src" / "lib.rs").touch()
    (place / "Cargo.toml").write_text(
        f'[package]\nname = "fetch"\nedition = "2024"\n\n[dependencies]\n{DEPENDENCY}\n', encoding="utf-8"
    )
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=place, check=True, capture_output=True)


def chart_cells():
    """Each cell that draws: the median of its time, and of what of it was not spent running: compiling and showing."""
    found = {}
    for path in paths():
        runs = []
        for _ in range(ROUNDS):
            try:
                runs.append(drawing_cells(path))
            except Failed as error:
                found[path.name] = {"unavailable": str(error)}
                break
        else:
            found[path.name] = [
                {
                    "cell": number,
                    "seconds": round(statistics.median(run[number][0] for run in runs), 3),
                    "beyond_running": round(statistics.median(run[number][1] for run in runs), 3),
                }
                for number in runs[0]
            ]
    return found


def drawing_cells(path):
    """One run of a notebook: for each cell with a figure, its seconds and those before it began to run."""
    seen = {}
    with Session() as session:
        build = session.directory()
        for number, cell in enumerate(read(path).cells, start=1):
            if cell.cell_type != "code":
                continue
            began = time.time()
            reply = session.run(cell.source)
            if "<figure" in reply.html:
                # A cell runs as soon as it is linked, and the library that it was linked into keeps that moment.
                linked = max(file.stat().st_mtime for file in build.glob("target/**/libcode_*"))
                seen[number] = (reply.seconds, linked - began)
    return seen


def memory():
    """The kernel's processes after the first chart, and the most they took on the way there."""
    sysroot = subprocess.check_output(["rustc", "--print", "sysroot"], encoding="utf-8").strip()
    library = Path(sysroot) / "lib" / "rustlib" / "src" / "rust" / "library"
    found = {"without_sources": weigh({})}
    if library.exists():
        found["with_sources"] = weigh({"RUST_SRC_PATH": str(library)})
    else:
        found["with_sources"] = {"unavailable": "rust-src is not installed"}
    return found


def weigh(settings):
    try:
        with Session(environment={**os.environ, **settings}) as session:
            peak = Peak(session)
            for cell in OURS:
                session.run(cell)
            peak.stop()
            return {"resident": session.memory(), "peak": peak.bytes}
    except Failed as error:
        return {"unavailable": str(error)}


class Peak(threading.Thread):
    """The most memory a session was seen to take, looked at twenty times a second."""

    def __init__(self, session):
        super().__init__(daemon=True)
        self.session, self.bytes, self.over = session, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.05):
            self.bytes = max(self.bytes, self.session.memory())

    def stop(self):
        self.over.set()
        self.join()
