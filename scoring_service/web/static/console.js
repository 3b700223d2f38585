"use strict";
// A little help where there is JavaScript; every page works without it.

// A form is sent once: the second click of a double click is dropped, the button says that it was heard. A download
// leaves the page where it is, so its form may be sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.submitter?.dataset.download !== undefined) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});

// Coming back by the Back button, a form may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
});

// The summary of what is wrong is read first.
const summary = document.querySelector(".error-summary");
if (summary) summary.focus();

// Catalogue search: typing narrows the options of the select named by data-filters.
document.querySelectorAll("input[data-filters]").forEach((input) => {
  const select = document.getElementById(input.dataset.filters);
  if (!select) return;
  input.closest("[hidden]")?.removeAttribute("hidden");
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    select.querySelectorAll("option").forEach((option) => {
      const fits = !wanted || option.textContent.toLowerCase().includes(wanted) || option.selected || !option.value;
      option.hidden = option.disabled = !fits;
    });
    select.querySelectorAll("optgroup").forEach((group) => {
      group.hidden = !group.querySelector("option:not([hidden])");
    });
  });
});

// Leaving an editor with unsaved words asks first.
document.querySelectorAll("form[data-editor]").forEach((form) => {
  let changed = form.dataset.editor === "changed";
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
