// Ctrl or Cmd and K: search everything, and go there by the keyboard. The field is a
// combobox, and what the server finds is its list; without script the same link leads to
// a page that says the same.
(function () {
  "use strict";
  var dialog = document.getElementById("palette");
  if (!dialog) {
    return; // nobody has signed in
  }
  var field = dialog.querySelector("input[name=q]"), list = document.getElementById("palette-list");
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) {
    document.querySelectorAll("[data-palette] kbd").forEach(function (key) { key.textContent = "⌘K"; });
  }
  var options = function () { return Array.prototype.slice.call(list.querySelectorAll("[role=option]:not([aria-disabled])")); };
  var at = function () { return document.getElementById(field.getAttribute("aria-activedescendant")); };
  var choose = function (option) {
    var before = at();
    if (before) {
      before.setAttribute("aria-selected", "false");
    }
    field.removeAttribute("aria-activedescendant");
    if (option) {
      option.setAttribute("aria-selected", "true");
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  };
  var go = function (option) {
    if (option && option.dataset.href) {
      dialog.close();
      location.assign(option.dataset.href);
    }
  };
  var open = function () {
    if (document.querySelector("dialog[open]")) {
      return;
    }
    field.value = "";
    list.replaceChildren();
    choose(null);
    dialog.showModal();
    field.focus();
    window.htmx.trigger(field, "look");
  };
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) {
        dialog.close();
      } else {
        open();
      }
    }
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-keys]") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      document.getElementById("keys").showModal();
    }
    if (event.target.closest("[data-palette]") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open();
    }
  });
  list.addEventListener("click", function (event) { go(event.target.closest("[role=option]")); });
  // What was found for what is typed: the first is chosen.
  list.addEventListener("htmx:afterSwap", function () { choose(options()[0]); });
  // Enter before the answer has come goes where the answer leads.
  var waits = false;
  field.addEventListener("input", function () { waits = false; });
  document.addEventListener("htmx:afterSettle", function (event) {
    if (waits && event.detail.target === list) {
      waits = false;
      go(at());
    }
  });
  field.addEventListener("keydown", function (event) {
    var all = options(), here = all.indexOf(at());
    var steps = { ArrowDown: here + 1, ArrowUp: here < 0 ? all.length - 1 : here - 1, PageDown: Math.min(here + 6, all.length - 1), PageUp: Math.max(here - 6, 0) };
    if (event.key in steps && all.length) {
      event.preventDefault();
      choose(all[(steps[event.key] + all.length) % all.length]);
    }
  });
  field.form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (field.value === field.dataset.found) {
      go(at());
    } else {
      waits = true;
      window.htmx.trigger(field, "look");
    }
  });
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.detail.elt === field) {
      field.dataset.asked = field.value;
    }
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target === list) {
      field.dataset.found = field.dataset.asked;
    }
  });
})();
