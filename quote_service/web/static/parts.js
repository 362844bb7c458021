"use strict";
// Parts of a page that are replaced while somebody presses and types in them: no press is lost, and nothing that was typed.
// A part waits for as long as something in it is held down; what was changed in it, and no request has said yet, is carried over.
const parts = (() => {
  const PATIENCE_MS = 10000;
  const FIELDS = "input:not([type=hidden], [type=file]), select, textarea";
  const waiting = new Map();
  const said = new WeakMap(); // what the last request said of a field
  const typing = new WeakSet(); // fields whose change is carried over, and not over yet
  const saving = new Set();
  let pressed = null;
  let leavesFor = "";

  const valueOf = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return String(field.checked);
    return field.multiple ? [...field.selectedOptions].map((option) => option.value).join("\n") : field.value;
  };
  const drawnOf = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return String(field.defaultChecked);
    if (field.tagName !== "SELECT") return field.defaultValue;
    const drawn = [...field.options].filter((option) => option.defaultSelected).map((option) => option.value);
    return drawn.length || field.multiple ? drawn.join("\n") : field.options[0]?.value ?? "";
  };
  const isChanged = (field) => valueOf(field) !== (said.get(field) ?? drawnOf(field));

  function give(field, value) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = value === "true";
    else if (field.multiple) for (const option of field.options) option.selected = value.split("\n").includes(option.value);
    else field.value = value;
  }

  // What a control is called, wherever it is drawn again: its id, or the how manieth of its name it is in its form.
  function nameOf(control) {
    if (control.id) return `#${control.id}`;
    const alike = [...(control.form?.elements ?? [])].filter((other) => other.name === control.name && other.tagName === control.tagName);
    return [control.form?.getAttribute("action"), control.tagName, control.name, alike.indexOf(control)].join(" ");
  }

  // Notes what people have done in a part; what is answered puts it into that which has come in its place.
  function keep(part) {
    const within = part.parentElement ?? part;
    const fields = findAll(FIELDS, part).filter(isChanged).map((field) => [field, nameOf(field), valueOf(field), field === document.activeElement]);
    const wanted = findAll("input[data-wanted]", part).filter((field) => !said.has(field));
    const forms = wanted.map((field) => field.form.getAttribute("action"));
    const opened = findAll("details[open]", part).map((details) => findAll("details", part).indexOf(details));
    const focus = part.contains(document.activeElement) ? document.activeElement : null;
    const focused = focus?.matches("button, input, select, textarea") ? nameOf(focus) : "";
    return () => {
      if (fields.some(([field]) => field.isConnected) || focus?.isConnected) return; // it was left as it is
      const now = new Map(findAll("button, input, select, textarea", within).map((control) => [nameOf(control), control]));
      for (const index of opened) {
        const details = findAll("details", within)[index];
        if (details) details.open = true;
      }
      if (focused && document.activeElement === document.body) now.get(focused)?.focus({ preventScroll: true });
      const changed = new Set();
      for (const [, name, value, isFocused] of fields) {
        const field = now.get(name);
        if (!field || valueOf(field) === value) continue;
        give(field, value);
        if (isFocused && field.matches("textarea, input:not([type=checkbox], [type=radio])")) typing.add(field);
        else changed.add(field);
      }
      wanted.forEach((field, place) => {
        const form = findAll("form", within).find((each) => each.getAttribute("action") === forms[place]);
        form?.append(field);
        if (form) changed.add(field);
      });
      for (const field of changed) field.dispatchEvent(new Event("change", { bubbles: true }));
    };
  }

  // Replaces a part, now or once nothing in it is held down; of several replacements that wait the last is done.
  function replace(part, work) {
    if (pressed !== null && part.contains(pressed)) {
      waiting.set(part, work);
      return;
    }
    waiting.delete(part);
    const restore = keep(part);
    work();
    restore();
  }

  function release() {
    pressed = null;
    const due = [...waiting];
    waiting.clear();
    for (const [part, work] of due) if (part.isConnected) replace(part, work);
  }
  // A click comes after the pointer is up, of a finger a little later, and belongs to what was pressed.
  let letGo = 0;
  const releaseIn = (milliseconds) => { clearTimeout(letGo); letGo = setTimeout(release, milliseconds); };
  const hold = (event) => { clearTimeout(letGo); pressed = event.target; };
  addEventListener("pointerdown", hold, true);
  addEventListener("keydown", (event) => { if (event.key === " " && event.target.matches?.("button, summary, input")) hold(event); }, true);
  for (const up of ["pointerup", "pointercancel"]) addEventListener(up, () => releaseIn(400), true);
  for (const over of ["click", "keyup", "dragend"]) addEventListener(over, () => { if (pressed) releaseIn(0); }, true);
  addEventListener("blur", (event) => { if (event.target === window) releaseIn(0); });

  // What an answer replaces: the attributes of htmx that these pages use.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, elt, shouldSwap, serverResponse } = event.detail;
    const style = elt.closest("[hx-swap]")?.getAttribute("hx-swap") ?? "innerHTML";
    if (!shouldSwap || style === "beforeend") return;
    if (pressed === null || !target.contains(pressed)) {
      // What is chosen in a select asks for fields of another kind. The answer is drawn in this task, before anything else happens.
      if (!elt.matches("select")) queueMicrotask(keep(target));
      return;
    }
    event.detail.shouldSwap = false;
    const select = elt.closest("[hx-select]")?.getAttribute("hx-select");
    waiting.set(target, () => window.htmx.swap(target, serverResponse, { swapStyle: style, swapDelay: 0, settleDelay: 0 }, { select, eventInfo: { target } }));
  });

  // What is sent is said, and needs not be carried over; until its answer is here a link of the page waits for it.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.elt.matches("form")) return;
    for (const field of event.detail.elt.elements) if (field.matches(`${FIELDS}, [data-wanted]`)) said.set(field, valueOf(field));
  });
  const isSaving = () => saving.size > 0 || findAll("form[data-saves=changes]").some((form) => findAll(FIELDS, form).some(isChanged));
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.elt.closest("form[data-saves]")) return;
    const { xhr } = event.detail;
    saving.add(xhr);
    xhr.addEventListener("loadend", () => {
      saving.delete(xhr);
      if (leavesFor && !isSaving()) location.href = leavesFor;
    });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (!isSaving()) return;
    event.preventDefault();
    leavesFor = link.href;
    setTimeout(() => { if (leavesFor) location.href = leavesFor; }, PATIENCE_MS);
  });
  document.addEventListener("htmx:validation:halted", () => { leavesFor = ""; }); // the browser says what cannot be sent

  // A step of a number, and what is wanted beside the fields, become values of the form: one request says all that was pressed.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-steps], [data-wants]");
    if (!button) return;
    event.preventDefault();
    button.removeAttribute("name"); // htmx would send it beside them
    let changed;
    if (button.dataset.steps) {
      changed = find(`#${CSS.escape(button.dataset.steps)}`);
      changed.value = Math.min(changed.max, Math.max(changed.min, Number(changed.value) + Number(button.dataset.by)));
    } else {
      changed = Object.assign(document.createElement("input"), { type: "hidden", name: button.dataset.wants, value: button.value });
      changed.dataset.wanted = "";
      button.form.append(changed);
    }
    changed.dispatchEvent(new Event("change", { bubbles: true }));
  });

  document.addEventListener("input", (event) => typing.delete(event.target));
  document.addEventListener("change", (event) => typing.delete(event.target));
  // The browser knows nothing of what was carried over into a field, and says nothing when it is left.
  document.addEventListener("focusout", (event) => {
    if (typing.has(event.target)) event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });

  return { replace };
})();
