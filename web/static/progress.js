// Keeps the numbers on the progress page fresh; without JavaScript the page reloads itself.
const board = document.querySelector("[data-progress]");

function valueAt(state, path) {
  return path.split(".").reduce((part, name) => (part ?? {})[name], state) ?? 0;
}

async function refresh() {
  if (!document.hidden) {
    try {
      const answer = await fetch(board.dataset.progress, { headers: { Accept: "application/json" } });
      if (answer.ok) show(await answer.json());
    } catch {
      // The server is away for a moment; the next round tries again.
    }
  }
  setTimeout(refresh, 2000);
}

function show(state) {
  for (const place of document.querySelectorAll("[data-value]")) {
    place.textContent = valueAt(state, place.dataset.value);
  }
  for (const row of document.querySelectorAll("[data-status]")) {
    const count = valueAt(state, `ideas.${row.dataset.status}`);
    row.hidden = count === 0;
    const meter = row.querySelector("meter");
    meter.max = Math.max(state.total, 1);
    meter.value = count;
  }
}

setTimeout(refresh, 1000);
