// Shows ideas like the one that is being written; without JavaScript the form works as it is.
const place = document.querySelector("[data-similar]");
const fields = ["text", "title"].map((name) => document.getElementById(name));
let timer = 0;
let running = new AbortController();
let shown = "";

async function look() {
  const words = fields.map((field) => field.value.trim()).join("\n").trim();
  if (words === shown) return;
  running.abort();
  running = new AbortController();
  try {
    const answer = await fetch(place.dataset.similar, {
      method: "POST",
      body: new URLSearchParams(new FormData(place.closest("form"))),
      signal: running.signal,
    });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.body.childNodes);
    shown = words;
  } catch {
    // A newer request took its place, or the server is away for a moment: the form needs neither.
  }
}

for (const field of fields) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 300);
  });
}
if (fields[0].value.trim()) look();
