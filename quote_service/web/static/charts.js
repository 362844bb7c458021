"use strict";
// Charts that can be pointed at: by the pointer, by touch, and by the arrow keys as a slider over its columns.
(() => {
  const bars = (chart) => [...chart.querySelectorAll("rect")];
  function point(chart, index) {
    const all = bars(chart);
    const at = Math.min(all.length - 1, Math.max(0, index));
    if (!all.length) return;
    const text = all[at].querySelector("title").textContent;
    all.forEach((bar, other) => bar.classList.toggle("pointed", other === at));
    chart.setAttribute("aria-valuenow", String(at));
    chart.setAttribute("aria-valuetext", text);
    chart.closest("section").querySelector("[data-readout]").textContent = text;
  }
  document.addEventListener("pointermove", (event) => {
    const chart = event.target.closest?.("[data-chart]");
    if (!chart) return;
    const box = chart.getBoundingClientRect();
    const width = chart.querySelector("svg").viewBox.baseVal.width;
    const x = ((event.clientX - box.left) / box.width) * width;
    point(chart, bars(chart).findLastIndex((bar) => bar.x.baseVal.value <= x));
  });
  document.addEventListener("keydown", (event) => {
    const chart = event.target.closest?.("[data-chart]");
    if (!chart) return;
    const now = Number(chart.getAttribute("aria-valuenow"));
    const isPointed = chart.querySelector(".pointed") !== null;
    const next = { ArrowRight: now + 1, ArrowUp: now + 1, ArrowLeft: now - 1, ArrowDown: now - 1, Home: 0, End: bars(chart).length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    point(chart, isPointed ? next : event.key === "Home" ? 0 : bars(chart).length - 1);
  });
})();
