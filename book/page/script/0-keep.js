// What the reader said and chose, in this browser alone. Where nothing may be kept, it lasts as long as the page.
const kept = (() => {
  const key = "concurrency-measured";
  const read = () => {
    try {
      const found = JSON.parse(localStorage.getItem(key));
      if (found && typeof found === "object" && !Array.isArray(found)) return found;
    } catch {}
    return {};
  };
  let all = read();
  let lasting = true;
  const part = (name) => (all[name] && typeof all[name] === "object" ? all[name] : {});
  const change = (act) => {
    // Another chapter may be open beside this one, and has kept something since.
    if (lasting) all = read();
    act();
    try { localStorage.setItem(key, JSON.stringify(all)); } catch { lasting = false; }
  };
  return {
    get: (name) => all[name],
    set: (name, value) => change(() => { all[name] = value; }),
    of: (name, entry) => (Object.hasOwn(part(name), entry) ? part(name)[entry] : undefined),
    put: (name, entry, value) => change(() => { all[name] = { ...part(name), [entry]: value }; }),
    forget: (...names) => change(() => { for (const name of names) delete all[name]; }),
  };
})();

const each = (selector, act, within = document) => within.querySelectorAll(selector).forEach(act);
const made = (tag, values = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...children);
  return element;
};
