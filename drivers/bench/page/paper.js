// The paper: it grows out of the slot line by line, is torn off when it is cut, and lies in the tray from then on.

import { kindName, onLanguage, word } from "/words.js";

const TRAY_MAX = 30;
const TEAR_AFTER_MS = 6000;
const TEAR_MS = 600;

export class Paper {
  #current = null;
  #lines = -1;
  #loading = false;
  #known = new Map();

  constructor(bench, strip, tray, dialog) {
    this.bench = bench;
    this.strip = strip;
    this.tray = tray;
    this.dialog = dialog;
    bench.addEventListener("state", () => this.#refill());
    bench.addEventListener("printer", () => this.#grow());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    dialog.querySelector(".copy").addEventListener("click", (event) => this.#copy(event.target));
    onLanguage(() => this.#caption());
  }

  // Lay out what was printed before this page was open.
  async #refill() {
    const receipts = await this.bench.receipts();
    this.#known.clear();
    this.tray.replaceChildren();
    for (const receipt of receipts.slice(-TRAY_MAX)) {
      this.#keep(receipt);
    }
    this.#grow();
  }

  async #grow() {
    const newest = this.bench.state?.printer.newest;
    if (!newest || this.#loading || this.#known.get(newest.id)?.complete || newest.lines === 0) {
      return;
    }
    if (newest.id === this.#current && newest.lines === this.#lines) {
      if (newest.complete) {
        await this.#finish(newest);
      }
      return;
    }
    this.#loading = true;
    if (newest.id !== this.#current && this.#current !== null) {
      await this.#tear();
    }
    this.#current = newest.id;
    this.#lines = newest.lines;
    await this.#draw(newest);
    this.#loading = false;
    this.#grow();
  }

  async #draw({ id, lines }) {
    const picture = new Image();
    picture.src = `/api/paper/${id}.png?${lines}`;
    try {
      await picture.decode();
    } catch {
      return;
    }
    const image = this.strip.querySelector("img");
    this.strip.hidden = false;
    const width = this.strip.clientWidth;
    image.src = picture.src;
    this.strip.style.height = `${Math.round((picture.naturalHeight * width) / picture.naturalWidth) - 8}px`;
  }

  // The printer has confirmed the receipt: leave it in the slot for a moment, then lay it into the tray.
  async #finish(receipt) {
    this.#keep(receipt);
    await rest(TEAR_AFTER_MS);
    if (this.#current === receipt.id && this.bench.state.printer.newest?.id === receipt.id) {
      this.#loading = true;
      await this.#tear();
      this.#loading = false;
      this.#grow();
    }
  }

  async #tear() {
    const torn = this.#current;
    this.strip.classList.add("torn");
    await rest(TEAR_MS);
    this.strip.hidden = true;
    this.strip.style.height = "0";
    this.strip.classList.remove("torn");
    this.#current = null;
    this.#lines = -1;
    if (!this.#known.has(torn)) {
      const receipts = await this.bench.receipts();
      receipts.filter(({ id }) => id === torn).forEach((receipt) => this.#keep(receipt));
    }
  }

  #keep(receipt) {
    const item = this.tray.querySelector(`[data-receipt="${receipt.id}"]`)?.parentElement ?? document.createElement("li");
    this.#known.set(receipt.id, receipt);
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.receipt = receipt.id;
    button.innerHTML = '<span class="sheet"><img alt="" loading="lazy"></span><span class="caption"></span>';
    button.querySelector("img").src = `/api/paper/${receipt.id}.png?${receipt.complete}`;
    button.addEventListener("click", () => this.#open(receipt.id));
    item.replaceChildren(button);
    if (!item.isConnected) {
      this.tray.prepend(item);
      this.tray.scrollLeft = 0;
    }
    while (this.tray.childElementCount > TRAY_MAX) {
      this.tray.lastElementChild.remove();
    }
    this.#caption();
  }

  #caption() {
    document.querySelector("#no-receipts").hidden = this.tray.childElementCount > 0;
    for (const button of this.tray.querySelectorAll("button")) {
      const { id, kind, copy } = this.#known.get(Number(button.dataset.receipt));
      button.querySelector(".caption").innerText = `${id} · ${kindName(kind)}\n${kindName(copy)}`;
    }
  }

  async #open(id) {
    const receipt = (await this.bench.receipts()).find((each) => each.id === id);
    if (receipt === undefined) {
      return;
    }
    const state = receipt.complete ? "" : ` · ${word(receipt.cut ? "unconfirmed" : "stillPrinting")}`;
    this.dialog.querySelector("h2").textContent =
      `${word("receipt")} ${id} · ${kindName(receipt.kind)} · ${kindName(receipt.copy)}${state}`;
    this.dialog.querySelector("img").src = `/api/paper/${id}.png?open`;
    this.dialog.querySelector("pre").textContent = receipt.text;
    this.dialog.querySelector(".png").href = `/api/paper/${id}.png`;
    this.dialog.querySelector(".bin").href = `/api/paper/${id}.bin`;
    this.dialog.showModal();
  }

  async #copy(button) {
    const pre = this.dialog.querySelector("pre");
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = word("copied");
      setTimeout(() => (button.textContent = word("copyText")), 1500);
    } catch {
      getSelection().selectAllChildren(pre);
    }
  }
}

function rest(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
