// Keeps the page of today up to date: the server sends the parts that have changed, laid out.
const shown = document.getElementById("today-shown");
const say = document.getElementById("today-say");
const state = document.createElement("span");
const AGAIN_MS = 15000;
const TOO_MANY = 503;
const button = document.createElement("button");
let source = null;
let paused = false;

function tell(text) {
  state.textContent = ` ${text} `;
}

function replace(name, html) {
  const region = document.getElementById(`today-${name}`);
  if (!region) return;
  // Whoever is on a link or a table in there stays where they were.
  const places = "a, button, [tabindex]";
  const place = [...region.querySelectorAll(places)].indexOf(document.activeElement);
  region.innerHTML = html;
  if (place >= 0) region.querySelectorAll(places)[place]?.focus();
}

function open() {
  source = new EventSource(shown.dataset.stream);
  source.onopen = () => tell("This page keeps itself up to date.");
  source.onmessage = (message) => {
    const { regions, say: sentences } = JSON.parse(message.data);
    for (const [name, html] of Object.entries(regions)) replace(name, html);
    if (sentences.length) say.textContent = sentences.join(" ");
  };
  source.onerror = () => {
    const over = source.readyState === EventSource.CLOSED;
    tell(over ? "This page is not kept up to date now: refresh it." : "The connection is lost; trying again.");
    if (over) setTimeout(again, AGAIN_MS);
  };
}

// Too many pages were open: one may have been closed since. Whoever may not see this any more asks no further, for each
// time is recorded.
async function again() {
  if (paused || source.readyState !== EventSource.CLOSED) return;
  const asking = new AbortController();
  let status = TOO_MANY;
  try {
    status = (await fetch(shown.dataset.stream, { redirect: "manual", signal: asking.signal })).status;
  } catch {
    // Nobody answered: the next try may find somebody.
  }
  asking.abort();
  if (status === 200) open();
  else if (status === TOO_MANY) setTimeout(again, AGAIN_MS);
  else tell("You are not logged in here any more, or may not see this page: it is not kept up to date.");
}

function pause() {
  paused = !paused;
  button.textContent = paused ? "Go on updating" : "Pause updates";
  if (paused) {
    source?.close();
    tell("Updates are paused.");
  } else {
    open();
  }
}

if (shown && "EventSource" in window) {
  state.id = "today-state";
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary govuk-!-margin-bottom-0";
  button.textContent = "Pause updates";
  button.addEventListener("click", pause);
  shown.append(state, button);
  // A page that is left alone in the browser's history would keep its stream.
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => event.persisted && !paused && open());
  open();
}
