// The screen and the lights: real pixels for the eye, words for whoever reads the page with something else.

import { onLanguage, word } from "/words.js";

export class Screen {
  #loading = false;
  #stale = false;

  constructor(bench, device) {
    this.bench = bench;
    this.image = device.querySelector("#screen");
    this.text = device.querySelector("#screen-text");
    this.curtain = device.querySelector("#curtain");
    this.device = device;
    this.lost = false;
    this.image.addEventListener("load", () => this.#loaded());
    this.image.addEventListener("error", () => this.#loaded());
    bench.watch(["screen"], (state) => this.#show(state));
    bench.watch(["lights"], (state) => this.#light(state.lights));
    bench.watch(["terminal"], () => this.#draw());
    bench.addEventListener("lost", () => {
      this.lost = true;
      this.#draw();
    });
    bench.addEventListener("state", () => {
      this.lost = false;
      this.#draw();
    });
    onLanguage(() => bench.state && (this.#show(bench.state), this.#draw()));
  }

  #show({ screen, seq }) {
    this.device.dataset.textId = screen.text_id;
    const words = [screen.title, ...screen.lines];
    if (screen.entry !== null) {
      words.push(`${word("entry")} ${screen.entry}`);
    }
    words.push(...screen.softkeys.map(({ key, label }) => `${key} ${label}`));
    this.text.textContent = words.filter(Boolean).join("\n");
    this.#labelSoftKeys(screen.softkeys);
    this.#load(seq);
  }

  #labelSoftKeys(softkeys) {
    for (const button of this.device.querySelectorAll(".soft-keys button")) {
      const label = softkeys.find(({ key }) => key === button.dataset.key)?.label;
      button.classList.toggle("labelled", label !== undefined);
      button.setAttribute("aria-label", label === undefined ? button.dataset.key : `${button.dataset.key} ${label}`);
    }
  }

  // One picture at a time; what changes meanwhile is fetched once it is here.
  #load(seq) {
    if (this.#loading) {
      this.#stale = true;
      return;
    }
    this.#loading = true;
    this.image.src = `/api/screen.png?${seq}`;
  }

  #loaded() {
    this.#loading = false;
    const { naturalWidth: width, naturalHeight: height } = this.image;
    const room = this.device.querySelector(".glass").clientWidth;
    const scale = width > room ? room / width : Math.max(1, Math.floor(room / Math.max(width, 1)));
    this.image.width = Math.round(width * scale);
    this.image.height = Math.round(height * scale);
    this.image.classList.toggle("shrunk", scale < 1);
    if (this.#stale) {
      this.#stale = false;
      this.#load(this.bench.state.seq);
    }
  }

  #light(lights) {
    for (const light of this.device.querySelectorAll("[data-light]")) {
      const on = lights[light.dataset.light];
      light.classList.toggle("on", on);
      light.setAttribute("aria-label", on ? word(light.dataset.light) : "");
      light.title = word(light.dataset.light);
    }
  }

  // What the terminal cannot say itself: that it is off, starting, or that the bench is gone.
  #draw() {
    const { terminal, ending, screen } = this.bench.state ?? {};
    let message = "";
    let detail = "";
    if (this.lost) {
      message = word("lost");
    } else if (terminal === "booting") {
      message = screen.text_id === "off" ? word("booting") : "";
    } else if (terminal === "off" && ending) {
      message = `${word("ended")} ${ending.status}`;
      detail = ending.words.slice(-4).join("\n");
    } else if (terminal === "off") {
      message = word("off");
    }
    this.image.classList.toggle("dark", screen?.text_id === "off");
    // The terminal's own words stay in sight where it had any: then only a strip tells how it ended.
    const spoken = !this.lost && terminal === "off" && screen.text_id === "out_of_service";
    this.curtain.classList.toggle("strip", spoken);
    if (spoken) {
      detail = detail.split("\n").at(-1);
    }
    this.curtain.hidden = message === "";
    const code = document.createElement("code");
    code.textContent = detail;
    this.curtain.replaceChildren(message, ...(detail ? [code] : []));
  }
}
