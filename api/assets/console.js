// What pages cannot do without a script: copy a secret, warn before it is left behind, close a menu.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // Without https there is no clipboard: select it, so that one key copies it.
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
      button.textContent = "Selected: copy it now";
    }
  });
}

if (document.querySelector("[data-secret]")) {
  const warn = (event) => event.preventDefault();
  addEventListener("beforeunload", warn);
  for (const link of document.querySelectorAll("[data-leave]")) {
    link.addEventListener("click", () => removeEventListener("beforeunload", warn));
  }
}

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
