// The reader commits before looking. Until then the answer and its chart are covered; without this script they are not.
const chapter = decodeURIComponent(location.pathname.split("/").pop());
const outputs = (number) => document.querySelectorAll(`.output[data-tells="${number}"]`);

// The notebook's own output asks for a guess in its terms; where one was made, the comparison stands in its place.
const answers = (form, sentence) => {
  const told = outputs(form.dataset.guess)[0]?.querySelector(".told");
  if (!told) return;
  told.dataset.own ??= told.textContent;
  told.textContent = sentence ?? told.dataset.own;
};
const uncover = (form) => outputs(form.dataset.guess).forEach((output) => output.classList.add("seen"));
const answered = (form, value) => {
  const { name, kind, answer, guess } = form.dataset;
  const truth = Number(form.dataset.value);
  const words = said(value, kind);
  const sentence = `You said ${words}. Here it was ${answer}: ${compared(value, truth)}.`;
  form.querySelector("output").textContent = sentence;
  form.classList.add("done");
  answers(form, sentence);
  each(`.output[data-tells="${guess}"] svg`, (svg) => {
    for (const shape of shapes(svg).filter((shape) => shape.kind === kind)) {
      const marks = [...svg.querySelectorAll("g[data-name]")];
      const own = marks.find((mark) => Math.abs(Number(mark.dataset.value) / truth - 1) < 0.01);
      // A chart that draws the guess in Lab has its axis; of others, a dot with the answer's value is the answer's.
      place(svg, shape, own, value, "guess", `${name}: you said ${words}, here it was ${answer}`, svg.closest(".output").dataset.drawn);
    }
  });
};

each("form.ask", (form) => {
  const { name, kind, scale, low, high } = form.dataset;
  const slider = form.querySelector("input");
  const output = form.querySelector("output");
  const [commit, show] = form.querySelectorAll("button");
  const line = axis(scale, Number(low), Number(high), 0, 1000);
  const entry = `${chapter}: ${name}`;
  const value = () => {
    const place = Number(slider.value);
    if (kind === "count" && place === 0) return 0;
    const exact = Number(line.value(place).toPrecision(2));
    return kind === "count" ? Math.round(exact) : exact;
  };
  const tellValue = () => {
    output.textContent = said(value(), kind);
    slider.setAttribute("aria-valuetext", output.textContent);
  };
  const close = () => { slider.disabled = true; commit.hidden = true; show.textContent = "Guess again"; uncover(form); };
  const open = () => {
    slider.disabled = false; commit.hidden = false; show.textContent = "Just show me";
    form.classList.remove("done");
    each(`.output[data-tells="${form.dataset.guess}"] svg .own.guess`, (mark) => mark.remove());
    outputs(form.dataset.guess).forEach((other) => other.classList.remove("seen"));
    answers(form);
    kept.put("guesses", entry, undefined);
    tellValue();
  };
  // An axis rarely ends at a whole decade: no tick lies beyond its end.
  const ticks = scale === "log" ? Math.log10(high / low) + 1e-9 : 4;
  const step = Math.ceil(Math.floor(ticks) / 5);
  const from = Number(low);
  for (let tick = 0; tick <= ticks; tick += step) {
    const there = scale === "log" ? from * 10 ** tick : from + (tick * (high - from)) / ticks;
    const words = kind === "count" && !tick ? "0" : said(there, kind);
    const at = line.at(there) / 10;
    form.querySelector(".ends").append(made("span", { style: `left:${at}%`, className: at > 95 ? "last" : "" }, words));
  }
  slider.addEventListener("input", tellValue);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    kept.put("guesses", entry, { value: value() });
    close();
    answered(form, value());
    show.focus();
    remembered();
  });
  show.addEventListener("click", () => {
    if (slider.disabled) { open(); slider.focus(); } else {
      kept.put("guesses", entry, { value: null });
      close();
      output.textContent = `Here it was ${form.dataset.answer}.`;
      form.classList.add("done");
    }
    remembered();
  });
  form.forget = open;
  tellValue();
  const before = kept.of("guesses", entry);
  if (before && typeof before === "object") {
    close();
    if (Number.isFinite(before.value)) {
      slider.value = before.value > 0 ? Math.round(line.at(before.value)) : 0;
      answered(form, before.value);
    } else {
      output.textContent = `Here it was ${form.dataset.answer}.`;
      form.classList.add("done");
    }
  }
});

const choices = ["first", "second", "both", "neither"];
each("form.vote", (form) => {
  const { first, second } = form.dataset;
  const entry = `${first} | ${second}`;
  const before = kept.of("votes", entry);
  if (choices.includes(before)) form.querySelector(`[value=${before}]`).checked = true;
  form.addEventListener("change", (event) => { kept.put("votes", entry, event.target.value); remembered(); });
  form.forget = () => each("input", (input) => { input.checked = false; }, form);
});

// At the end, beside what was found: what was said.
const yours = made("section", { className: "yours", hidden: true });
yours.setAttribute("aria-label", "What you said");
const remembered = () => {
  const guesses = [...document.querySelectorAll("form.ask")].flatMap((form) => {
    const said = kept.of("guesses", `${chapter}: ${form.dataset.name}`);
    return said && Number.isFinite(said.value) ? [`${form.dataset.name}: ${form.querySelector("output").textContent}`] : [];
  });
  const votes = [...document.querySelectorAll("form.vote")].flatMap((form) => {
    const { first, second } = form.dataset;
    const words = { first: `“${first}”`, second: `“${second}”`, both: `both “${first}” and “${second}”`, neither: `neither “${first}” nor “${second}”` };
    const said = kept.of("votes", `${first} | ${second}`);
    return choices.includes(said) ? [`You believed ${words[said]}.`] : [];
  });
  yours.hidden = !(guesses.length + votes.length);
  const forget = made("button", { type: "button" }, "Forget what I said");
  forget.onclick = () => {
    kept.forget("guesses", "votes");
    each("form.ask, form.vote", (form) => form.forget());
    remembered();
    document.querySelector("#content").focus();
  };
  yours.replaceChildren(
    made("h3", {}, "What you said"),
    made("ul", {}, ...[...guesses, ...votes].map((words) => made("li", {}, words))),
    made("p", {}, forget),
  );
};
document.querySelector(".rulings")?.closest(".shown")?.after(yours);
remembered();
