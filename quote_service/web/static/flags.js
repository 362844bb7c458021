"use strict";
// The slider and the number of a share are one.
document.addEventListener("input", (event) => {
  const other = document.getElementById(event.target.dataset.with ?? "");
  if (other) other.value = other.type === "range" && event.target.value === "" ? 100 : event.target.value.replace(",", ".");
});
