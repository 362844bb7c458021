"use strict";
// Keeps parts of a page current. [data-stream] says from where; [data-live=NAME] is what becomes the part of that name.
(() => {
  const root = document.querySelector("[data-stream]");
  if (!root) return;
  const drawn = new WeakMap();
  const pause = find("[data-live-pause]");
  let source = null;
  let timer = 0;
  let failures = 0;
  let isOver = false;

  const state = document.createElement("p");
  state.className = "live-state";
  state.hidden = true;
  // Within the region that the page has from its beginning, so that it is read out.
  find("#notices").prepend(state);

  function say(text) {
    root.dataset.state = text ? "lost" : "open";
    if (state.textContent === text && state.hidden === !text) return;
    state.textContent = text;
    state.hidden = !text;
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function connect() {
    close();
    if (isOver || document.hidden || pause?.getAttribute("aria-pressed") === "true") return;
    source = new EventSource(root.dataset.stream);
    source.addEventListener("open", () => { failures = 0; say(""); });
    source.addEventListener("part", (event) => show(event.data));
    source.addEventListener("again", () => { close(); timer = setTimeout(connect, 50 + Math.random() * 200); });
    source.addEventListener("signed-out", () => {
      isOver = true;
      close();
      say("You have been signed out. ");
      const link = document.createElement("a");
      link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
      link.textContent = "Sign in again";
      state.append(link);
    });
    // The browser gives up on an answer that is no stream, so it is not left to it to come back.
    source.addEventListener("error", () => {
      close();
      failures += 1;
      say("Connection lost, trying again…");
      timer = setTimeout(connect, Math.min(15000, 500 * 2 ** Math.min(failures, 5)) * (0.75 + Math.random() / 2));
    });
  }

  function show(text) {
    const end = text.indexOf("\n");
    const name = end < 0 ? text : text.slice(0, end);
    const html = end < 0 ? "" : text.slice(end + 1);
    for (const part of findAll(`[data-live="${CSS.escape(name)}"]`)) {
      if (drawn.get(part) === html) continue;
      if (part.querySelector("details[open] form")) continue; // somebody fills it in; what comes next shows this too
      drawn.set(part, html);
      parts.replace(part, () => {
        part.innerHTML = html;
        localTimes(part);
        window.htmx?.process(part);
        setClock(part); // an instant of another part is older than this event
      });
    }
  }

  // A page that nobody sees needs no connection: browsers have six for all pages of a host.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : connect()));
  addEventListener("pagehide", close);
  pause?.addEventListener("click", () => {
    pause.setAttribute("aria-pressed", String(pause.getAttribute("aria-pressed") !== "true"));
    connect();
  });
  connect();
})();
