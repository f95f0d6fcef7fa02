"""What carries the book elsewhere: one version of everything, wherever it is named, and workflows that are accepted."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, finish
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from book import notebook
from deploy import rehearsal
from kernel.__main__ import EVCXR, OLDEST

PIP = r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)"
CONDA = r"^  - (?P<name>[\w-]+)(?:>=(?P<oldest>[\d.]+),<)?=(?P<version>[\d.]+)$"

# Where versions are named, and how: each expression finds a name, and the version beside it.
NAMED = {
    "requirements.txt": [PIP],
    "deploy/requirements.txt": [PIP],
    "tests/requirements.txt": [PIP],
    "environment.yml": [CONDA],
    "Dockerfile": [r"^ARG (?P<name>RUST|EVCXR)=(?P<version>\S+)$"],
    "kernel/__main__.py": [r'^(?P<name>EVCXR) = "(?P<version>.+)"$'],
    ".github/workflows/book.yml": [r"^  (?P<name>RUST): (?P<version>\S+)$"],
    "README.md": [
        r"`(?P<name>evcxr)_jupyter` (?P<version>\d[\d.]*\d)",
        r"(?P<name>Python) (?P<version>[\d.]+) or later",
    ],
    "deploy/README.md": [r"(?P<name>JupyterHub) (?P<version>\d[\d.]*\d)"],
}


def named(file):
    """The versions that a file names."""
    text = (ROOT / file).read_text(encoding="utf-8")
    found = [match for expression in NAMED[file] for match in re.finditer(expression, text, re.M)]
    return {match["name"].lower().replace("-", "_"): match["version"] for match in found}


def test_versions_are_one_everywhere():
    everywhere = defaultdict(set)
    for file in NAMED:
        for name, version in named(file).items():
            everywhere[name].add(version)
    assert {name: versions for name, versions in everywhere.items() if len(versions) > 1} == {}


def test_every_version_is_found():
    """What names no version that the expressions above find would never disagree."""
    for file in ("requirements.txt", "deploy/requirements.txt", "tests/requirements.txt"):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        assert len(named(file)) == sum(1 for line in lines if line and not line.startswith(("#", " "))), file
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert len(named("environment.yml")) == len(conda)
    direct = (ROOT / "requirements.in").read_text(encoding="utf-8")
    stack = {match["name"].replace("-", "_") for match in re.finditer(PIP, direct, re.M)}
    assert set(named("environment.yml")) == stack | {"evcxr", "rust", "python"}
    kernels = next(line for line in conda if line.startswith("evcxr"))
    assert kernels == f"evcxr>={OLDEST},<={EVCXR}"
    assert set(named("Dockerfile")) == {"rust", "evcxr"}
    assert set(named("kernel/__main__.py")) == {"evcxr"}
    assert set(named(".github/workflows/book.yml")) == {"rust"}
    assert set(named("README.md")) == {"evcxr", "python"}
    assert set(named("deploy/README.md")) == {"jupyterhub"}


def workflows():
    return sorted((ROOT / ".github" / "workflows").iterdir())


@pytest.mark.parametrize(
    "linter",
    [["check-jsonschema", "--builtin-schema", "vendor.github-workflows"], ["zizmor", "--offline"]],
    ids=lambda linter: linter[0],
)
def test_workflows_are_accepted(linter):
    finish(Path(sys.executable).parent / linter[0], *linter[1:], *workflows(), patience=300)


def test_workflows_pin_what_they_use_and_call_what_there_is():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for path in workflows():
        text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for used in re.findall(r"uses: (\S+)", text):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used), used
        called = set(re.findall(r"\bmake (\w+)", text))
        assert called and called <= targets


def test_without_an_engine_the_image_says_so():
    done = subprocess.run(
        [sys.executable, "deploy/image.py", "make", "any"],
        cwd=ROOT,
        env={"PATH": ""},
        timeout=60,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert "docker, podman, buildah" in done.stderr and "Traceback" not in done.stderr


def test_the_image_culls_idle_kernels():
    [(manager, settings)] = json.loads(
        (ROOT / "deploy" / "jupyter_server_config.json").read_text(encoding="utf-8")
    ).items()
    known = next(kind for kind in AsyncMappingKernelManager.__mro__ if kind.__name__ == manager)
    assert set(settings) <= set(known.class_trait_names())
    # A notebook that is left open in a tab is connected; its kernel is the one that is meant.
    assert settings["cull_connected"] and settings["cull_idle_timeout"] > 0


def test_binder_opens_the_first_notebook():
    [address] = re.findall(r"https://mybinder\.org/v2/[^\s`]+", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert address.endswith(f"/HEAD?urlpath=lab/tree/notebooks/{notebook.paths()[0].name}")


def test_a_class_gets_the_first_notebook_and_its_guarantee():
    values = yaml.safe_load((ROOT / "deploy" / "values.yaml").read_text(encoding="utf-8"))
    learner = values["singleuser"]
    assert learner["defaultUrl"] == f"/lab/tree/notebooks/{notebook.paths()[0].name}"
    assert size(learner["memory"]["guarantee"]) <= size(learner["memory"]["limit"])
    assert learner["cpu"]["guarantee"] <= learner["cpu"]["limit"]


def size(text):
    return float(text[:-1]) * {"M": 2**20, "G": 2**30}[text[-1]]


def test_a_class_is_told_by_the_records_that_notebooks_keep(path, run):
    """The rehearsal reads what the notebook wrote, and finds in it as much as a lesson asks for."""
    executed = run(path)
    keeps = rf'\bkeep\("(measured/)?{path.stem}\b'
    if not any(re.search(keeps, cell.source) for cell in executed.cells if cell.cell_type == "code"):
        pytest.skip("this notebook keeps no record")
    record = rehearsal.record(ROOT / rehearsal.kept(path))
    told = rehearsal.told(executed, record)
    assert 0 < told["timings"] <= len(record["timings"])
    assert sum(told["rulings"].values()) == len(record["verdicts"]) > 0
    # A difference of two times may be less than nothing.
    assert all(value["median"] <= value["99 %"] for value in told["values"].values())
    twice = {name: {figure: 2 * value[figure] for figure in value} for name, value in told["values"].items()}
    moved = rehearsal.moved(told, [{"values": twice}])
    assert {figure: (of["middle"], of["worst"]) for figure, of in moved.items()} == dict.fromkeys(moved, (2.0, 2.0))


def test_a_learner_has_a_folder_and_shares_the_instruments(tmp_path):
    home = tmp_path / "learner-1"
    rehearsal.settle(home)
    for path in notebook.paths():
        assert (home / path.relative_to(ROOT)).read_bytes() == path.read_bytes()
    assert (home / "notebooks" / "../helpers/Cargo.toml").resolve() == ROOT / "helpers" / "Cargo.toml"
    assert not (home / "notebooks" / "measured").exists()
