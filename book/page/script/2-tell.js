// One small window for what a mark or a word has to say, by pointer and by keyboard; Escape closes it.
const tip = made("div", { className: "tip", hidden: true });
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);
let told = null;

const hush = () => { tip.hidden = true; told?.classList.remove("told-of"); told = null; };
const settle = () => {
  const mark = told.getBoundingClientRect();
  const box = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, mark.left + mark.width / 2 - box.width / 2), document.documentElement.clientWidth - box.width - 8);
  const above = mark.top - box.height - 6;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 8 ? above : Math.min(mark.bottom + 6, innerHeight - box.height - 8)}px`;
};
const tell = (element, words) => {
  hush();
  told = element;
  element.classList.add("told-of");
  tip.textContent = words;
  tip.hidden = false;
  settle();
};
addEventListener("keydown", (event) => { if (event.key === "Escape") hush(); });
// What the keyboard has reached may have been scrolled into view by that; it goes on telling.
addEventListener("scroll", () => { if (told && told === document.activeElement) settle(); else hush(); }, { passive: true });
// A pointer that rests has nothing to say: a page that moves beneath it would speak over the keyboard.
let rests = false, last = "";
const watch = ({ clientX, clientY }) => { rests = last === (last = `${clientX} ${clientY}`); };
for (const kind of ["pointermove", "pointerdown", "pointerup", "pointerover"]) addEventListener(kind, watch, { capture: true, passive: true });
// The pointer may go over to the window itself.
tip.addEventListener("pointerleave", hush);
const telling = (within, selector, words) => {
  const find = (event) => event.target.closest?.(selector);
  within.addEventListener("pointerover", (event) => { const found = !rests && find(event); if (found) tell(found, words(found)); });
  within.addEventListener("pointerout", (event) => { if (told !== document.activeElement && find(event) && event.relatedTarget !== tip && find(event) !== event.relatedTarget?.closest?.(selector)) hush(); });
  within.addEventListener("focusin", (event) => { const found = find(event); if (found?.matches(":focus-visible")) tell(found, words(found)); });
  within.addEventListener("focusout", hush);
};

each("a.term[title]", (link) => {
  link.dataset.means = link.title;
  link.removeAttribute("title");
  link.setAttribute("aria-description", link.dataset.means);
});
telling(document.body, "a.term", (link) => link.dataset.means);
