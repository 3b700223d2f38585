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

// What was left empty asks for nothing, and does not lengthen the address.
document.querySelectorAll("form[data-asks]").forEach((form) => {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) {
      if (!value && !form.querySelector(`[data-kept][name="${name}"]`)) event.formData.delete(name);
    }
  });
});

// Coming back by the Back button, a form may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  });
});

// The page that answers a form with a failure is left behind by the Back button: the form's own page is gone back to.
const origin = document.querySelector("[data-answers-a-form]");
if (origin) history.replaceState(null, "", origin.dataset.answersAForm);

// The summary of what is wrong is read first, unless the address leads to where one works.
const summary = document.querySelector(".error-summary");
if (summary && !location.hash) summary.focus();

// One more finding is added here, without asking for the page again.
document.querySelectorAll("button[data-adds]").forEach((button) => {
  const form = button.form;
  const count = form.elements.namedItem("rows");
  button.addEventListener("click", (event) => {
    const row = Number(count.value);
    if (row >= Number(button.dataset.most)) return;
    event.preventDefault();
    const template = document.getElementById(button.dataset.adds);
    const one = document.createElement("template");
    one.innerHTML = template.innerHTML.replaceAll("__ROW__", row).replaceAll("__N__", row + 1);
    document.querySelector("[data-adds-before]").before(one.content);
    count.value = row + 1;
    form.dispatchEvent(new Event("input"));
    const first = form.elements.namedItem(`findings/${row}/practitioner`);
    first.scrollIntoView({ block: "center" });
    first.focus({ preventScroll: true });
  });
});

// A person's name is completed while it is typed; what was typed travels in the body.
document.querySelectorAll("form[data-completes-at]").forEach((form) => {
  const list = document.getElementById("people");
  let waiting, latest = 0;
  const complete = async (typed) => {
    const asked = (latest += 1);
    const value = (name) => form.elements.namedItem(name).value;
    const body = new URLSearchParams({ csrf_token: value("csrf_token"), institution: value("institution"), typed });
    try {
      const answer = await fetch(form.dataset.completesAt, { method: "POST", body });
      if (!answer.ok || asked !== latest) return;
      const people = await answer.json();
      list.replaceChildren(...people.map((one) => Object.assign(new Option(one.label, one.value), { label: one.label })));
    } catch {
      // Whoever is not completed is typed to the end.
    }
  };
  form.addEventListener("input", (event) => {
    const typed = event.target.value;
    if (event.target.dataset.completes === undefined || !typed.trim()) return;
    clearTimeout(waiting);
    if (Array.from(list.options).some((one) => one.value === typed)) return;
    waiting = setTimeout(() => complete(typed), 250);
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

// Rows are ticked one by one or all at once, and counted; an act on none is not offered.
document.querySelectorAll("form[data-ticks]").forEach((form) => {
  const boxes = [...form.querySelectorAll("td input[type=checkbox]")];
  const all = form.querySelector("[data-tick-all]");
  const counted = form.querySelector("[data-ticked]");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
    counted.value = ticked ? counted.dataset.ticked.replace("__N__", ticked) : "";
    form.querySelectorAll(".tick-bar button").forEach((button) => { button.disabled = ticked === 0; });
  };
  all.closest("label").hidden = false;
  all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); });
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count);
  count();
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// What is at work is looked at again every few seconds, until it rests; a form that is open or sent is left alone.
const refreshed = async (part) => {
  await new Promise((after) => setTimeout(after, Number(part.dataset.refreshes)));
  if (part.querySelector("details[open], form[data-sent]")) return refreshed(part);
  let now = part;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    now = (answer.ok && page.getElementById(part.id)) || part;
  } catch {
    // The network may be back the next time.
  }
  if (now !== part) part.replaceWith(now);
  if (now.dataset.refreshes) return refreshed(now);
};
document.querySelectorAll("[data-refreshes]").forEach(refreshed);

// `?` opens the list of the keys, from wherever nothing is being typed; the page turns it off.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || typing || !document.body.dataset.keys) return;
  event.preventDefault();
  location.assign(document.body.dataset.keys);
});

// A browser that knows no popovers opens the explanation of a term below it.
if (!("popover" in HTMLElement.prototype)) {
  document.querySelectorAll("button.term").forEach((button) => {
    button.addEventListener("click", () => {
      document.getElementById(button.getAttribute("popovertarget")).classList.toggle("term-open");
    });
  });
}

// A stroke of `/` leads to the search box, where keys are not turned off.
document.addEventListener("keydown", (event) => {
  const box = document.querySelector("[data-finder]");
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing || !box || !document.body.dataset.keys) return;
  event.preventDefault();
  box.focus();
  box.select();
});
