"""Text is UTF-8 wherever it is read, written or heard from a program, whatever the reader's locale says."""

import ast
import os
import subprocess
import sys

import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book import notebook

SCRIPTS = [
    file
    for place in ("book", "deploy", "kernel", "notebooks", "tests")
    for file in sorted((ROOT / place).rglob("*.py"))
    if ".ipynb_checkpoints" not in file.parts
]

# Of these each opens text unless its mode says otherwise.
OPENING = {"open", "fdopen", "NamedTemporaryFile", "TemporaryFile"}
# What opens something else, or only bytes.
OTHERS = {("os", "open"), ("webbrowser", "open")}


def unsaid(source):
    """The lines of a program on which text is opened without saying how it is written."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        of = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        owner = getattr(getattr(call.func, "value", None), "id", "")
        said = {keyword.arg: keyword.value for keyword in call.keywords}
        if "encoding" in said or (owner, of) in OTHERS:
            continue
        is_text = any(getattr(said.get(name), "value", False) is True for name in ("text", "universal_newlines"))
        if of in OPENING:
            # A path's own `open` has its mode first, the others have it second.
            place = 0 if of.endswith("TemporaryFile") or (of == "open" and isinstance(call.func, ast.Attribute)) else 1
            mode = said.get("mode") or (call.args[place] if len(call.args) > place else None)
            is_text = "b" not in getattr(mode, "value", "w+b" if of.endswith("TemporaryFile") else "r")
        if is_text or of in ("read_text", "write_text"):
            yield call.lineno


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_text_is_opened_as_what_it_is(file):
    assert list(unsaid(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "open(path)",
        "path.open()",
        'path.open("w")',
        "path.read_text()",
        "path.write_text(words)",
        "subprocess.run(command, text=True)",
        "subprocess.Popen(command, universal_newlines=True)",
        'tempfile.NamedTemporaryFile("w")',
    ],
)
def test_what_leaves_it_to_the_locale_is_found(line):
    assert list(unsaid(line)) == [1]


def test_bytes_have_no_encoding():
    lines = [
        "open(path, 'rb')",
        "path.open('rb')",
        "subprocess.run(command)",
        "tempfile.TemporaryFile()",
        "os.open(path, 0)",
    ]
    assert [list(unsaid(line)) for line in lines] == [[]] * len(lines)


# As people have it who set nothing, or Latin 1: Python is told not to take UTF-8 by itself.
ASCII = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture(params=["POSIX", "ISO-8859-1"])
def locale(request, tmp_path):
    """An environment in which text is not UTF-8 unless somebody says so."""
    settings = {**os.environ, **ASCII}
    settings.pop("PYTHONIOENCODING", None)
    if request.param != "POSIX":
        made = ["localedef", "-i", "en_US", "-f", request.param, str(tmp_path / "latin")]
        try:
            subprocess.run(made, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no such locale can be made here")
        settings |= {"LC_ALL": "latin", "LOCPATH": str(tmp_path)}
    ask = "import locale; print(locale.getpreferredencoding(False))"
    found = subprocess.check_output([sys.executable, "-c", ask], env=settings, encoding="utf-8").strip()
    assert found.upper() not in ("UTF-8", "UTF8")
    return settings


def python(settings, *arguments):
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=settings, capture_output=True, timeout=300)
    assert not done.returncode, (done.stdout + done.stderr).decode(errors="replace")
    return done.stdout.decode("utf-8")


BOOK = """\
# What does a µ cost? → “This”

A thread’s turn, in µs.
"""


def test_a_notebook_runs_and_its_output_is_told(locale, tmp_path):
    path = tmp_path / "small.ipynb"
    cells = [new_markdown_cell(BOOK), new_code_cell('println!("5 µs → “so”");')]
    notebook.write(new_notebook(cells=cells), path)
    assert "5 µs → “so”" in python(locale, "-m", "book", "run", str(path))


PUBLISH = """
import sys
from pathlib import Path
from book import body, notebook, pages
place = Path(sys.argv[1])
body.ROOT = place
pages.publish({place / "small.ipynb": notebook.read(place / "small.ipynb")}, place / "site", [place / "words.md"])
"""


def test_pages_are_written(locale, tmp_path):
    (tmp_path / "words.md").write_text(BOOK, encoding="utf-8")
    notebook.write(new_notebook(cells=[new_markdown_cell(BOOK)]), tmp_path / "small.ipynb")
    python(locale, "-c", PUBLISH, str(tmp_path))
    for page in ("small.html", "words.html"):
        assert "→ “This”" in (tmp_path / "site" / page).read_text(encoding="utf-8")


def test_rules_are_judged(locale):
    """What `make check` reads, without its compilers."""
    ask = (
        "from book import check\n"
        "first = ('notebooks', 'cells formatted', 'links', 'playground l')\n"
        "own = [name for name in check.STEPS if name.startswith(first)]\n"
        "faults = [fault for name in own for fault in check.STEPS[name]()]\n"
        "print(len(own), *faults, sep='\\n')"
    )
    assert python(locale, "-c", ask).split() == ["4"]
