// Both books: each transaction as the journal has it and as the acquirer has it, and what can go wrong between the two.

import { centsMeaning, kindName, onLanguage, stateName, word } from "/words.js";

const CENTS = ["51", "05", "01", "10", "86", "87", "89", "88", "93", "77", "95", "99"];
const SIGNS = { agree: "✓", open: "…", waiting: "…", differ: "✗" };
const COUNTING = ["done", "completed", "approved", "voided"];

export class Books {
  constructor(bench, panel, failed) {
    this.bench = bench;
    this.panel = panel;
    this.failed = failed;
    panel.querySelector("#acquirer-faults").addEventListener("change", (event) => {
      this.#cause({ acquirer: event.target.value });
    });
    panel.querySelector("#unplug").addEventListener("click", () => {
      this.#cause({ link: bench.state.acquirer?.link === "down" ? "up" : "down" });
    });
    bench.watch(["acquirer"], () => this.#show());
    onLanguage(() => {
      this.#showCents();
      if (bench.state) {
        this.#show();
      }
    });
  }

  #show() {
    const { acquirer } = this.bench.state;
    const rows = acquirer?.rows ?? [];
    this.panel.querySelector("#no-books").hidden = rows.length > 0;
    this.panel.querySelector(".ledger").hidden = rows.length === 0;
    this.panel.querySelector("tbody").replaceChildren(...rows.map((row) => this.#row(row)));
    this.#sum(acquirer, rows);
    const choice = this.panel.querySelector(`[name="acquirer"][value="${acquirer?.fault ?? "ok"}"]`);
    if (choice !== null) {
      choice.checked = true;
    }
    const unplug = this.panel.querySelector("#unplug");
    unplug.setAttribute("aria-pressed", String(acquirer?.link === "down"));
    unplug.textContent = word(acquirer?.link === "down" ? "plugLine" : "unplugLine");
    this.panel.querySelector("fieldset").disabled = acquirer === null;
    unplug.disabled = acquirer === null;
  }

  // The two books in one sentence, and the acquirer's totals of the open batch in another.
  #sum(acquirer, rows) {
    const verdict = this.panel.querySelector("#verdict");
    const away = acquirer?.answers === false;
    const differing = rows.some(({ mark }) => mark === "differ") || acquirer?.balanced === false;
    const open = rows.filter(({ mark }) => mark === "open" || mark === "waiting").length;
    const mark = differing || away ? "differ" : open > 0 ? "open" : "agree";
    verdict.hidden = rows.length === 0 && !away;
    verdict.dataset.mark = mark;
    verdict.textContent = `${SIGNS[mark]} ${word(away ? "books_away" : `books_${mark}`)}`;
    const totals = this.panel.querySelector("#totals");
    totals.hidden = rows.length === 0;
    if (acquirer !== null) {
      const { batch, debit_count, debit_minor, credit_count, credit_minor } = acquirer.totals;
      const given = credit_count > 0 ? [`${credit_count} ${word("givenBack")} ${money(credit_minor)}`] : [];
      const sums = [`${debit_count} ${word("taken")} ${money(debit_minor)}`, ...given];
      totals.textContent = `${word("batch")} ${batch} · ${sums.join(" · ")}`;
    }
  }

  #row(row) {
    const line = document.createElement("tr");
    line.dataset.stan = row.stan;
    line.dataset.mark = row.mark;
    const what = document.createElement("th");
    what.scope = "row";
    const facts = part("span", "facts", "");
    facts.append(part("span", "", row.stan), part("span", "clock", row.time?.slice(11, 16) ?? ""));
    facts.append(part("span", "", row.card ? `*${row.card.slice(-4)}` : ""));
    what.append(part("b", "what", `${kindName(row.kind)} ${money(row.amount_minor)}`), facts);
    what.title = row.card ?? "";
    const theirs = state(row.mark === "waiting" ? "waiting" : row.acquirer);
    if (row.acquirer === "declined") {
      theirs.append(part("span", "code", ` ${row.code}`));
    }
    const mark = document.createElement("td");
    mark.className = "mark";
    mark.title = word(`mark_${row.mark}`);
    mark.append(SIGNS[row.mark], part("span", "unseen", word(`mark_${row.mark}`)));
    line.append(what, state(row.journal), theirs, mark);
    return line;
  }

  #showCents() {
    this.panel.querySelector("#cents").replaceChildren(
      ...CENTS.map((cents) => {
        const line = document.createElement("li");
        line.append(part("kbd", "", `.${cents}`), ` ${centsMeaning(cents)}`);
        return line;
      }),
    );
  }

  async #cause(fault) {
    const answer = await this.bench.call("/api/faults", fault);
    if (!answer.ok) {
      this.failed(answer.body.error);
      this.#show();
    }
  }
}

function state(name) {
  return part("td", COUNTING.includes(name) ? "counts" : "", name === null ? "–" : stateName(name));
}

function part(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function money(minor) {
  return (minor / 100).toLocaleString("en", { minimumFractionDigits: 2 });
}
