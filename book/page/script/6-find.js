// The search page holds the book's words; other pages only send there what is looked for.
const query = document.querySelector("#query");
if (query) {
  const list = document.querySelector(".places");
  const hits = document.querySelector(".hits");
  const all = [...list.children].map((item) => {
    const [link, page, text] = ["a", "small", ".text"].map((selector) => item.querySelector(selector));
    return { item, text, words: text.textContent, head: `${link.textContent} ${page.textContent}` };
  });
  const excerpt = (place, words) => {
    const marks = RegExp(`(${words.map((word) => word.source).join("|")})`, "giu");
    const at = Math.max(0, place.words.search(marks) - 60);
    const piece = place.words.slice(at, at + 200);
    place.text.replaceChildren(at ? "… " : "", ...piece.split(marks).map((part, number) => (number % 2 ? made("mark", {}, part) : part)), "…");
  };
  const find = () => {
    // A word is found where one begins with it.
    const words = query.value.split(/\s+/).filter(Boolean)
      .map((word) => RegExp(`(?<![\\p{L}\\d_])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`, "giu"));
    const found = [];
    for (const place of all) {
      const score = words.reduce((sum, word) => {
        const head = place.head.search(word) < 0 ? 0 : 20;
        const here = place.words.match(word)?.length || 0;
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
