// What pages cannot do without a script: copy a secret, warn before it is left behind, close a menu, show the fields that
// belong to a choice, send a form once, read the code of an invitation.
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

for (const choice of document.querySelectorAll("[data-shows]")) {
  const show = () => {
    for (const part of document.querySelectorAll(`[data-shown-by="${choice.id}"]`)) {
      part.hidden = part.dataset.when !== choice.value;
    }
  };
  choice.addEventListener("change", show);
  show();
}

// The server makes one change of a form that is sent twice; this only saves the second way.
for (const form of document.querySelectorAll("[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) delete form.dataset.sent;
});

const join = document.querySelector("[data-join]");
if (join && location.hash.length > 1) {
  const code = location.hash.slice(1);
  try {
    join.elements.code.value = decodeURIComponent(code);
  } catch {
    // No code that was sent has a percent sign that stands for nothing: the server says so.
    join.elements.code.value = code;
  }
  history.replaceState(null, "", location.pathname);
}
