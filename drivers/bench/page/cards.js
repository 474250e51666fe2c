// The wallet of test cards and the slot at the terminal's bottom edge. The world says which card stands in it; a click, a
// drag or the keyboard asks the world to put one in, take it out or swipe it.

import { cardPurpose, onLanguage, word } from "/words.js";

const DRAG_PX = 6;
const GROOVE_REACH_PX = 36;
const NARROW = "(max-width: 860px)";
const SWIPE_MS = 700;
const SLOW_MS = 1000;
const SWIPE_ICON = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M3 4h14M3 7.5h14M10 11v6M7 14.5l3 3 3-3"/></svg>';
const SCHEMES = { unionpay: "UnionPay", visa: "Visa", mastercard: "Mastercard" };

// Those that show a chip sale at its plainest stand in front; all others wait behind them.
const FRONT = ["up-debit", "offline-ok", "up-credit", "visa-sign", "mc-offline-pin", "two-apps"];

export class Cards {
  #cards = [];
  #inSlot = null;
  #busy = false;

  constructor(bench, stage, wallet, failed) {
    this.bench = bench;
    this.stage = stage;
    this.failed = failed;
    this.slot = stage.querySelector(".card-way");
    this.groove = stage.querySelector(".groove");
    this.front = wallet.querySelector(".front");
    this.rest = wallet.querySelector(".rest");
    this.harm = wallet.querySelector(".harm");
    this.harm.addEventListener("input", () => this.#showHarm());
    bench.addEventListener("state", () => this.#cards.length === 0 && this.#fetch());
    bench.watch(["card"], ({ card }) => this.#showSlot(card));
    bench.addEventListener("swipe", ({ detail }) => this.#showSwipe(detail.swipe));
    onLanguage(() => this.#write());
  }

  async #fetch() {
    this.#cards = await this.bench.cards();
    this.#write();
  }

  #write() {
    const place = (name) => (FRONT.includes(name) ? FRONT.indexOf(name) : FRONT.length);
    const sorted = [...this.#cards].sort((one, other) => place(one.name) - place(other.name));
    this.front.replaceChildren(...sorted.filter(({ name }) => FRONT.includes(name)).map((card) => this.#pocket(card)));
    this.rest.replaceChildren(...sorted.filter(({ name }) => !FRONT.includes(name)).map((card) => this.#pocket(card)));
    this.#showHarm();
    this.#inSlot = null;
    if (this.bench.state !== null) {
      this.#showSlot(this.bench.state.card);
    }
  }

  // A pocket of the wallet: the card, and the way to swipe it.
  #pocket(card) {
    const pocket = document.createElement("li");
    pocket.dataset.card = card.name;
    const face = drawFace(card);
    const act = card.chip ? () => this.#insert(card.name) : () => this.#swipe(card.name);
    this.#wireDrag(face, card);
    face.setAttribute("aria-label", `${word(card.chip ? "insertCard" : "swipeCard")} ${describe(card)}`);
    this.#wire(face, act);
    const swipe = document.createElement("button");
    swipe.type = "button";
    swipe.className = "swipe";
    swipe.title = word("swipe");
    swipe.innerHTML = SWIPE_ICON;
    swipe.setAttribute("aria-label", `${word("swipeCard")} ${card.name}`);
    this.#wire(swipe, () => this.#swipe(card.name));
    pocket.append(face, ...(card.chip ? [swipe] : []));
    return pocket;
  }

  // A pointer leaves the focus where it was, so that Enter still means the terminal's key; so does the keyboard, afterwards.
  #wire(button, act) {
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      button.blur();
      act();
    });
  }

  #showSlot(card) {
    const light = this.slot.querySelector(".slot-light");
    light.classList.toggle("on", card?.powered ?? false);
    this.slot.querySelector(".apdus").textContent = card?.apdus ? `${card.apdus} ${word("apdus")}` : "";
    if (card?.apdus) {
      light.classList.toggle("talk", card.apdus % 2 === 1);
    }
    const name = card?.name ?? null;
    if (name === this.#inSlot) {
      return;
    }
    this.#inSlot = name;
    this.stage.classList.toggle("holds-card", name !== null);
    for (const pocket of document.querySelectorAll(".wallet [data-card]")) {
      pocket.classList.toggle("away", pocket.dataset.card === name);
    }
    this.slot.querySelector(".face")?.remove();
    const found = this.#cards.find((each) => each.name === name);
    if (found !== undefined) {
      const face = drawFace(found);
      face.setAttribute("aria-label", `${word("removeCard")} ${describe(found)}`);
      face.title = word("removeCard");
      this.#wire(face, () => this.#call({ remove: true }));
      this.slot.prepend(face);
    }
  }

  #showSwipe(name) {
    const card = this.#cards.find((each) => each.name === name);
    if (card === undefined) {
      return;
    }
    const passing = drawFace(card);
    passing.classList.add("passing");
    passing.inert = true;
    this.groove.append(passing);
    setTimeout(() => passing.remove(), SWIPE_MS);
  }

  async #insert(name) {
    const there = this.bench.state?.card?.name;
    if (there !== undefined && !(await this.#call({ remove: true }))) {
      return;
    }
    if (there !== name) {
      const fault = this.#chipFault();
      await this.#call(fault === null ? { insert: name } : { insert: name, fault });
      this.#mend();
      this.#showStage();
    }
  }

  async #swipe(name) {
    const spoilt = this.#chosenHarm() === "unreadable";
    await this.#call(spoilt ? { swipe: name, fault: { unreadable: true } } : { swipe: name });
    this.#mend();
    this.#showStage();
  }

  // On a narrow page the wallet lies below the terminal: bring back what happens next.
  #showStage() {
    if (matchMedia(NARROW).matches) {
      this.stage.querySelector(".device").scrollIntoView({ block: "start" });
    }
  }

  async #call(body) {
    if (this.#busy) {
      return false;
    }
    this.#busy = true;
    const answer = await this.bench.call("/api/card", body);
    this.#busy = false;
    if (!answer.ok) {
      this.failed(answer.body.error);
    }
    return answer.ok;
  }

  #chosenHarm() {
    return this.harm.querySelector("[name=harm]:checked").value;
  }

  #chipFault() {
    const at = Number(this.harm.querySelector("#harm-at").value);
    const faults = {
      pull: { pull_at_apdu: at },
      mute: { mute_at_apdu: at },
      garbage: { garbage_from_apdu: at },
      slow: { slow_ms: SLOW_MS },
    };
    return faults[this.#chosenHarm()] ?? null;
  }

  // Each harm befalls one card.
  #mend() {
    this.harm.querySelector("[name=harm][value=ok]").checked = true;
    this.#showHarm();
  }

  #showHarm() {
    this.harm.querySelector(".slider").hidden = !["pull", "mute", "garbage"].includes(this.#chosenHarm());
    this.harm.querySelector("#harm-at-value").textContent = this.harm.querySelector("#harm-at").value;
  }

  // With a mouse a card can also be carried: to the slot, or down the groove at the terminal's right edge.
  #wireDrag(face, card) {
    let from = null;
    let ghost = null;
    let carried = false;
    const end = () => {
      ghost?.remove();
      from = ghost = null;
      this.stage.classList.remove("awaits-card");
    };
    face.addEventListener("pointerdown", (event) => {
      carried = false;
      if (event.button === 0 && event.pointerType === "mouse") {
        face.setPointerCapture(event.pointerId);
        from = { x: event.clientX, y: event.clientY };
      }
    });
    face.addEventListener("pointermove", (event) => {
      if (from === null || (ghost === null && Math.hypot(event.clientX - from.x, event.clientY - from.y) < DRAG_PX)) {
        return;
      }
      if (ghost === null) {
        carried = true;
        ghost = drawFace(card);
        ghost.classList.add("carried");
        ghost.inert = true;
        document.body.append(ghost);
        this.stage.classList.add("awaits-card");
      }
      ghost.style.translate = `${event.clientX}px ${event.clientY}px`;
    });
    face.addEventListener("pointerup", (event) => {
      if (ghost !== null) {
        this.#drop(card, event.clientX, event.clientY);
      }
      end();
    });
    face.addEventListener("pointercancel", end);
    face.addEventListener("click", (event) => carried && event.detail > 0 && event.stopImmediatePropagation());
  }

  #drop(card, x, y) {
    const groove = this.groove.getBoundingClientRect();
    const stage = this.stage.getBoundingClientRect();
    if (Math.abs(x - groove.x) < GROOVE_REACH_PX && y > groove.top && y < groove.bottom) {
      this.#swipe(card.name);
    } else if (x > stage.left && x < stage.right && y > stage.top && y < stage.bottom) {
      this.#insert(card.name);
    }
  }
}

function describe({ name, purpose }) {
  return `${name}. ${cardPurpose(name, purpose)}`;
}

function drawFace(card) {
  const face = document.createElement("button");
  face.type = "button";
  face.className = card.chip ? "face" : "face stripe-only";
  face.dataset.scheme = card.scheme;
  face.title = cardPurpose(card.name, card.purpose);
  const parts = {
    scheme: SCHEMES[card.scheme] ?? card.scheme,
    chip: "",
    name: card.name,
    purpose: cardPurpose(card.name, card.purpose),
    number: card.embossed.replace(/(.{4})(?=.)/g, "$1 "),
    pin: card.pin === null ? "" : `PIN ${card.pin}`,
  };
  for (const [part, text] of Object.entries(parts)) {
    const span = document.createElement("span");
    span.className = part;
    span.textContent = text;
    face.append(span);
  }
  return face;
}
