document.documentElement.classList.add("js");
try {
  document.documentElement.style.colorScheme = JSON.parse(localStorage.getItem("concurrency-measured")).colours || "";
} catch {}
