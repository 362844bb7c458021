"use strict";
// What every page does by itself: the viewer's own time, keys, menus, copying, and what became of a request.

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

// Instants come in UTC; people read them in their own zone, or in the one that they chose, with UTC as the title.
function formatOf(timeZone) {
  const style = { dateStyle: "medium", timeStyle: "short" };
  try {
    return new Intl.DateTimeFormat(undefined, timeZone ? { ...style, timeZone } : style);
  } catch {
    return new Intl.DateTimeFormat(undefined, style);  // a zone that this browser does not know
  }
}
function localTimes(within) {
  const format = formatOf(document.body.dataset.timeZone);
  for (const time of findAll("time[datetime]:not([data-local])", within)) {
    const instant = new Date(time.dateTime);
    if (Number.isNaN(instant.getTime())) continue;
    time.textContent = format.format(instant);
    time.dataset.local = "";
  }
}

function notice(text, kind = "") {
  const shown = document.createElement("div");
  shown.className = `notice ${kind}`;
  shown.textContent = text;
  find("#notices").append(shown);
  setTimeout(() => shown.remove(), kind === "bad" ? 12000 : 5000);
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

// Keys: `/` and `?` at once, `g` and then a letter.
let waitsForLetter = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || find("dialog[open]")) return;
  if (waitsForLetter) {
    waitsForLetter = false;
    const link = find(`.menu a[data-letter="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
    return;
  }
  if (event.key === "g") {
    waitsForLetter = true;
    setTimeout(() => { waitsForLetter = false; }, 1500);
  } else if (event.key === "/" && find("#go")) {
    event.preventDefault();
    openGo();
  } else if (event.key === "?" && find("#help")) {
    event.preventDefault();
    find("#help").showModal();
  }
});

function openGo() {
  find("#go").showModal();
  find("#go-text").value = "";
  showChoices("");
}
function showChoices(text) {
  const wanted = text.trim().toLowerCase();
  const links = findAll(".menu a").filter((link) => link.textContent.toLowerCase().includes(wanted));
  find("#go-list").replaceChildren(...links.map((link, index) => {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(index === 0));
    item.id = `go-${index}`;
    const choice = document.createElement("a");
    choice.href = link.href;
    choice.textContent = link.textContent;
    choice.tabIndex = -1;
    item.append(choice);
    return item;
  }));
  if (links.length) find("#go-text").setAttribute("aria-activedescendant", "go-0");
  else find("#go-text").removeAttribute("aria-activedescendant");
}
function moveChoice(step) {
  const items = findAll("#go-list [role=option]");
  if (!items.length) return;
  const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = (now + step + items.length) % items.length;
  items.forEach((item, index) => item.setAttribute("aria-selected", String(index === next)));
  find("#go-text").setAttribute("aria-activedescendant", items[next].id);
  items[next].scrollIntoView({ block: "nearest" });
}
document.addEventListener("input", (event) => {
  if (event.target.id === "go-text") showChoices(event.target.value);
  if (event.target.dataset.shows) find(`#${event.target.dataset.shows}`).textContent = event.target.value;
});
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "go-text") return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    moveChoice(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    find("#go-list [aria-selected=true] a")?.click();
  }
});

document.addEventListener("click", async (event) => {
  const target = event.target;
  if (target.closest("[data-search]")) openGo();
  if (target.closest("[data-help]")) find("#help").showModal();
  const menuButton = target.closest("[data-menu]");
  if (menuButton) {
    const isOpen = find(".menu").classList.toggle("open");
    menuButton.setAttribute("aria-expanded", String(isOpen));
  }
  if (target.closest("[data-theme-switch]")) {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme || (isDark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  }
  const copied = target.closest("[data-copy], [data-copy-from]");
  if (copied) {
    const text = copied.dataset.copy ?? find(copied.dataset.copyFrom).textContent;
    try { await navigator.clipboard.writeText(text); notice("Copied", "good"); }
    catch { notice("The browser did not let the page copy", "bad"); }
  }
  if (target.closest("[data-closes]")) target.closest("dialog").close();
  const opener = target.closest("[data-opens]");
  if (opener) find(`#${opener.dataset.opens}`).showModal();
  const adder = target.closest("[data-adds]");
  if (adder) addCopy(adder.dataset.adds, adder.dataset.to);
  const remover = target.closest("[data-removes]");
  if (remover) {
    const form = remover.closest("form");
    remover.closest(remover.dataset.removes).remove();
    form?.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const tab = target.closest("[role=tab]");
  if (tab) selectTab(tab);
  const person = find(".person[open]");
  if (person && !person.contains(target)) person.open = false;
});

// A row more, from a template of the page. Its fields get a number that no row has had.
let rowsMade = 0;
function addCopy(template, container) {
  const made = document.createElement("template");
  rowsMade += 1;
  made.innerHTML = find(`#${CSS.escape(template)}`).innerHTML.replaceAll("__row__", `n${rowsMade}`);
  find(`#${CSS.escape(container)}`).append(made.content);
  window.htmx?.process(find(`#${CSS.escape(container)}`));
  find(`#${CSS.escape(container)}`).lastElementChild?.querySelector("input, select")?.focus();
}

function selectTab(tab) {
  for (const other of findAll("[role=tab]", tab.closest("[role=tablist]"))) {
    const isChosen = other === tab;
    other.setAttribute("aria-selected", String(isChosen));
    other.tabIndex = isChosen ? 0 : -1;
    find(`#${other.getAttribute("aria-controls")}`).hidden = !isChosen;
  }
}
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tab]");
  if (!tab || (event.key !== "ArrowRight" && event.key !== "ArrowLeft")) return;
  const tabs = findAll("[role=tab]", tab.closest("[role=tablist]"));
  const next = tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : -1) + tabs.length) % tabs.length];
  selectTab(next);
  next.focus();
});

// A refusal is shown where the answer would have been; what could not be sent at all is said.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) { event.detail.shouldSwap = true; event.detail.isError = false; }
});
document.addEventListener("htmx:sendError", () => notice("The service cannot be reached. Nothing was changed.", "bad"));
document.addEventListener("htmx:timeout", () => notice("The service did not answer in time.", "bad"));
document.addEventListener("htmx:afterSwap", (event) => {
  localTimes(event.detail.target.parentElement ?? document);
  setClock(event.detail.target);
});

// Time that is left, by the clock of the server: that of the viewer may be wrong.
let ahead = 0;
function countDown() {
  for (const shown of findAll("[data-until]")) {
    const left = Math.max(0, Math.round((new Date(shown.dataset.until) - Date.now() - ahead) / 1000));
    if (left > 60 * 86400) continue; // the day says more
    const [days, hours, minutes, seconds] = [86400, 3600, 60, 1].map((unit, index) => Math.floor(left / unit) % [Infinity, 24, 60, 60][index]);
    const two = (figure) => String(figure).padStart(2, "0");
    shown.textContent = `${shown.dataset.prefix ?? ""}${days ? `${days} d ` : ""}${two(hours)}:${two(minutes)}:${two(seconds)}`;
  }
}
function setClock(within = document) {
  const shown = find("[data-now]", within);
  if (shown) ahead = new Date(shown.dataset.now) - Date.now();
  countDown();
}

localTimes(document);
setClock();
setInterval(countDown, 1000);
find("[data-focus]")?.focus();
