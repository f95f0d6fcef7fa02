// Numbers as the instruments write them: three figures and a unit.
const units = {
  time: [[1e9, " s"], [1e6, " ms"], [1e3, " µs"], [1, " ns"]],
  bytes: [[2 ** 30, " GiB"], [2 ** 20, " MiB"], [1024, " KiB"], [1, " B"]],
  share: [[0.01, " %"]],
  cpus: [[1, " CPUs"]],
  count: [[1, ""]],
  ratio: [[1, ""]],
};
const figures = (value, digits = 3) => {
  if (!Number.isFinite(value)) return "no number";
  const size = Math.abs(value);
  if (size && (size >= 1e15 || size < 1e-6)) return value.toPrecision(digits);
  const places = size ? Math.max(0, digits - 1 - Math.floor(Math.log10(Number(size.toPrecision(digits))))) : 0;
  return value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
};
// What is measured keeps its figures, "23.0 ns"; what is said does not, "20 ns".
const worded = (value, kind, digits = 3) => {
  const sizes = units[kind] || units.count;
  const [size, name] = sizes.find(([size]) => Math.abs(value) >= size) || sizes.at(-1);
  const number = kind === "count" ? Math.round(value).toLocaleString("en") : figures(value / size, digits);
  return number + (kind === "cpus" && number === "1" ? " CPU" : name);
};
const said = (value, kind) => {
  const words = worded(Number(value.toPrecision(2)), kind, 2);
  return words.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");
};
const compared = (guess, truth) => {
  if (!(guess > 0 && truth > 0)) return guess === truth ? "just as you said" : "not as you said";
  const times = truth / guess;
  if (times >= 0.9 && times <= 1.1) return "close to your guess";
  return times > 1 ? `${figures(times)} times your guess` : `your guess was ${figures(1 / times)} times too high`;
};

// An axis: from a value to its place and back; places are what the axis says, pixels or shares of a slider.
const axis = (scale, low, high, from, to) => {
  const of = scale === "log" ? Math.log10 : Number;
  const back = scale === "log" ? (x) => 10 ** x : Number;
  const slope = (to - from) / (of(high) - of(low));
  return {
    at: (value) => from + slope * (of(value) - of(low)),
    value: (place) => back(of(low) + (place - from) / slope),
  };
};
