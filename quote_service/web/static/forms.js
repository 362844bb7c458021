"use strict";
// What forms do by themselves: fields that have a meaning only with some others, instants, and days that people say.
{
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // A field of another kind of discount is not shown, and not sent.
  function showWhatCounts() {
    for (const part of all("[data-when]")) {
      const decider = part.closest("form")?.elements.namedItem(part.dataset.when);
      const hides = decider ? !part.dataset.is.split(" ").includes(decider.value) : false;
      // What comes to mean something is what is wanted: it is unfolded.
      if (part.hidden && !hides && part.tagName === "DETAILS") part.open = true;
      part.hidden = hides;
    }
    for (const part of all("[data-when]")) {
      for (const control of all("input, select, textarea", part)) control.disabled = control.closest("[data-when][hidden]") !== null;
    }
  }

  // Instants are written in UTC; what that is here stands below.
  const here = new Intl.DateTimeFormat(undefined, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  function showHere(field) {
    const shown = document.querySelector(`[data-moment-of="${CSS.escape(field.id)}"]`);
    const instant = new Date(`${field.value}Z`);
    if (shown) shown.textContent = field.value && !Number.isNaN(instant.getTime()) ? `= ${here.format(instant)}` : "";
  }

  function prepare() {
    showWhatCounts();
    for (const field of all("[data-moment]")) showHere(field);
  }

  // A product is found by its name or SKU, a competitor, category or seller by its name; the id is what is sent.
  const AREAS = { "product-choices": "products", "competitor-choices": "competitors", "category-choices": "categories", "seller-choices": "sellers" };
  const CHOICES = Object.keys(AREAS).map((list) => `[list=${list}]`).join(", ");
  const typed = new Map();
  async function findChoices(field) {
    const list = field.getAttribute("list");
    const choices = document.getElementById(list);
    const isChosen = [...choices.options].find((option) => option.value === field.value);
    const shown = document.querySelector(`[data-chosen-of="${CSS.escape(field.id)}"]`);
    if (shown) shown.textContent = isChosen ? isChosen.label : "";
    if (isChosen || typed.get(list) === field.value) return;
    typed.set(list, field.value);
    const answer = await fetch(`/admin/${AREAS[list]}/choices?q=${encodeURIComponent(field.value)}`).catch(() => null);
    if (answer?.ok && typed.get(list) === field.value) choices.innerHTML = await answer.text();
    const found = [...choices.options].find((option) => option.value === field.value);
    if (shown && found) shown.textContent = found.label;
  }
  // What a form begins with is an id: its name stands below from the start.
  async function nameChosen() {
    for (const field of all(CHOICES)) {
      const shown = document.querySelector(`[data-chosen-of="${CSS.escape(field.id)}"]`);
      if (field.value && shown && !shown.textContent) await findChoices(field);
    }
  }
  const takesChoice = (target) => target.matches?.(CHOICES);
  document.addEventListener("focusin", (event) => {
    if (takesChoice(event.target)) findChoices(event.target);
  });

  document.addEventListener("input", (event) => {
    if (takesChoice(event.target)) findChoices(event.target);
    if (event.target.matches?.("[data-moment]")) showHere(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("form")) showWhatCounts();
    const reader = event.target.closest?.("[data-reads]");
    if (reader?.files?.length) reader.files[0].text().then((text) => { document.querySelector(reader.dataset.reads).value = text; });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tomorrow]");
    if (!button) {
      if (event.target.closest("[data-adds]")) prepare();
      return;
    }
    const field = document.getElementById(button.dataset.tomorrow);
    const midnight = new Date();
    midnight.setHours(24, 0, 0, 0); // of the day that follows, where the reader is
    field.value = midnight.toISOString().slice(0, 19);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("htmx:afterSettle", prepare);
  prepare();
  nameChosen();
}
