// Keeps the part of a page that is under way up to date, and says its news to screen readers.
// Without it, a link on the page does the same.
const EVERY_MS = 1500;

async function refresh() {
  const part = document.querySelector("[data-under-way]");
  if (!part) return;
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh) {
      window.location.reload();
      return;
    }
    const news = fresh.dataset.news !== part.dataset.news;
    part.replaceWith(fresh);
    if (news) document.getElementById("news").textContent = fresh.dataset.news;
  } catch {
    // Nobody answered: the next try may find somebody.
  }
  window.setTimeout(refresh, EVERY_MS);
}

window.setTimeout(refresh, EVERY_MS);
