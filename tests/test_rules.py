"""The rules themselves: each finds what it is there for, and lets a good notebook pass."""

import base64

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book import execution, format, inspection, playground, rules
from book.notebook import flatten

KERNEL = {"kernelspec": {"name": "rust", "display_name": "Rust", "language": "rust"}}
FIRST = rules.first_cell() + "\nuse helpers::measure;"


TOP = "# Why?\n\n**What we'll find out**\n- What does it *cost*?\n- Who\n  waits?\n\nLet's go."
QUESTIONS = """\
const COST: Question = question("What does it cost?", "The price");
const WAIT: Question =
    question("Who waits?", "Who's waiting");"""
CLAIMS = 'claim("dear").answers(COST).ratio(&a, &b).at_least(2.0);\nclaim("all wait").answers(WAIT).holds(all, found)'


def book(*cells, top=TOP, questions=QUESTIONS, claims=CLAIMS, end="rulings([COST, WAIT])"):
    """A notebook that asks and answers two questions, with these cells in its midst."""
    start = [new_markdown_cell(top), new_code_cell(FIRST), new_code_cell(questions)]
    sections = [new_markdown_cell("## The price\n\nWords.\n\n## Who's `waiting`"), *cells, new_code_cell(claims)]
    return new_notebook(cells=[*start, *sections, new_code_cell(end)], metadata=dict(KERNEL))


def found(*cells, **parts):
    return " ".join(rules.faults(book(*cells, **parts)))


def complaints(code):
    return " ".join(rules.cell_faults(new_code_cell(code)))


def test_a_good_notebook_passes():
    assert rules.faults(book(new_markdown_cell("Words."), new_code_cell("let one: u32 = 1;"))) == []


def test_cells_are_kept_small_safe_and_typed():
    assert "lines" in complaints("f();\n" * 13) and complaints("f();\n" * 12) == ""
    assert "line of 89" in complaints("f();" + " " * 79 + "// end") and complaints("// " + "a" * 85) == ""
    assert "unwraps" in complaints("let one: u32 = text.parse().unwrap();")
    assert "`?`" in complaints("let file: File = File::open(path)?;")
    assert "asserts" in complaints("assert_eq!(1, 1);")
    assert "takes readings apart" in complaints("median.map_or(0.0, |median| median.0)")
    assert "takes readings apart" in complaints("share.is_ok_and(|share| share.0 > 0.5)")
    assert "rules by itself" in complaints('claim("dear").judged(cost, found)')
    assert "type" in complaints("let one = 1;") and "type" in complaints("let (a, b) = pair();")
    assert complaints("if ready {\n    let inner = 1;\n}") == ""
    assert complaints('println!("why? unwrap() // assert!");') == ""
    assert complaints("let one: u32 = 1; // assert!(true)") == ""


def test_longer_cells_say_that_their_code_is_the_lesson():
    def cell(lines, *tags):
        return rules.cell_faults(new_code_cell("f();\n" * lines, metadata={"tags": list(tags)}))

    assert cell(20, "lesson") == [] and cell(21, "lesson") and cell(20, "playground")
    for listing in (FIRST + "\nuse a;" * 10, "\n".join([QUESTIONS] * 5)):
        assert rules.cell_faults(new_code_cell(listing)) == []


def test_a_cell_keeps_what_every_kernel_can_keep():
    """evcxr 0.21 finds no type for a part of a tuple, not even where it is written."""
    assert "evcxr 0.21" in complaints("let (one, two): (u32, u64) = both();")
    for code in ("let both: (u32, u64) = both();", "fn f() {\n    let (one, two): (u32, u64) = both();\n}"):
        assert complaints(code) == "", code


def test_cells_that_rustfmt_gives_up_on_are_found():
    assert "rustfmt" in complaints('claim("a")\n.holds(\nb.is_so(),\n"c",\n)')
    for code in ('claim("a").holds(\n    b.is_so(),\n    "(c",\n)', "fn f() {\n    g()\n}", 'a(\n    "b\n    c",\n)'):
        assert complaints(code) == "", code


def test_guesses_are_left_to_the_reader():
    assert "holds a guess" in complaints('let guess: Guess = predict("a call").at(nanos(50.0));')
    assert "holds a guess" in complaints('let guess: Guess =\n    predict("a (b)")\n        .at(nanos(50.0));')
    assert complaints('let guess: Guess = predict("a call"); // yours: .at(nanos(…))') == ""
    assert complaints('let guess: Guess = predict("a call");\nchart.at(1);') == ""


ASK = new_code_cell('let guess: Guess = predict("a call");')
MEASURE = new_code_cell('let call: Timing = measure("a call", f);')
ANSWER = new_code_cell("guess.against(&call)")


def test_a_guess_is_answered_in_a_cell_of_its_own():
    assert found(ASK, MEASURE, ANSWER) == found(MEASURE, ASK, ANSWER) == ""
    assert "in the cell that asks" in found(new_code_cell(f"{ASK.source}\n{ANSWER.source}"))
    assert "in the cell that measures `call`" in found(ASK, new_code_cell(f"{MEASURE.source}\n{ANSWER.source}"))
    derived = "let middle: Reading<Nanos> = call.median();\nguess.against(&middle)"
    assert found(ASK, MEASURE, new_code_cell(derived)) == ""
    assert "measures `middle`" in found(ASK, new_code_cell(f"{MEASURE.source}\n{derived}"))
    assert "nobody was asked for" in found(MEASURE, ANSWER)
    # The same name, in the next section, for the next question.
    assert "an earlier guess's name" in found(ASK, MEASURE, ANSWER, ASK, MEASURE, ANSWER)


def test_a_guess_can_be_given_as_its_cell_says():
    ask = new_code_cell('let guess: Guess = predict("a call"); // yours: .at(Ratio(…))')
    assert "asks for `Ratio(…)` in cell 5 and has not imported it" in found(ask, MEASURE, ANSWER)
    assert found(new_code_cell("use helpers::{Guess, Ratio, predict};"), ask, MEASURE, ANSWER) == ""


def test_questions_are_kept_answered_and_ruled():
    assert found() == ""
    assert "does not list" in found(top="# Why?")
    assert found(top=TOP.replace("we'll", "we’ll")) == found(top=TOP.replace("we'll", "we will")) == ""
    assert "asks “Who waits?” at its top" in found(questions=QUESTIONS.splitlines()[0])
    assert "keeps the question WAIT" in found(top=TOP.replace("- Who\n  waits?\n", ""))
    # The table of rulings links to the section, by its heading.
    assert "“Prices”" in found(questions=QUESTIONS.replace("The price", "Prices"))
    assert "“Who’s waiting”" in found(questions=QUESTIONS.replace("Who's", "Who’s"))
    assert "no claim that answers WAIT" in found(claims=CLAIMS.splitlines()[0])
    assert "no claim that answers WAIT" in found(claims=CLAIMS.replace("(WAIT)", "(COST)"))
    assert "rule on WAIT" in found(end="rulings([COST, WAIT]);\nrulings([COST])")
    assert "rule on WAIT" in found(end="rulings([COST]) // WAIT")


def test_a_fold_ends_in_its_cell():
    fold = "<details><summary>Solution</summary>\n\nYes.\n\n"
    assert "fold" in found(new_markdown_cell(fold)) and found(new_markdown_cell(fold + "</details>")) == ""


def test_notebooks_are_stored_clean():
    shown = new_output("stream", text="1\n")
    assert "output" in " ".join(rules.faults(book(new_code_cell("f();", outputs=[shown]))))
    assert "output" in " ".join(rules.faults(book(new_code_cell("f();", execution_count=1))))


def test_flattened_cells_see_what_came_before_and_may_name_it_anew():
    cells = [new_code_cell(source) for source in ("let one: u32 = 1;", "show(one)", "one")]
    program = flatten(new_notebook(cells=[new_code_cell(FIRST), *cells]))
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
    "<details><summary>Data</summary><table><tr><td>1</td></tr></table></details>"
)


def test_outputs_are_looked_over():
    assert executed(new_output("stream", text="fine\n"), shown(FIGURE, "It is. Here: shown.")) == []
    assert "error" in executed(new_output("error", ename="Error", evalue="no", traceback=[]))[0]
    assert "panicked" in executed(new_output("stream", text="thread panicked at src/lib.rs"))[0]
    lost = "The type of the variable ran was redefined, so was lost."
    assert "lost" in executed(new_output("stream", text=lost))[0]
    assert "semicolon" in executed(new_output("execute_result", data={"text/plain": "()"}))[0]
    assert "ruling" in executed(shown(FIGURE, "A chart. Claim: it is."))[0]
    assert "alt" in executed(shown(FIGURE.replace("A chart", ""), "shown"))[0]
    assert "cannot be read" in executed(shown(FIGURE.replace("PHN2", "QUFB"), "shown"))[0]
    assert executed(shown(FIGURE, "A card that claims nothing")) == []
    assert "figcaption" in executed(shown(FIGURE.replace("figcaption", "p"), "shown"))[0]
    assert "details" in executed(shown(FIGURE.replace("details", "div"), "shown"))[0]


@pytest.mark.parametrize(
    "form",
    [
        "Heat { words: Words { title: None, subtitle: None } }",
        'Verdict { claim: "a call costs more", ruling: Shown }',
        "Chart<Heat> { kind: Heat { rows: [] } }",
        'Timing {\n    name: "a",\n}',
        "Nanos(3.0)",
        "Ok(Nanos(3.0))",
        'Err(Unavailable { reason: "fork was refused" })',
        "Some(3)",
        "None",
        '"a string \\"in quotes\\""',
        "[1, 2]",
        "(1, 2.5)",
    ],
)
def test_a_debugging_form_is_not_what_was_meant(form):
    assert "debugging form" in executed(shown_as_text(form))[0]


def test_a_debugging_form_is_found_in_the_middle_too():
    assert "debugging form" in executed(new_output("stream", text="It took Ok(Nanos(3.0)).\n"))[0]
    assert "debugging form" in executed(new_output("stream", text="Verdict { claim: 1 }\n"))[0]
    assert "debugging form" in executed(shown(FIGURE.replace("Shown.", "Some(3) of 4"), "Some (3) of 4"))[0]


@pytest.mark.parametrize(
    "words",
    [
        "3.0 ns",
        "Machine (2 CPUs), quiet.",
        "Some tasks (those that spin) and None of the others.",
        '"nice 0" took longer than "nice 10"',
        "(not measured)",
        "not shown: a set {1, 2} is larger.",
    ],
)
def test_words_are_no_debugging_form(words):
    assert executed(shown_as_text(words)) == []


def shown_as_text(text):
    return new_output("execute_result", data={"text/plain": text})


def test_nobody_is_told_what_they_said():
    unset = "Here it is 199 ns. Next time, say what you think first: .at(nanos(…))."
    assert executed(new_output("stream", text=unset)) == []
    said = "You said 500 ns; here it is 199 ns, your guess was 2.52 times too high."
    assert "said nothing" in executed(new_output("stream", text=said))[0]
    guessed = b'<svg xmlns="http://www.w3.org/2000/svg"><title>A</title><text>you said 50 ns</text></svg>'
    figure = FIGURE.replace(PICTURE, base64.b64encode(guessed).decode())
    assert "nobody made" in executed(shown(figure, "shown"))[0]


def test_a_question_that_no_claim_has_answered_is_found():
    table = "<table><tr><td>What does it cost?</td></tr></table>"
    assert executed(shown(table, "What does it cost?\n  ● shown: a lot. 9 ns.")) == []
    unanswered = "Who waits?\n  ○ not shown: all. 2 of 3.\n\nWhat does it cost?\n  no ruling: no claim answers it"
    assert executed(shown(table, unanswered)) == ["leaves “What does it cost?” unanswered"]


def test_a_fold_is_not_empty():
    empty = FIGURE.replace("<table><tr><td>1</td></tr></table>", "")
    assert any("fold" in fault for fault in executed(shown(empty, "shown")))
    assert any("fold" in fault for fault in executed(shown(FIGURE.replace("<td>1</td>", " \n"), "shown")))


def test_a_chart_that_a_cell_ends_with_is_drawn():
    times = {"iopub.execute_input": "2025-01-01T00:00:00Z", "shell.execute_reply": "2025-01-01T00:00:01Z"}

    def book(*pairs):
        return new_notebook(
            cells=[new_code_cell(source, outputs=outputs, metadata={"execution": times}) for source, outputs in pairs]
        )

    def faults(*pairs):
        return " ".join(inspection.faults(book(*pairs)))

    figure = [shown(FIGURE, "shown")]
    sweep = 'let calls: Timing = f();\nchart::dots([&calls])\n    .title("a; b")'
    heat = ("let trips: Chart<Heat> =\n    chart::heat(&rows);", [])
    assert faults((sweep, figure)) == ""
    assert "chart::dots" in faults((sweep, []))
    assert faults((sweep + ";", [])) == ""
    assert faults(heat, ("trips", figure)) == faults(heat, ('trips.title("so")', figure)) == ""
    assert "trips" in faults(heat, ("trips", []))
    assert "trips" in faults((heat[0] + "\ntrips", []))
    assert "trips" in faults(heat, ("&trips", [shown_as_text("words alone")]))
    assert faults(heat, ("trips.rows()", [])) == ""
    assert "rulings" in faults(("rulings([COST, WAIT])", [shown_as_text("shown: it is")]))


def test_a_cell_that_goes_wrong_only_when_it_is_run_again_is_found():
    notebook = new_notebook(cells=[new_code_cell("f()"), new_markdown_cell("Words.")])
    first, second = execution.repeated(notebook.cells[0])
    assert execution.repeated(notebook.cells[1]) == [notebook.cells[1]] and second.id != first.id
    for cell in (first, second):
        cell.metadata["execution"] = {"iopub.execute_input": "2025-01-01", "shell.execute_reply": "2025-01-01"}
    assert inspection.faults(notebook) == []
    second.outputs = [new_output("error", ename="Error", evalue="use of moved value", traceback=[])]
    assert inspection.faults(notebook) == ["cell 1, run again: ended with an error: use of moved value"]


@pytest.mark.parametrize("source", ["let  x: u8 = 1;", "let x = ;", "}\nfn none() {", "use a::{c, b};"])
def test_a_cell_in_another_shape_is_found(source):
    """Among others, and by itself."""
    others = [
        new_code_cell("let x: u8 = 1;\nx"),
        new_markdown_cell("A word."),
        new_code_cell(':dep a = "1"\n\nfn f() {}'),
    ]
    assert format.faults(new_notebook(cells=others)) == []
    [fault] = format.faults(new_notebook(cells=[*others, new_code_cell(source)]))
    assert fault.startswith("cell 4 is not formatted")
