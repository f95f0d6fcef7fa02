"""The rules themselves: each finds what it is there for, and lets a good notebook pass."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book import inspection, playground, rules
from book.notebook import flatten

KERNEL = {"kernelspec": {"name": "rust", "display_name": "Rust", "language": "rust"}}
FIRST = rules.first_cell() + "\nuse helpers::measure;"


def book(*cells):
    """A notebook with a title and the first cell, and then these."""
    return new_notebook(
        cells=[new_markdown_cell("# Why?"), new_code_cell(FIRST), *cells], metadata=dict(KERNEL)
    )


def complaints(code):
    return " ".join(rules.cell_faults(new_code_cell(code)))


def test_a_good_notebook_passes():
    assert rules.faults(book(new_markdown_cell("Words."), new_code_cell("let one: u32 = 1;"))) == []


def test_cells_are_kept_small_safe_and_typed():
    assert "lines" in complaints("f();\n" * 21)
    assert "unwraps" in complaints("let one: u32 = text.parse().unwrap();")
    assert "`?`" in complaints("let file: File = File::open(path)?;")
    assert "asserts" in complaints("assert_eq!(1, 1);")
    assert "type" in complaints("let one = 1;") and "type" in complaints("let (a, b) = pair();")
    assert complaints("if ready {\n    let inner = 1;\n}") == ""
    assert complaints('println!("why? unwrap() // assert!");') == ""
    assert complaints("let one: u32 = 1; // assert!(true)") == ""


def test_notebooks_are_stored_clean():
    shown = new_output("stream", text="1\n")
    assert "output" in " ".join(rules.faults(book(new_code_cell("f();", outputs=[shown]))))
    assert "output" in " ".join(rules.faults(book(new_code_cell("f();", execution_count=1))))


def test_flattened_cells_see_what_came_before_and_may_name_it_anew():
    program = flatten(book(new_code_cell("let one: u32 = 1;"), new_code_cell("show(one)"), new_code_cell("one")))
    assert "//:dep helpers" in program
    assert "show(one)\n;{" in program and "let _ = &one\n;{" in program
    assert program.count("{\n") + program.count("{ ") >= program.count("}\n") and program.rstrip().endswith("}")


def test_playground_links_open_exactly_their_cell():
    code = new_code_cell('println!("{}", 1 + 1);', metadata={"tags": ["playground"]})
    link = playground.address(code.source)
    good = book(code, new_markdown_cell(f"[In the Playground]({link}), too."))
    old = book(code, new_markdown_cell(f"[In the Playground]({link}x), too."))
    none = book(code, new_markdown_cell("Nowhere else."))
    assert playground.faults(good) == [] and playground.compile_faults(good) == []
    assert "old" in playground.faults(old)[0] and "no Playground link" in playground.faults(none)[0]
    needy = book(new_code_cell("helpers::measure();", metadata={"tags": ["playground"]}))
    assert "standard library" in playground.compile_faults(needy)[0]


def executed(*outputs):
    times = {"iopub.execute_input": "2025-01-01T00:00:00Z", "shell.execute_reply": "2025-01-01T00:00:01Z"}
    return inspection.cell_faults(new_code_cell("f()", outputs=list(outputs), metadata={"execution": times}))


def shown(html, text):
    return new_output("execute_result", data={"text/html": html, "text/plain": text})


PICTURE = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjx0aXRsZT5BPC90aXRsZT48L3N2Zz4="
FIGURE = (
    f'<figure><img alt="A chart" src="data:image/svg+xml;base64,{PICTURE}"><figcaption>Shown.</figcaption></figure>'
    "<details><summary>Data</summary><table></table></details>"
)


def test_outputs_are_looked_over():
    assert executed(new_output("stream", text="fine\n"), shown(FIGURE, "It is. Here: shown.")) == []
    assert "error" in executed(new_output("error", ename="Error", evalue="no", traceback=[]))[0]
    assert "panicked" in executed(new_output("stream", text="thread panicked at src/lib.rs"))[0]
    assert "semicolon" in executed(new_output("execute_result", data={"text/plain": "()"}))[0]
    assert "ruling" in executed(shown(FIGURE, "A chart. Claim: it is."))[0]
    assert "alt" in executed(shown(FIGURE.replace("A chart", ""), "shown"))[0]
    assert "cannot be read" in executed(shown(FIGURE.replace("PHN2", "QUFB"), "shown"))[0]
    assert executed(shown(FIGURE, "A card that claims nothing")) == []
    assert "figcaption" in executed(shown(FIGURE.replace("figcaption", "p"), "shown"))[0]
    assert "details" in executed(shown(FIGURE.replace("details", "div"), "shown"))[0]
