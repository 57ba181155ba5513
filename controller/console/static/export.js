// Says how far an export is, and shows the page anew when that changes. Without it there is a link that does.
const line = document.getElementById("progress");

async function look() {
  try {
    const answer = await fetch(line.dataset.state, { cache: "no-store" });
    if (answer.ok) {
      const said = await answer.json();
      if (said.state === "ready" || said.state === "failed") {
        location.reload();
        return;
      }
      if (said.state === "working") {
        const told = `${said.done} of ${said.of || "some"} files of footage are done.`;
        if (line.textContent !== told) line.textContent = told;
      }
    }
  } catch {
    // The next look will tell.
  }
  setTimeout(look, 1000);
}

if (line) setTimeout(look, 500);
