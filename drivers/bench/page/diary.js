// The diary: the last things that happened, one line each, for whoever wants to see the machinery.

import { word } from "/words.js";

const LINES_MAX = 60;

export class Diary {
  #boot = null;
  #card = null;

  constructor(bench, list) {
    this.list = list;
    bench.addEventListener("state", ({ detail }) => this.#begin(detail));
    bench.addEventListener("screen", ({ detail }) => this.#note(`${word("screenIs")} ${detail.screen.text_id}`));
    bench.addEventListener("key", ({ detail }) => this.#note(`${word("key")} ${detail.key}`));
    bench.addEventListener("beep", ({ detail }) => this.#note(`${word("beep")} ${detail.beep}`));
    bench.addEventListener("terminal", ({ detail }) => this.#terminal(detail));
    bench.addEventListener("card", ({ detail }) => this.#cardMoved(detail.card?.name ?? null));
    bench.addEventListener("swipe", ({ detail }) => this.#note(`${word("swiped")} ${detail.swipe}`));
    bench.addEventListener("printer", ({ detail }) => this.#printer(detail.printer));
  }

  #begin({ boot, card }) {
    this.#boot ??= boot;
    this.#card = card?.name ?? null;
  }

  #cardMoved(name) {
    if (name !== this.#card) {
      this.#note(name === null ? `${word("cardOut")} ${this.#card}` : `${word("cardIn")} ${name}`);
      this.#card = name;
    }
  }

  #terminal({ terminal, boot, ending }) {
    if (boot !== this.#boot) {
      this.#boot = boot;
      this.#note(`${word("boot")} ${boot}`);
    } else if (terminal === "off") {
      this.#note(ending ? `${word("ended")} ${ending.status}` : word("powerCut"));
    }
  }

  #printer({ fault, newest }) {
    if (fault !== "ok") {
      this.#note(`${word("printerSays")} ${fault}`);
    } else if (newest?.complete) {
      this.#note(`${word("receipt")} ${newest.id} ${newest.kind} ${newest.copy}`);
    }
  }

  #note(text) {
    const line = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = new Date().toTimeString().slice(0, 8);
    line.append(time, text);
    this.list.prepend(line);
    while (this.list.childElementCount > LINES_MAX) {
      this.list.lastElementChild.remove();
    }
  }
}
