// How far a search is, without loading the page again. Without this, its link does the same.
const EVERY_MS = 1000;
const SAID_EVERY_MS = 10000; // what a screen reader is told, less often than what is seen
const search = document.getElementById("search");
const progress = document.getElementById("progress");
const count = document.getElementById("count");
let saidAt = Date.now();

async function look() {
  try {
    const answer = await fetch(search.dataset.state, { credentials: "same-origin" });
    const now = await answer.json();
    if (now.state !== "running") {
      location.reload();
      return;
    }
    progress.max = now.total || 1;
    progress.value = now.tried;
    if (Date.now() - saidAt >= SAID_EVERY_MS) {
      saidAt = Date.now();
      count.textContent = `${now.tried.toLocaleString("en-GB")} of ${now.total.toLocaleString("en-GB")}`;
    }
  } catch {
    // The console is away for a moment: ask again.
  }
  setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
