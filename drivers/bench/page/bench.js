// The connection to the bench: one stream of events that keeps the state, and calls that change the world.

const PARTS = [
  "state", "screen", "lights", "printer", "gauges", "card", "acquirer", "terminal", "busy", "key", "beep", "swipe",
];
const MOMENTS = ["key", "beep", "swipe"];
const RETRY_MS = 800;

export class Bench extends EventTarget {
  state = null;

  // Follow the world for ever; every (re)connection begins with the full state.
  follow() {
    const stream = new EventSource("/api/events");
    for (const name of PARTS) {
      stream.addEventListener(name, (event) => this.#take(name, JSON.parse(event.data)));
    }
    stream.addEventListener("error", () => {
      stream.close();
      this.#tell("lost", null);
      setTimeout(() => this.follow(), RETRY_MS);
    });
  }

  async call(path, body) {
    let answer;
    try {
      answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    } catch {
      return { ok: false, status: 0, body: { error: "no connection" } };
    }
    return { ok: answer.ok, status: answer.status, body: await answer.json().catch(() => ({})) };
  }

  async receipts() {
    return this.#list("/api/paper");
  }

  async cards() {
    return this.#list("/api/cards");
  }

  async #list(path) {
    const answer = await fetch(path);
    return answer.ok ? answer.json() : [];
  }

  // What is a moment is over at once; everything else is a part of the state.
  #take(name, data) {
    if (name === "state") {
      this.state = data;
    } else if (!MOMENTS.includes(name) && this.state !== null) {
      Object.assign(this.state, data);
    }
    this.#tell(name, data);
  }

  #tell(name, data) {
    this.dispatchEvent(new CustomEvent(name, { detail: data }));
  }

  // Call `listener` with the state now, later, and whenever one of these parts has changed.
  watch(parts, listener) {
    for (const name of ["state", ...parts]) {
      this.addEventListener(name, () => this.state !== null && listener(this.state));
    }
  }
}
