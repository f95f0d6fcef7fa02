// What the reader said and chose, in this browser alone. Where nothing may be kept, it lasts as long as the page.
const kept = (() => {
  const key = "concurrency-measured";
  let all = {};
  try {
    const read = JSON.parse(localStorage.getItem(key));
    if (read && typeof read === "object" && !Array.isArray(read)) all = read;
  } catch {}
  const part = (name) => (all[name] && typeof all[name] === "object" ? all[name] : {});
  const write = () => {
    try { localStorage.setItem(key, JSON.stringify(all)); } catch {}
  };
  return {
    get: (name) => all[name],
    set(name, value) { all[name] = value; write(); },
    of: (name, entry) => (Object.hasOwn(part(name), entry) ? part(name)[entry] : undefined),
    put(name, entry, value) { all[name] = { ...part(name), [entry]: value }; write(); },
    forget(...names) { for (const name of names) delete all[name]; write(); },
  };
})();

const each = (selector, act, within = document) => within.querySelectorAll(selector).forEach(act);
const made = (tag, values = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...children);
  return element;
};
