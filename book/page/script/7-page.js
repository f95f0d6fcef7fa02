// The frame: colours, copying, arrow keys, the section that is being read, folds on paper.
const colours = document.querySelector(".colours select");
colours.value = ["light", "dark"].includes(kept.get("colours")) ? kept.get("colours") : "";
colours.addEventListener("change", () => {
  kept.set("colours", colours.value);
  document.documentElement.style.colorScheme = colours.value;
});

each(".highlight", (code) => {
  const button = made("button", { type: "button", className: "copy" }, "Copy");
  button.onclick = () => copy(button, code.querySelector("pre").textContent.trimEnd());
  code.append(button);
});

addEventListener("keydown", (event) => {
  const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const busy = event.target.closest?.("input, select, textarea, svg, [contenteditable], .wide, pre, summary");
  if (!way || busy || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  document.querySelector(`a[rel=${way}]`)?.click();
});

const current = (id) => {
  each(".sections a", (link) => {
    const here = link.hash === `#${CSS.escape(id)}` || decodeURIComponent(link.hash.slice(1)) === id;
    if (here) link.setAttribute("aria-current", "location"); else link.removeAttribute("aria-current");
    if (here) document.querySelector(".menu .now").textContent = ` · ${link.textContent}`;
  });
};
const heads = [...document.querySelectorAll("main h2[id]")];
if (heads.length) {
  const follow = () => {
    const here = heads.findLast((head) => head.getBoundingClientRect().top < innerHeight / 3);
    if (here && here !== follow.last) current(here.id);
    follow.last = here;
  };
  const observer = new IntersectionObserver(follow, { rootMargin: "0px 0px -66% 0px" });
  heads.forEach((head) => observer.observe(head));
}
const menu = document.querySelector(".menu");
menu.addEventListener("click", (event) => { if (event.target.closest("a")) menu.open = false; });
addEventListener("keydown", (event) => { if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); } });

// What scrolls can be reached by keyboard.
const reachable = () => each("main pre, .wide", (box) => {
  const wide = box.scrollWidth > box.clientWidth + 1;
  if (wide) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
  if (wide && box.matches(".wide")) { box.setAttribute("role", "region"); box.setAttribute("aria-label", "Table"); }
});
reachable();
addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true);

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("main details:not([open])")];
  folded.forEach((fold) => { fold.open = true; });
});
addEventListener("afterprint", () => folded.forEach((fold) => { fold.open = false; }));
