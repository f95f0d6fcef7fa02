// The search page holds the book's words; other pages only send there what is looked for.
const query = document.querySelector("#query");
if (query) {
  const list = document.querySelector(".places");
  const hits = document.querySelector(".hits");
  const all = [...list.children].map((item) => {
    const [link, page, text] = ["a", "small", ".text"].map((selector) => item.querySelector(selector));
    return { item, text, words: text.textContent, head: `${link.textContent} ${page.textContent}`.toLowerCase(), low: text.textContent.toLowerCase() };
  });
  const excerpt = (place, words) => {
    const at = Math.max(0, Math.min(...words.map((word) => place.low.indexOf(word)).filter((at) => at >= 0), place.words.length) - 60);
    const piece = place.words.slice(at, at + 200);
    const marks = RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
    place.text.replaceChildren(at ? "… " : "", ...piece.split(marks).map((part, number) => (number % 2 ? made("mark", {}, part) : part)), "…");
  };
  const find = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    for (const place of all) {
      const score = words.reduce((sum, word) => {
        const head = place.head.includes(word) ? 20 : 0;
        const here = place.low.split(word).length - 1;
        return head || here ? sum + head + Math.min(here, 10) : NaN;
      }, 0);
      place.item.hidden = Number.isNaN(score);
      place.text.hidden = !words.length;
      if (!place.item.hidden) {
        found.push([score, place]);
        if (words.length) excerpt(place, words);
      }
    }
    if (words.length) found.sort((one, other) => other[0] - one[0]);
    list.append(...found.map(([, place]) => place.item));
    hits.textContent = found.length ? `${found.length} ${found.length === 1 ? "section" : "sections"}.` : "No section has all of these words.";
  };
  query.value = new URLSearchParams(location.search).get("q") || "";
  query.form.addEventListener("submit", (event) => event.preventDefault());
  query.addEventListener("input", find);
  find();
  query.focus();
}
