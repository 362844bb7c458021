"use strict";
// The API reference: Swagger UI over the service's own description, in the colours of the other pages. What it lacks is added:
// samples of each operation, and answers with the digits that came (it would show 51.00 as 51).

const LANGUAGE = "sample-language";

function setColours() {
  const chosen = document.documentElement.dataset.theme;
  const isDark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark-mode", isDark);
}
setColours();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", setColours);
new MutationObserver(setColours).observe(document.documentElement, { attributeFilter: ["data-theme"] });

// A document of JSON with its lines broken, and nothing else about it changed: numbers keep their digits.
function brokenIntoLines(text) {
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  return tokens.map((token, index) => {
    if (token === "{" || token === "[") {
      if (tokens[index + 1] === "}" || tokens[index + 1] === "]") return token;
      depth += 1;
      return token + line();
    }
    if (token === "}" || token === "]") {
      if (tokens[index - 1] === "{" || tokens[index - 1] === "[") return token;
      depth -= 1;
      return line() + token;
    }
    if (token === ",") return token + line();
    return token === ":" ? ": " : token;
  }).join("");
}

function additions(system) {
  const make = system.React.createElement;

  function Samples({ samples, id }) {
    const kept = localStorage.getItem(LANGUAGE);
    const chosen = samples.some((sample) => sample.label === kept) ? kept : samples[0].label;
    const tab = (sample) => make("button", {
      key: sample.label, type: "button", role: "tab", id: `${id}-${sample.label}-tab`, "aria-controls": `${id}-${sample.label}`,
      "aria-selected": sample.label === chosen, tabIndex: sample.label === chosen ? 0 : -1, "data-language": sample.label,
    }, sample.label);
    const panel = (sample) => make("div", {
      key: sample.label, role: "tabpanel", id: `${id}-${sample.label}`, "aria-labelledby": `${id}-${sample.label}-tab`, hidden: sample.label !== chosen,
    }, make("pre", { tabIndex: 0 }, sample.source), make("button", { type: "button", "data-copy": sample.source }, "Copy"));
    return make("div", { className: "samples" },
      make("h4", null, "Call it from your program"),
      make("div", { className: "tabs", role: "tablist", "aria-label": "Language" }, samples.map(tab)), samples.map(panel));
  }

  // Its own layout begins with a title page, and has a `main` of its own.
  function ReferenceLayout({ getComponent }) {
    const [Icons, Authorize, Operations, Models] = ["SvgAssets", "AuthorizeBtnContainer", "operations", "Models"].map((name) => getComponent(name, true));
    return make("div", { className: "swagger-ui" },
      make(Icons), make("div", { className: "scheme-container" }, make(Authorize)), make(Operations), make(Models));
  }

  return {
    components: { ReferenceLayout },
    statePlugins: { layout: { wrapActions: { show: (original) => (thing, isShown) => {
      if (isShown && thing[0] === "operations") history.replaceState(null, "", addressOf(thing[1], thing[2]));
      return original(thing, isShown);
    } } } },
    wrapComponents: {
      TextArea: (Original) => (props) => make(Original, { "aria-label": "Request body", ...props }),
      responses: (Original) => (props) => {
        const operation = props.specSelectors.specJson().getIn(["paths", props.path, props.method]);
        const samples = operation?.get("x-codeSamples")?.toJS();
        return make(system.React.Fragment, null,
          samples ? make(Samples, { samples, id: operation.get("operationId") }) : null, make(Original, props));
      },
      responseBody: (Original) => (props) => {
        if (!/json/i.test(props.contentType ?? "") || typeof props.content !== "string" || !props.content) return make(Original, props);
        const Code = props.getComponent("HighlightCode", true);
        return make("div", null, make("h5", null, "Response body"),
          make(Code, { language: "json", canCopy: true, downloadable: true, fileName: "answer.json" }, brokenIntoLines(props.content)));
      },
    },
  };
}

const addressOf = (tag, id) => `#/${encodeURIComponent(tag)}/${id}`;

// Opens and shows the operation that the address names.
function follow(system) {
  const [tag, id] = location.hash.replace(/^#\//, "").split("/").map(decodeURIComponent);
  if (!id) return;
  for (const thing of [["operations-tag", tag], ["operations", tag, id]]) system.layoutActions.show(thing, true);
  const element = `operations-${tag.replaceAll(" ", "_")}-${id}`;
  // It stands there once the change has been drawn.
  requestAnimationFrame(() => setTimeout(() => document.getElementById(element)?.scrollIntoView()));
}

async function showReference() {
  const place = document.querySelector("#reference");
  let spec;
  try {
    const answer = await fetch(place.dataset.description);
    if (!answer.ok) throw new Error(String(answer.status));
    spec = await answer.json();
  } catch {
    const state = document.querySelector("#reference-state");
    state.className = "notice bad";
    state.textContent = "The description cannot be read now. Load the page again.";
    return;
  }
  const shown = document.createElement("div");
  const ui = SwaggerUIBundle({
    domNode: shown,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    docExpansion: "none",
    layout: "ReferenceLayout",
    persistAuthorization: false,
    plugins: [additions],
    presets: [SwaggerUIBundle.presets.apis],
    validatorUrl: null,
  });
  // Handed over as it was read: as an option, it would be written as text and read again as YAML, which takes seconds.
  const system = ui.getSystem();
  system.specActions.updateLoadingStatus("success");
  system.specActions.updateJsonSpec(spec);
  place.replaceChildren(shown);
  setTimeout(() => follow(system));
  addEventListener("hashchange", () => follow(system));
}

// The index: found by name, method or path; whoever follows a link again is led there again.
function showFound(text) {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let isAny = false;
  for (const group of document.querySelectorAll("[data-group]")) {
    let found = 0;
    for (const link of group.querySelectorAll("a")) {
      const shown = `${link.title} ${link.textContent} ${group.firstElementChild.textContent}`.toLowerCase();
      const isFound = words.every((word) => shown.includes(word));
      link.parentElement.hidden = !isFound;
      found += isFound;
    }
    group.hidden = found === 0;
    group.open = words.length > 0 && found > 0;
    isAny ||= found > 0;
  }
  document.querySelector("#found-none").hidden = isAny;
}
document.querySelector("#find-operation").addEventListener("input", (event) => showFound(event.target.value));
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.querySelector("#find-operation").focus();
});
document.addEventListener("click", (event) => {
  const language = event.target.closest?.("[data-language]");
  if (language) localStorage.setItem(LANGUAGE, language.dataset.language);
  const link = event.target.closest?.(".menu a");
  if (!link) return;
  for (const other of document.querySelectorAll(".menu a[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  document.querySelector(".menu").classList.remove("open");
  if (link.hash === location.hash) dispatchEvent(new HashChangeEvent("hashchange"));
});
const current = document.querySelector(`.menu a[href="${CSS.escape(location.hash)}"]`);
if (current) { current.setAttribute("aria-current", "true"); current.closest("details").open = true; }
showReference();
