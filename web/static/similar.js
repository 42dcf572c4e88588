// Shows ideas like the one that is being written; without JavaScript the form works as it is.
const place = document.querySelector("[data-similar]");
const fields = ["text", "title"].map((name) => document.getElementById(name));
let timer = 0;
let running = new AbortController();
let shown = "";

// Of the form only the words, and which of the shown ideas was chosen: who writes them is nobody's business yet.
function draft() {
  const form = new FormData(place.closest("form"));
  const sent = ["text", "title", "same_as"].map((name) => [name, form.get(name) ?? ""]);
  return new URLSearchParams(sent.filter(([, value]) => value));
}

async function look() {
  const words = fields.map((field) => field.value.trim()).join("\n").trim();
  if (words === shown) return;
  running.abort();
  running = new AbortController();
  try {
    const answer = await fetch(place.dataset.similar, {
      method: "POST",
      body: draft(),
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
