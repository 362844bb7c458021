"use strict";
// The delivery city by a map: a picture to point at, and a list of the same cities for the keyboard. Both are loaded when it opens.
{
  const SVG = "http://www.w3.org/2000/svg";
  const UNIT = 20; // of the picture, to a degree
  const WEST = -170; // where the picture begins
  const WORLD = { x: WEST * UNIT, y: -1560, width: 7200, height: 2680 };
  const LARGE = 1500; // thousands of people in a city of the world's view
  const part = (name) => document.getElementById(`map-${name}`);
  const field = (name) => document.querySelector(`#basket [name="delivery_${name}"]`);
  const names = new Intl.DisplayNames(["en"], { type: "region" });
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/ı/g, "i").toLowerCase();
  let cities, svg, marks, shown = [], view = WORLD;

  async function load() {
    const { outline, cities: listed } = document.getElementById("map").dataset;
    const [picture, rows] = await Promise.all([
      fetch(outline).then((answer) => answer.text()), fetch(listed).then((answer) => answer.json())]);
    svg = document.importNode(new DOMParser().parseFromString(picture, "image/svg+xml").documentElement, true);
    marks = svg.appendChild(document.createElementNS(SVG, "g"));
    part("picture").replaceChildren(svg);
    cities = rows.map(([name, country, latitude, longitude, people]) =>
      ({ name, country, latitude, longitude, people, x: (longitude < WEST ? longitude + 360 : longitude) * UNIT, y: -latitude * UNIT, plain: plain(name) }));
    const countries = [...new Set(cities.map((city) => city.country))];
    countries.sort((one, other) => names.of(one).localeCompare(names.of(other)));
    part("country").append(...countries.map((code) => new Option(names.of(code), code)));
  }

  // The part of the world that the cities of a country lie in, with room around them.
  function viewOf(found) {
    if (!part("country").value) return WORLD;
    const [xs, ys] = [found.map((city) => city.x), found.map((city) => city.y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const width = Math.max((Math.max(...xs) - left) * 1.2, (Math.max(...ys) - top) * 2.4, 100);
    const height = width / 2;
    return { x: (left + Math.max(...xs) - width) / 2, y: (top + Math.max(...ys) - height) / 2, width, height };
  }

  function show(chosen = null) {
    const country = part("country").value;
    const wanted = plain(part("find").value.trim());
    const all = cities.filter((city) => (country ? city.country === country : wanted || city.people >= LARGE));
    shown = all.filter((city) => city.plain.includes(wanted)).sort((one, other) => one.plain.localeCompare(other.plain));
    view = viewOf(all);
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    part("cities").replaceChildren(...shown.map((city, index) =>
      new Option(country ? city.name : `${city.name}, ${names.of(city.country)}`, index, false, city === chosen)));
    draw();
  }

  function draw() {
    const chosen = shown[part("cities").value];
    const step = view.width / Math.max(svg.clientWidth, 1); // of a pixel
    const circles = shown.map((city) => {
      const mark = document.createElementNS(SVG, "circle");
      for (const [name, value] of Object.entries({ cx: city.x, cy: city.y, r: step * (city === chosen ? 7 : 4) })) mark.setAttribute(name, value);
      if (city === chosen) mark.setAttribute("class", "chosen");
      return mark;
    });
    marks.replaceChildren(...circles);
    if (chosen) {
      marks.append(circles[shown.indexOf(chosen)]); // above the others
      const text = document.createElementNS(SVG, "text");
      const isRight = chosen.x > view.x + view.width * 0.7;
      text.setAttribute("x", chosen.x + step * (isRight ? -11 : 11));
      text.setAttribute("y", chosen.y + step * 5);
      text.setAttribute("font-size", step * 14);
      text.setAttribute("stroke-width", step * 4);
      text.setAttribute("text-anchor", isRight ? "end" : "start");
      text.textContent = chosen.name;
      marks.append(text);
    }
    part("take").disabled = !chosen;
    part("status").textContent = chosen
      ? `${chosen.name}, ${names.of(chosen.country)}: ${chosen.latitude}, ${chosen.longitude}`
      : shown.length ? "" : "No city of that name is on the map.";
  }

  function pointAt(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const far = (city) => Math.hypot(city.x - at.x, city.y - at.y);
    const nearest = shown.reduce((best, city, index) => (best < 0 || far(city) < far(shown[best]) ? index : best), -1);
    if (nearest < 0) return;
    part("cities").value = nearest;
    part("cities").selectedOptions[0].scrollIntoView({ block: "nearest" });
    draw();
  }

  function take() {
    const city = shown[part("cities").value];
    if (!city) return;
    for (const name of ["city", "country", "latitude", "longitude"]) field(name).value = city[name === "city" ? "name" : name];
    field("district").value = ""; // of another city
    field("latitude").dataset.ofMap = "";
    document.getElementById("map").close();
    field("city").form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function open() {
    document.getElementById("map").showModal();
    try {
      if (!cities) await load();
    } catch {
      part("status").textContent = "The map could not be loaded. Close it and try again.";
      return;
    }
    const country = field("country").value.trim().toUpperCase();
    part("find").value = "";
    part("country").value = cities.some((city) => city.country === country) ? country : "";
    const name = plain(field("city").value.trim());
    show(cities.find((city) => city.country === country && city.plain === name));
    part("cities").focus();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-map]")) open();
    else if (event.target.closest("#map-picture")) pointAt(event);
    else if (event.target.closest("#map-take")) take();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "map-cities" || event.key !== "Enter") return;
    event.preventDefault(); // or it would press the button that opened the map, which is in focus again
    take();
  });
  document.addEventListener("input", (event) => {
    if (event.target.id === "map-country" || event.target.id === "map-find") show();
    if (event.target.id === "map-cities") draw();
    // The place of another city is not that of the one that is written now.
    if (event.target === field("city") && field("latitude").dataset.ofMap !== undefined) {
      delete field("latitude").dataset.ofMap;
      field("latitude").value = field("longitude").value = "";
    }
  });
  document.getElementById("map").addEventListener("change", (event) => event.stopPropagation());
  addEventListener("resize", () => { if (document.getElementById("map").open && cities) draw(); });
}
