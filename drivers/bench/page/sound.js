// The beeper. Browsers stay silent until the first gesture; until then beeps are lost, as they should be.

const TONES = {
  key: [[2100, 0, 0.03]],
  ok: [[1900, 0, 0.1], [1900, 0.16, 0.1], [2500, 0.32, 0.1]],
  error: [[420, 0, 0.22], [330, 0.26, 0.26]],
  attention: [[1300, 0, 0.12], [1300, 0.24, 0.12]],
};
const LOUDNESS = 0.05;

export class Sound {
  #context = null;

  constructor(bench, button) {
    this.button = button;
    this.muted = kept() === "off";
    this.#draw();
    button.addEventListener("click", () => this.#toggle());
    for (const gesture of ["pointerdown", "keydown"]) {
      document.addEventListener(gesture, () => this.#wake(), { once: true, capture: true });
    }
    bench.addEventListener("beep", (event) => this.#play(TONES[event.detail.beep] ?? TONES.attention));
  }

  #wake() {
    const Context = window.AudioContext ?? window.webkitAudioContext;
    this.#context ??= Context ? new Context() : null;
  }

  #play(tones) {
    if (this.muted || this.#context === null || this.#context.state !== "running") {
      return;
    }
    const start = this.#context.currentTime + 0.01;
    for (const [pitch, delay, length] of tones) {
      const tone = this.#context.createOscillator();
      const volume = this.#context.createGain();
      tone.type = "square";
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(LOUDNESS, start + delay);
      volume.gain.setTargetAtTime(0, start + delay + length, 0.008);
      tone.connect(volume).connect(this.#context.destination);
      tone.start(start + delay);
      tone.stop(start + delay + length + 0.06);
    }
  }

  #toggle() {
    this.muted = !this.muted;
    try {
      localStorage.setItem("sound", this.muted ? "off" : "on");
    } catch {
      // A browser that keeps nothing asks again next time.
    }
    this.#draw();
  }

  #draw() {
    this.button.setAttribute("aria-pressed", String(this.muted));
  }
}

function kept() {
  try {
    return localStorage.getItem("sound");
  } catch {
    return null;
  }
}
