// The keypad: every press by mouse, touch or keyboard goes into one queue, and the queue to the bench in order.

const BATCH_MAX = 16;
const FLASH_MS = 110;

const NAMES = {
  Enter: "ENTER", Backspace: "CLEAR", Delete: "CLEAR", Escape: "CANCEL", ArrowUp: "UP", ArrowDown: "DOWN",
  F1: "F1", F2: "F2", F3: "F3", F4: "F4", m: "MENU", M: "MENU", ".": ".", ",": ".",
};

export class Keypad {
  #waiting = [];
  #sending = false;

  // `refused` is called with the keys that the terminal did not take, and the reason.
  constructor(bench, device, refused) {
    this.bench = bench;
    this.refused = refused;
    this.buttons = new Map([...device.querySelectorAll("[data-key]")].map((each) => [each.dataset.key, each]));
    for (const [key, button] of this.buttons) {
      this.#wire(key, button);
    }
    document.addEventListener("keydown", (event) => this.#typed(event));
    document.addEventListener("click", (event) => event.detail > 0 && setTimeout(release));
    bench.addEventListener("key", (event) => this.flash(event.detail.key));
  }

  press(...keys) {
    this.#waiting.push(...keys);
    this.#send();
  }

  flash(key) {
    const button = this.buttons.get(key);
    button?.classList.add("down");
    setTimeout(() => button?.classList.remove("down"), FLASH_MS);
  }

  // A pointer presses as it goes down, as a finger does; a click without one comes from keyboard or screen reader.
  #wire(key, button) {
    let pressed = false;
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0) {
        event.preventDefault();
        release();
        pressed = true;
        this.press(key);
      }
    });
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      if (!pressed) {
        this.press(key);
      }
      pressed = false;
    });
  }

  #typed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) {
      return;
    }
    const key = /^[0-9]$/.test(event.key) ? event.key : NAMES[event.key];
    if (key === undefined || belongsTo(event.target, event.key)) {
      return;
    }
    event.preventDefault();
    if (!event.repeat || key === "UP" || key === "DOWN") {
      this.flash(key);
      this.press(key);
    }
  }

  async #send() {
    if (this.#sending) {
      return;
    }
    this.#sending = true;
    while (this.#waiting.length > 0) {
      const keys = this.#waiting.splice(0, BATCH_MAX);
      const answer = await this.bench.call("/api/keys", { keys });
      if (!answer.ok) {
        const left = [...(answer.body.keys ?? keys), ...this.#waiting.splice(0)];
        this.refused(left, answer.body.error);
      }
    }
    this.#sending = false;
  }
}

// Who works with a pointer types for the terminal: what was clicked gives the keyboard back.
function release() {
  const focused = document.activeElement;
  if (!document.querySelector("dialog[open]") && focused?.matches("button, summary, input[type=radio]")) {
    focused.blur();
  }
}

// Whether the focused element has its own use for a key: a link or button for Enter, a slider for the arrows.
function belongsTo(element, name) {
  if (element.matches("input:not([type=range], [type=radio]), textarea, select")) {
    return true;
  }
  if (element.matches("input, pre")) {
    return name.startsWith("Arrow");
  }
  return name === "Enter" && element.matches("button, a, summary");
}
