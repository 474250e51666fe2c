// The page of the bench: brings the parts together.

import { Bench } from "/bench.js";
import { Books } from "/books.js";
import { Cards } from "/cards.js";
import { Diary } from "/diary.js";
import { Faults } from "/faults.js";
import { Keypad } from "/keypad.js";
import { Paper } from "/paper.js";
import { Screen } from "/screen.js";
import { Sound } from "/sound.js";
import { onLanguage, speak, translate, word } from "/words.js";

const TOAST_MS = 4000;
const DEMO_KEY_MS = 420;
const DEMO = ["1", "2", "00", "ENTER", "F1", "ENTER"];

const find = (selector) => document.querySelector(selector);
const bench = new Bench();
const device = find("#device");

let toastTimer = 0;

function toast(text) {
  const place = find("#toast");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (place.hidden = true), TOAST_MS);
}

const keypad = new Keypad(bench, device, (keys, reason) => {
  toast(keys.length > 0 ? `${word("keysLeft")} ${keys.join(" ")}` : `${word("failed")} ${reason}`);
});
new Screen(bench, device);
new Paper(bench, find("#paper"), find("#tray"), find("#receipt"));
new Faults(bench, find(".faults"), (reason) => toast(`${word("failed")} ${reason}`));
new Cards(bench, find(".stage"), find("#wallet"), (reason) => toast(`${word("failed")} ${reason}`));
new Books(bench, find("#books"), (reason) => toast(`${word("failed")} ${reason}`));
new Sound(bench, find("#mute"));
new Diary(bench, find("#events"));

function about() {
  const { about: facts, display, boot } = bench.state;
  const version = facts.version ? `Tillberry ${facts.version}` : "Tillberry";
  find("#about").textContent = [version, display, `${word("boot")} ${boot}`].filter(Boolean).join(" · ") + ".";
}

bench.watch(["terminal"], about);
onLanguage(() => bench.state && about());
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => speak(button.dataset.language));
}

// The first steps leave by themselves once somebody has taken a sale.
const hint = find("#first-steps");
find("#no-hint").addEventListener("click", () => (hint.hidden = true));
bench.watch(["printer"], ({ printer }) => {
  if (printer.newest?.complete) {
    hint.hidden = true;
  }
});
find("#show-me").addEventListener("click", async () => {
  find("#show-me").disabled = true;
  for (const key of DEMO) {
    keypad.flash(key);
    keypad.press(key);
    await new Promise((resolve) => setTimeout(resolve, DEMO_KEY_MS));
  }
  find("#show-me").disabled = false;
});

translate();
bench.follow();
