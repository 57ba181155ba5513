// One camera in the player: which of its films is shown, and where in it. Knows nothing of the other cameras.
const SECOND = 1_000_000;
const OFF_BY = 0.4; // seconds that a camera may be ahead or behind before it is put right
const LOOK_MS = 1000;

export class Screen {
  constructor(part, said, base, changed) {
    this.films = said.films.map(([id, start, end]) => ({ id, start, end }));
    this.restricted = said.restricted;
    this.base = base;
    this.changed = changed;
    this.video = part.querySelector("video");
    this.words = part.querySelector(".player__said");
    this.film = null;
    this.ready = false;
    this.failed = false;
    this.interval = 1 / 25;
    this.video.addEventListener("error", () => this.fault());
    this.watchPictures();
  }

  // How far apart pictures are, for stepping: the browser tells where it can.
  watchPictures() {
    if (!this.video.requestVideoFrameCallback) return;
    let before = null;
    const seen = (_, picture) => {
      const apart = before === null ? 0 : picture.mediaTime - before;
      if (!this.video.paused && apart > 0.005 && apart < 2) this.interval = apart;
      before = picture.mediaTime;
      this.video.requestVideoFrameCallback(seen);
    };
    this.video.requestVideoFrameCallback(seen);
  }

  filmAt(at) {
    return this.films.find((film) => film.start <= at && at < film.end) ?? null;
  }

  seek(at, playing, speed) {
    const film = this.filmAt(at);
    if (film !== this.film) this.load(film, at, playing, speed);
    else if (film && this.ready) this.video.currentTime = (at - film.start) / SECOND;
    this.wanted = at;
  }

  follow(at, playing, speed) {
    const film = this.filmAt(at);
    if (film !== this.film) {
      this.load(film, at, playing, speed);
    } else if (film && this.ready && Math.abs(this.video.currentTime - (at - film.start) / SECOND) > OFF_BY) {
      this.video.currentTime = (at - film.start) / SECOND;
    }
    this.wanted = at;
  }

  async load(film, at, playing, speed) {
    this.film = film;
    this.ready = this.failed = false;
    this.wanted = at;
    this.playing = playing;
    this.speed = speed;
    this.video.pause();
    this.video.hidden = true;
    if (!film) {
      const hidden = this.restricted.some(([start, end]) => start <= at && at < end);
      this.say(hidden ? "Restricted: not shown." : "Not recorded.");
      return;
    }
    this.say("Loading");
    if (!(await this.prepared(film)) || this.film !== film) return;
    this.video.src = `${this.base}film/${film.id}.mp4`;
    this.video.addEventListener("loadedmetadata", () => this.begin(film), { once: true });
    const next = this.films[this.films.indexOf(film) + 1];
    if (next && this.encoded) this.ask(next); // so that it is there when it is needed
  }

  async ask(film) {
    try {
      const answer = await fetch(`${this.base}film/${film.id}/state.json`, { cache: "no-store" });
      return answer.ok ? await answer.json() : { state: "failed", said: await answer.text() };
    } catch {
      return { state: "failed", said: "The controller does not answer." };
    }
  }

  // A film that is encoded anew takes a while. Whether it came in the end.
  async prepared(film) {
    for (;;) {
      const { state, said } = await this.ask(film);
      if (this.film !== film || state === "ready") return state === "ready";
      this.encoded = true;
      this.say(said);
      if (state === "failed") {
        this.failed = true;
        return false;
      }
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
  }

  begin(film) {
    if (this.film !== film) return;
    this.ready = true;
    this.video.hidden = false;
    this.say("");
    this.video.currentTime = Math.max(0, (this.wanted - film.start) / SECOND);
    this.video.playbackRate = this.speed;
    if (this.playing) this.video.play().catch(() => {});
    this.changed();
  }

  fault() {
    if (!this.film || !this.video.getAttribute("src")) return;
    this.ready = false;
    this.failed = true;
    this.video.hidden = true;
    this.say("This film cannot be played: it may be damaged, or was destroyed meanwhile.");
  }

  play(speed) {
    this.playing = true;
    this.pace(speed);
    if (this.ready) this.video.play().catch(() => {});
  }

  pause() {
    this.playing = false;
    this.video.pause();
  }

  pace(speed) {
    this.speed = speed;
    this.video.playbackRate = speed;
  }

  // Whether it can say what time it is.
  runs() {
    return Boolean(this.film) && this.ready;
  }

  // Whether it will be able to in a moment.
  waits() {
    return Boolean(this.film) && !this.ready && !this.failed;
  }

  ended() {
    return this.video.ended;
  }

  time() {
    return Math.round(this.film.start + this.video.currentTime * SECOND);
  }

  say(said) {
    this.words.textContent = said;
  }
}
