// The fault panel: each control changes the world, and shows the world, whoever changed it.

import { onLanguage, word } from "/words.js";

export class Faults {
  constructor(bench, panel, failed) {
    this.bench = bench;
    this.panel = panel;
    this.failed = failed;
    this.#wireSlider("battery", (value) => `${value} %`);
    this.#wireSlider("temperature", (value) => `${value} °C`);
    panel.querySelector("#printer-faults").addEventListener("change", (event) => {
      this.#cause({ printer: event.target.value });
    });
    panel.querySelector("#tamper").addEventListener("click", () => {
      this.#cause({ tamper: !bench.state.gauges.tamper });
    });
    panel.querySelector("#power").addEventListener("click", () => this.#call("/api/power", { cut: true }));
    bench.watch(["printer", "gauges", "terminal"], () => this.#show());
    onLanguage(() => bench.state && this.#show());
  }

  #wireSlider(name, format) {
    const slider = this.panel.querySelector(`#${name}`);
    const output = this.panel.querySelector(`#${name}-value`);
    const write = () => (output.textContent = format(slider.value));
    slider.addEventListener("input", write);
    slider.addEventListener("change", () => this.#cause({ [name]: Number(slider.value) }));
    this.bench.watch(["gauges"], ({ gauges }) => {
      if (!slider.matches(":active")) {
        slider.value = gauges[name];
        write();
      }
    });
  }

  #show() {
    const { printer, gauges, terminal } = this.bench.state;
    const choice = this.panel.querySelector(`[name="printer"][value="${printer.fault}"]`);
    if (choice !== null) {
      choice.checked = true;
    }
    const tamper = this.panel.querySelector("#tamper");
    tamper.setAttribute("aria-pressed", String(gauges.tamper));
    tamper.textContent = word(gauges.tamper ? "closeCase" : "openCase");
    this.panel.querySelector("#power").textContent = word(terminal === "off" ? "switchOn" : "cutPower");
  }

  #cause(fault) {
    return this.#call("/api/faults", fault);
  }

  async #call(path, body) {
    const answer = await this.bench.call(path, body);
    if (!answer.ok) {
      this.failed(answer.body.error);
    }
  }
}
