// Makes pages smoother; every task also works without this file. No library, nothing inline (CSP).
"use strict";

// A box that takes the keyboard when the page opens: the summary of errors.
document.querySelector("[data-focus]")?.focus();

// Questions: a button with data-confirm asks in the one <dialog> before its form is sent.
const ask = document.getElementById("ask");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (!button || !button.form || !ask) return;
  event.preventDefault();
  ask.querySelector("#ask-title").textContent = button.dataset.confirmTitle || button.textContent.trim() + "?";
  ask.querySelector("#ask-text").textContent = button.dataset.confirm;
  ask.querySelector("[value=yes]").textContent = button.textContent.trim();
  ask.returnValue = "no";
  ask.onclose = () => {
    if (ask.returnValue !== "yes") return;
    button.form.requestSubmit(button);
  };
  ask.showModal();
});

// Files are chosen in the portal's language: the browser's own words lie under these, which it goes on to obey.
for (const input of document.querySelectorAll("input[type=file]")) {
  const field = document.createElement("span");
  const button = document.createElement("span");
  const chosen = document.createElement("span");
  field.className = "file-field";
  button.className = "file-button";
  button.textContent = "Pilih berkas";
  chosen.className = "file-chosen";
  const tell = () => {
    chosen.textContent = [...input.files].map((file) => file.name).join(", ") || "Belum ada yang dipilih";
  };
  for (const part of [button, chosen]) part.setAttribute("aria-hidden", "true"); // the browser says both by itself
  input.replaceWith(field);
  field.append(button, chosen, input);
  input.addEventListener("change", tell);
  window.addEventListener("pageshow", tell); // some browsers keep the choice when they come back
  tell();
}

// Small menus close when the pointer or the keyboard goes elsewhere.
for (const menu of document.querySelectorAll("details[data-menu]")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// Filter as you type: data-filter names the items; a [data-filter-status] in the same form says how many are left.
for (const input of document.querySelectorAll("input[data-filter]")) {
  const status = input.closest("form, search, section")?.querySelector("[data-filter-status]");
  input.addEventListener("input", () => {
    const words = input.value.toLocaleLowerCase("id").split(/\s+/).filter(Boolean);
    const items = [...document.querySelectorAll(input.dataset.filter)];
    for (const item of items) {
      const text = item.textContent.toLocaleLowerCase("id");
      item.hidden = !words.every((word) => text.includes(word));
    }
    if (status) status.textContent = `${items.filter((item) => !item.hidden).length} dari ${items.length} ditampilkan`;
  });
}

// Work that is not stored yet: leaving asks the browser's question. data-guard: a form without autosave.
const unsaved = new Set();
window.addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });
for (const form of document.querySelectorAll("form[data-guard]:not([data-autosave])")) {
  form.addEventListener("input", () => unsaved.add(form));
  form.addEventListener("submit", () => unsaved.delete(form));
}

// Autosave: 2 s after the last change. `edits` counts changes, so that one made while a save is under way is saved next.
class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
    this.edits = this.saved = 0;
    this.timer = this.sending = null;
    this.listen();
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.save(); });
    window.addEventListener("pageshow", (event) => { if (event.persisted) this.stopped = false; }); // came back by "Kembali"
  }

  listen() {
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("submit", (event) => this.submit(event));
  }

  changed() {
    this.edits += 1;
    unsaved.add(this.form);
    this.wait();
  }

  wait(seconds = 2) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), seconds * 1000);
  }

  say(text, wrong = false) {
    if (!this.status) return;
    this.status.textContent = text;
    this.status.classList.toggle("is-unsaved", wrong);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.sending || this.stopped || this.edits === this.saved) return;
    const edits = this.edits;
    this.sending = this.send();
    const outcome = await this.sending;
    this.sending = null;
    if (outcome === "saved") this.saved = edits;
    if (this.edits === this.saved) unsaved.delete(this.form);
    else if (outcome === "saved") this.wait();
    else if (outcome === "offline") this.wait(15);
  }

  // "saved", "refused" (the message says why; wait for the next change) or "offline" (tried again by itself).
  async send() {
    this.say("Menyimpan …");
    const sent = new FormData(this.form);
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST", body: sent, headers: { "X-Autosave": "1" }, credentials: "same-origin",
      });
      const facts = await answer.json();
      if (answer.ok) {
        this.form.elements.version.value = facts.version;
        this.take(facts.cells, sent);
        if (facts.rows_differ) await this.redraw(sent);
        this.say(`Tersimpan ${facts.saved_at}`);
        return "saved";
      }
      this.say(facts.message ?? "Belum tersimpan", true);
      if (answer.status === 409) this.stopped = true; // somebody else changed it: never save over it
      return answer.status < 500 ? "refused" : "offline";
    } catch {
      this.say("Belum tersimpan", true);
      return "offline";
    }
  }

  // Cells that others, or the portal itself, wrote meanwhile; what was typed since the save was sent stays.
  take(cells, sent) {
    for (const [name, text] of Object.entries(cells ?? {})) {
      const field = this.form.elements[name];
      if (field && field.value === sent.get(name)?.replaceAll("\r\n", "\n")) field.value = text;
    }
  }

  // Others added or removed rows: draw the form anew, with what was typed since the save was sent.
  async redraw(sent) {
    const page = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("form[data-autosave]");
    if (!page.ok || !fresh) return;
    for (const [name, text] of new FormData(this.form)) {
      const field = fresh.elements[name];
      if (text !== sent.get(name) && field && name !== "version") field.value = text;
    }
    const focused = document.activeElement?.id;
    this.form.replaceWith(fresh);
    this.form = fresh;
    this.status = fresh.querySelector("[data-autosave-status]");
    this.listen();
    if (focused) document.getElementById(focused)?.focus();
  }

  // The button waits for a save under way: it must carry the version that save brings.
  async submit(event) {
    clearTimeout(this.timer);
    if (this.sending) {
      event.preventDefault();
      const button = event.submitter;
      await this.sending;
      this.form.requestSubmit(button);
      return;
    }
    this.stopped = true;
    unsaved.delete(this.form);
  }
}
for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);

// A part of the page that is under way: fetch the page again every so many seconds and put the new part in its place.
// Once it is done, so is the head of the page: its badge, and what can still be done.
function refresh(part) {
  setTimeout(async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page && page.getElementById(part.id);
    if (fresh) part.replaceWith(fresh);
    const next = fresh || part;
    if (!next.dataset.refresh && !document.querySelector("dialog[open]")) {
      document.querySelector(".page-head").replaceWith(page.querySelector(".page-head"));
    }
    if (next.dataset.refresh) refresh(next);
  }, Number(part.dataset.refresh) * 1000);
}
for (const part of document.querySelectorAll("[data-refresh]")) refresh(part);
