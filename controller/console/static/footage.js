// The player: films of several cameras after one clock, which is the time of the footage. Each film is a file of
// its own; where one camera has none, the others go on. Needs nothing but what the page says.
import { localTime } from "./footage-time.js";
import { Screen } from "./footage-screen.js";

const player = document.getElementById("player");
const SECOND = 1_000_000;

class Player {
  constructor(said) {
    this.begins = said.begins;
    this.ends = said.ends;
    this.offsets = said.offsets;
    this.at = said.begins;
    this.speed = 1;
    this.playing = false;
    this.screens = said.cameras.map((one) => {
      const part = player.querySelector(`[data-camera="${CSS.escape(one.camera)}"]`);
      return new Screen(part, one, player.dataset.base, () => this.show());
    });
    this.events = [...document.querySelectorAll("#door-events [data-at]")].map((row) => ({
      at: Number(row.dataset.at),
      said: `${row.cells[1].textContent}: ${row.cells[2].textContent}`,
    }));
    this.place = document.getElementById("player-place");
    this.mark = document.querySelector("#player-line .scrubber__now");
    this.listen();
    this.go(this.first());
    setInterval(() => this.tick(), 200);
  }

  first() {
    const starts = this.screens.flatMap((screen) => screen.films.slice(0, 1).map((film) => film.start));
    return starts.length ? Math.max(this.begins, Math.min(...starts)) : this.begins;
  }

  listen() {
    document.getElementById("player-play").addEventListener("click", () => this.toggle());
    this.place.addEventListener("input", () => this.go(this.begins + Number(this.place.value) * SECOND));
    document.getElementById("player-speed").addEventListener("change", (event) => {
      this.speed = Number(event.target.value);
      this.screens.forEach((screen) => screen.pace(this.speed));
    });
    for (const button of player.querySelectorAll("[data-skip]"))
      button.addEventListener("click", () => this.go(this.at + Number(button.dataset.skip) * SECOND));
    for (const button of player.querySelectorAll("[data-frame]"))
      button.addEventListener("click", () => this.step(Number(button.dataset.frame)));
    for (const button of player.querySelectorAll("[data-event]"))
      button.addEventListener("click", () => this.toEvent(Number(button.dataset.event)));
    for (const button of player.querySelectorAll("[data-still]"))
      button.addEventListener("click", () => this.still(button.dataset.still));
    document.getElementById("player-line").addEventListener("click", (event) => {
      const box = document.getElementById("player-line").getBoundingClientRect();
      this.go(this.begins + ((event.clientX - box.left) / box.width) * (this.ends - this.begins));
    });
  }

  toggle(playing = !this.playing) {
    this.playing = playing;
    document.getElementById("player-play").textContent = playing ? "Pause" : "Play";
    this.screens.forEach((screen) => (playing ? screen.play(this.speed) : screen.pause()));
  }

  go(at) {
    this.at = Math.round(Math.min(Math.max(at, this.begins), this.ends));
    this.screens.forEach((screen) => screen.seek(this.at, this.playing, this.speed));
    this.show();
  }

  // Where the first camera is that plays something decides; the others follow it.
  tick() {
    if (!this.playing) return;
    const leader = this.screens.find((screen) => screen.runs());
    if (leader) {
      this.at = leader.time();
      if (leader.ended()) this.at = leader.film.end;
    } else if (!this.screens.some((screen) => screen.waits())) {
      const next = this.next();
      if (next === null) {
        this.end();
        return;
      }
      if (next > this.at + SECOND) this.tell(`Nothing was recorded: on to ${this.time(next)}.`);
      this.at = Math.max(this.at, next);
    }
    if (this.at >= this.ends) {
      this.at = this.ends;
      this.end();
    }
    this.screens.forEach((screen) => screen.follow(this.at, this.playing, this.speed));
    this.show();
  }

  end() {
    this.toggle(false);
    this.tell("This is the end of the footage.");
  }

  // The next moment of which there is a film.
  next() {
    const found = this.screens.flatMap((screen) =>
      screen.films.filter((film) => film.end > this.at && !(screen.failed && film === screen.film)),
    );
    return found.length ? Math.min(...found.map((film) => Math.max(film.start, this.at))) : null;
  }

  step(by) {
    this.toggle(false);
    const interval = Math.max(...this.screens.map((screen) => screen.interval), 1 / 30);
    this.go(this.at + by * interval * SECOND);
  }

  toEvent(by) {
    const ahead = this.events.filter((event) => (by > 0 ? event.at > this.at + SECOND : event.at < this.at - SECOND));
    const event = by > 0 ? ahead[0] : ahead[ahead.length - 1];
    if (!event) {
      this.tell(by > 0 ? "There is no later door event." : "There is no earlier door event.");
      return;
    }
    this.go(event.at - 2 * SECOND);
    this.tell(`${this.time(event.at)}, ${event.said}`);
  }

  still(camera) {
    const form = document.getElementById("player-still-form");
    form.elements.camera.value = camera;
    form.elements.at.value = String(this.at);
    form.submit();
  }

  time(at) {
    return localTime(at, this.offsets);
  }

  tell(said) {
    document.getElementById("player-status").textContent = said;
    document.getElementById("player-near").textContent = said;
  }

  show() {
    const said = this.time(this.at);
    document.getElementById("player-time").textContent = said;
    this.place.value = String(Math.round((this.at - this.begins) / SECOND));
    this.place.setAttribute("aria-valuetext", said);
    const share = (this.at - this.begins) / Math.max(1, this.ends - this.begins);
    this.mark.setAttribute("x", String(Math.max(0, share * 1000 - 1)));
    const near = this.events.findLast?.((event) => event.at <= this.at && event.at > this.at - 5 * SECOND);
    if (near && this.near !== near) {
      this.near = near;
      document.getElementById("player-near").textContent = near.said;
    }
  }
}

if (player) {
  const answer = await fetch(player.dataset.films, { cache: "no-store" });
  if (answer.ok) {
    player.hidden = false;
    player.player = new Player(await answer.json());
  }
}
