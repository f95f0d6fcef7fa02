// Another machine's values beside these. The file is read here and goes nowhere; what it holds is only ever text and numbers.
const FORM = 1;
const LARGEST = 64 * 2 ** 20;
const middle = (numbers) => {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const read = async (file) => {
  if (file.size > LARGEST) throw "it is larger than 64 MiB, and records are not";
  let record;
  try { record = JSON.parse(await file.text()); } catch { throw "it is not JSON"; }
  if (record?.form !== FORM && typeof record?.form === "number") throw `it is a record of form ${record.form}, and this page reads form ${FORM}`;
  if (record?.form !== FORM || !Array.isArray(record.timings)) throw "it is JSON, but no record of this book";
  const medians = new Map();
  for (const timing of record.timings) {
    const { name, samples } = timing || {};
    const sound = typeof name === "string" && Array.isArray(samples) && samples.length && samples.every(Number.isFinite);
    if (sound) medians.set(name.slice(0, 200), middle(samples));
  }
  if (!medians.size) throw "it holds no timings";
  if (record.published) throw "its figures were taken by another method, and would mislead beside these";
  const cpu = record.machine?.cpu?.Ok;
  const kernel = record.machine?.kernel?.Ok;
  const of = [cpu, kernel && `${kernel.name} ${kernel.release}`].filter((words) => typeof words === "string");
  return { medians, machine: of.join(" · ").slice(0, 120) || "a machine without a name" };
};
const beside = ({ medians, machine }) => {
  each("svg .own.other", (mark) => mark.remove());
  const rows = new Map();
  const drawnIn = new Set();
  each(".shown svg", (svg) => {
    for (const shape of shapes(svg).filter((shape) => shape.kind === "time")) {
      each("g[data-name]", (mark) => {
        const { name, value } = mark.dataset;
        if (!medians.has(name)) return;
        const theirs = medians.get(name);
        // What stands in a chart many times, as turns of a thread do, is on an axis of another kind.
        const alone = svg.querySelectorAll(`g[data-name="${CSS.escape(name)}"]`).length === 1;
        if (place(svg, shape, mark, theirs, "other", `${name}: ${worded(theirs, "time")} on ${machine}`, alone)) drawnIn.add(svg.closest(".shown"));
        if (Number(value) > 0) rows.set(name, [Number(value), theirs]);
      }, svg);
    }
  });
  return { rows, charts: drawnIn.size };
};
const compare = document.querySelector(".compare");
if (compare) {
  const remark = compare.querySelector(".remark");
  const ratios = compare.querySelector(".ratios");
  const take = async (file) => {
    ratios.replaceChildren();
    try {
      const record = await read(file);
      const { rows, charts } = beside(record);
      const nothing = "nothing in it was measured on this page; try the page of its own notebook";
      if (!charts && !rows.size) throw nothing;
      remark.textContent = `Hollow marks in ${charts} ${charts === 1 ? "chart is" : "charts are"} of ${record.machine}.`;
      const line = (kind, ...cells) => made("tr", {}, ...cells.map((words) => made(kind, kind === "th" ? { scope: "col" } : {}, words)));
      const body = [...rows].map(([name, [here, theirs]]) => line("td", name, worded(here, "time"), worded(theirs, "time"), figures(theirs / here)));
      if (body.length) {
        const clear = made("button", { type: "button" }, "Take the marks away");
        clear.onclick = () => { each("svg .own.other", (mark) => mark.remove()); ratios.replaceChildren(); remark.textContent = ""; compare.querySelector("input").value = ""; };
        const table = made("table", {}, made("thead", {}, line("th", "measured", "on this page", "yours", "yours / this")), made("tbody", {}, ...body));
        ratios.append(made("div", { className: "wide" }, table), made("p", {}, clear));
      }
    } catch (reason) {
      each("svg .own.other", (mark) => mark.remove());
      remark.textContent = `“${file.name.slice(0, 80)}” cannot be compared: ${typeof reason === "string" ? reason : "it could not be read"}.`;
    }
  };
  compare.querySelector("input").addEventListener("change", (event) => { if (event.target.files[0]) take(event.target.files[0]); });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) { compare.scrollIntoView(); take(file); }
  });
}
