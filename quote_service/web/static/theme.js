// Runs before anything is drawn, so that no page flashes in the other colours.
const theme = localStorage.getItem("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
