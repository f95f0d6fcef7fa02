// Charts: marks that speak, data to copy, pictures to save, and a way to draw into them.
const svgs = "http://www.w3.org/2000/svg";
const drawn = (name, values, words = "") => {
  const element = document.createElementNS(svgs, name);
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
  element.textContent = words;
  return element;
};
const shapes = (svg) => [svg, ...svg.querySelectorAll("[data-axis]")].filter((e) => e.dataset.axis).map((e) => {
  const [direction, scale, low, high, from, to, kind] = e.dataset.axis.split(" ");
  const ends = [low, high, from, to].map(Number);
  return { direction, kind, ends, ...axis(scale, ...ends) };
});

// What the chart's table adds to a mark's own words: how many samples; where it has none but its name, all of the row.
const values = (mark, words) => {
  const table = mark.closest(".shown").querySelector("table");
  const heads = [...(table?.rows[0].cells || [])].map((cell) => cell.textContent);
  const rows = [...(table?.rows || [])].filter((row) => row.cells[0].textContent === mark.dataset.name);
  if (rows.length !== 1) return words;
  const told = [...rows[0].cells].map((cell, place) => [heads[place], cell.textContent]).slice(1).filter(([, value]) => value);
  const added = words === mark.dataset.name ? told : told.filter(([head]) => head === "n");
  return [words, ...added.map(([head, value]) => `${head} ${value}`)].join(", ");
};

each(".shown svg", (svg) => {
  const marks = [...svg.querySelectorAll("g")].filter((g) => g.firstElementChild?.tagName === "title");
  if (!marks.length) return;
  svg.setAttribute("role", "group");
  marks.forEach((mark, place) => {
    const title = mark.firstElementChild;
    mark.dataset.words = values(mark, title.textContent);
    mark.setAttribute("aria-label", mark.dataset.words);
    mark.setAttribute("role", "img");
    mark.setAttribute("tabindex", place ? "-1" : "0");
    title.remove();
  });
  // The whole row of a mark answers to the pointer, its gaps included; what is as high as the plot would cover the others.
  svg.addEventListener("pointerenter", () => marks.forEach((mark) => {
    const { x, y, width, height } = mark.getBBox();
    if (height < 40) mark.prepend(drawn("rect", { x, y, width, height, fill: "transparent" }));
  }), { once: true });
  // One stop for the Tab key per chart; arrows go from mark to mark.
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const here = marks.indexOf(event.target);
    if (!step || here < 0) return;
    event.preventDefault();
    const next = marks[(here + step + marks.length) % marks.length];
    marks[here].setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
});
telling(document.body, "svg g[data-words]", (mark) => mark.dataset.words);

const say = (button, words) => {
  const before = button.textContent;
  button.textContent = words;
  setTimeout(() => { button.textContent = before; }, 2000);
};
const copy = async (button, words) => {
  try {
    await navigator.clipboard.writeText(words);
    say(button, "Copied");
  } catch {
    say(button, "Not allowed here");
  }
};
each(".shown .tools", (tools) => {
  const shown = tools.closest(".shown");
  const [data, picture] = tools.querySelectorAll("button");
  data.onclick = () => {
    const rows = [...shown.querySelectorAll("table tr")];
    copy(data, rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("\t")).join("\n"));
  };
  picture.onclick = () => {
    const seen = [...shown.querySelectorAll("figure svg")].find((svg) => svg.getBoundingClientRect().width);
    const text = new XMLSerializer().serializeToString(seen).replace(/light-dark\((#\w+),\s*#\w+\)/g, "$1");
    const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    const name = seen.getAttribute("aria-label").slice(0, 60).replace(/\W+/g, "-").toLowerCase();
    made("a", { href: address, download: `${name}.svg` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
});

// Draws a value into a chart: on the row of a mark that is a dot, otherwise across the plot where that makes sense.
// From where to where: along the longest of the grid's lines that lie this way.
const ends = (svg, direction) => {
  const [step, from] = direction === "x" ? ["v", 2] : ["h", 1];
  const lines = [...svg.querySelectorAll("path[d]")]
    .map((path) => RegExp(`^M([\\d.]+) ([\\d.]+)${step}(-?[\\d.]+)$`).exec(path.getAttribute("d")))
    .filter(Boolean)
    .map((grid) => [Number(grid[from]), Number(grid[from]) + Number(grid[3])]);
  return lines.sort((one, other) => Math.abs(other[1] - other[0]) - Math.abs(one[1] - one[0]))[0];
};
const place = (svg, shape, mark, value, kind, words, across) => {
  const [low, high] = [shape.ends[2], shape.ends[3]].sort((a, b) => a - b);
  const exact = value > 0 || shape.ends[0] <= 0 ? shape.at(value) : shape.at(Math.min(shape.ends[0], shape.ends[1]));
  if (!Number.isFinite(exact)) return null;
  const at = Math.min(Math.max(exact, low - 10), high + 10);
  const group = drawn("g", { class: `own ${kind}`, "data-words": words, role: "img", "aria-label": words, tabindex: "-1" });
  const dot = mark?.querySelector("circle");
  if (dot && shape.direction === "x") {
    const row = Number(dot.getAttribute("cy"));
    group.append(kind === "guess"
      ? drawn("path", { d: `M${at} ${row - 8}l8 8l-8 8l-8 -8z` })
      : drawn("circle", { cx: at, cy: row, r: 6.5 }));
  } else {
    const grid = across && ends(svg, shape.direction);
    if (!grid) return null;
    const [from, to] = grid;
    group.append(drawn("path", { d: shape.direction === "x" ? `M${at} ${from}V${to}` : `M${from} ${at}H${to}` }));
  }
  svg.append(group);
  return group;
};
