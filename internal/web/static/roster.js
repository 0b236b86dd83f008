// What pages gain where there is script: dialogs, keys, menus that close, and
// rows that are selected in ranges. Everything else is plain forms and links.
(function () {
  "use strict";
  var $ = function (selector, from) { return (from || document).querySelector(selector); };
  var $$ = function (selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); };

  // Dialogs: what htmx puts into #dialog opens it, and what is said on the page
  // behind it closes it.
  document.addEventListener("htmx:afterSwap", function (event) {
    var target = event.detail.target;
    var dialog = $("#dialog");
    if (target.id === "notices" && dialog.open) {
      dialog.close();
    }
    if (target !== dialog) {
      return;
    }
    var heading = $("h1", target);
    if (heading) {
      target.setAttribute("aria-label", heading.textContent);
    }
    if (!target.open) {
      target.showModal();
    }
  });
  document.addEventListener("click", function (event) {
    var closer = event.target.closest("[data-close]");
    var dialog = event.target.closest("dialog");
    if (dialog && (closer || event.target === dialog)) {
      event.preventDefault();
      dialog.close();
    }
    $$("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) {
        if (menu.contains(document.activeElement)) { // a dialog that it opened has just closed
          $("summary", menu).focus();
        }
        menu.open = false;
      }
    });
  });

  // What is to be copied goes to the clipboard where the browser lets it, and is
  // selected in any case.
  document.addEventListener("click", function (event) {
    var copy = event.target.closest("[data-copy]");
    if (!copy) {
      return;
    }
    var text = $(".secret", copy.parentElement);
    getSelection().selectAllChildren(text);
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text.textContent).then(function () { copy.textContent = copy.dataset.text; }, function () {});
    }
  });

  // A form is sent once; htmx and the server see to the same.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
    }
    form.dataset.sent = "1";
  });
  addEventListener("pageshow", function (event) {
    if (event.persisted) {
      $$("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    }
  });

  document.addEventListener("htmx:beforeRequest", function () {
    var alert = $("#notices .alert-danger");
    if (alert) {
      alert.remove();
    }
  });

  // A field that says what it goes with chooses it: dates, "these dates".
  document.addEventListener("input", function (event) {
    var choice = event.target.dataset.checks;
    if (choice) {
      document.getElementById(choice).checked = true;
    }
  });

  // Selecting: ticked boxes are counted at once; the server counts again when
  // the view is loaded.
  var boxes = function () { return $$("input[data-pick]"); };
  var count = function () {
    var bar = $("[data-bar]");
    if (!bar) {
      return;
    }
    var words = $("[data-words]", bar);
    var n = Number(words.dataset.count);
    var all = boxes();
    all.forEach(function (box) {
      box.closest("tr").classList.toggle("chosen", box.checked);
      n += Number(box.checked) - Number(box.defaultChecked);
    });
    var matching = Number(words.dataset.matching);
    var root = document.documentElement, number = function (n) { return n.toLocaleString(root.dataset.numbers); };
    var forms = JSON.parse(words.dataset.forms);
    var some = forms[new Intl.PluralRules(root.lang).select(n)] || forms.other;
    var text = words.dataset.all ? (n === matching ? words.dataset.all : words.dataset.allBut) : some;
    words.textContent = text.replace("{n}", number(n)).replace("{x}", number(matching - n));
    bar.toggleAttribute("data-nobody", n === 0);
    var page = $("[data-pick-page]");
    if (page) {
      var on = all.filter(function (box) { return box.checked; }).length;
      page.checked = on > 0 && on === all.length;
      page.indeterminate = on > 0 && on < all.length;
    }
  };
  var last = null;
  document.addEventListener("click", function (event) {
    var box = event.target;
    if (box.matches("input[data-pick]")) {
      var all = boxes();
      if (event.shiftKey && last && all.indexOf(last) >= 0) {
        var from = all.indexOf(last), to = all.indexOf(box);
        all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(function (other) { other.checked = box.checked; });
      }
      last = box;
      count();
      picked();
      remember();
    } else if (box.matches("[data-pick-page]")) {
      boxes().forEach(function (other) { other.checked = box.checked; });
      count();
      picked();
      remember();
    }
  });
  // Where the focus goes when what had it is gone from the list, so that the
  // keyboard does not start over: the way back in the bar, or the list's head.
  var land = function (element) {
    if (element) {
      element.tabIndex = element.href ? 0 : -1;
      element.focus({ preventScroll: true });
    }
  };
  // What is ticked while the list is on its way is ticked in the new one too.
  var sent = {};
  var states = function () {
    var found = {};
    boxes().forEach(function (box) { found[box.value] = box.checked; });
    return found;
  };
  document.addEventListener("htmx:beforeRequest", function () { sent = states(); });
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target.id !== "list") {
      return;
    }
    var now = states(), before = sent;
    var from = document.activeElement.closest("[data-bar]") ? "[data-bar]:not([data-nobody]) [data-select-none]" : "[data-say]";
    var inside = event.detail.target.contains(document.activeElement);
    document.addEventListener("htmx:afterSwap", function () {
      boxes().forEach(function (box) {
        if (box.value in before && now[box.value] !== before[box.value]) {
          box.checked = now[box.value];
        }
      });
    }, { once: true });
    document.addEventListener("htmx:afterSettle", function () { // its links work from here on
      if (inside && document.activeElement === document.body) {
        land($(from) || $("[data-say]"));
      }
    }, { once: true });
  });
  // The address says who is ticked, so that a reload and Back do, too. Who leaves the list
  // with people selected, and comes by another way, is offered them.
  var picked = function () {
    var field = function (name) { return $("#filters input[type=hidden][name=" + name + "]"); };
    if (!field("all")) {
      return;
    }
    var name = field("all").value ? "excluded" : "included";
    var list = field(name).value.split(",").filter(Boolean);
    boxes().forEach(function (box) {
      var at = list.indexOf(box.value), wanted = box.checked === (name === "included");
      if (wanted && at < 0) { list.push(box.value); }
      if (!wanted && at >= 0) { list.splice(at, 1); }
    });
    var address = new URL(location.href);
    address.searchParams.delete("was");
    address.searchParams.delete(name);
    if (list.length) { address.searchParams.set(name, list.join(",")); }
    history.replaceState(history.state, "", address);
  };
  var place = function () { return "selected " + location.pathname; };
  var remember = function () {
    var bar = $("[data-bar]");
    if (!bar) {
      return;
    }
    if (bar.hasAttribute("data-nobody")) {
      sessionStorage.removeItem(place());
    } else {
      sessionStorage.setItem(place(), location.pathname + location.search);
    }
  };
  var offer = function () {
    var bar = $("[data-bar]"), last = sessionStorage.getItem(place()), there = $("[data-left]");
    if (bar && there && last && bar.hasAttribute("data-nobody") && !$(".notice") && !$("[data-restore]")) {
      $("a", there).href = last;
      there.hidden = false;
    } else {
      remember();
    }
  };
  document.addEventListener("htmx:afterSettle", function (event) {
    count();
    if (event.detail.target.id === "list") {
      remember();
    }
  });
  addEventListener("pageshow", function () { count(); offer(); });

  // Who cannot see the list is told what came of a search, or is selected.
  var say = function () {
    var words = $("[data-bar]:not([data-nobody]) [data-words]"), found = $("[data-say]");
    var text = [found, words].filter(Boolean).map(function (e) { return e.textContent; }).join(" ");
    if ($("#said").textContent !== text) {
      $("#said").textContent = text;
    }
  };
  document.addEventListener("htmx:afterSettle", say);
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-pick], [data-pick-page]")) {
      say();
    }
  });

  // Keys.
  var writes = function (element) {
    return element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  };
  var move = function (step) {
    var rows = $$("[data-row]");
    if (!rows.length) {
      return;
    }
    var at = rows.findIndex(function (row) { return row.contains(document.activeElement); });
    var next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    next.tabIndex = -1;
    next.focus();
  };
  var keys = {
    "/": function () { var box = $("[data-search]"); if (box) { box.focus(); box.select(); } },
    "j": function () { move(1); },
    "k": function () { move(-1); },
    "x": function () { var row = document.activeElement.closest("[data-row]"); var box = row && $("input[data-pick]", row); if (box) { box.click(); } },
    "b": function () { var link = $("[data-bar]:not([data-nobody]) :is(a, button)"); if (link) { link.focus(); } },
    "?": function () { $("#keys").showModal(); },
  };
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "Escape") {
      escape(event);
    } else if (event.key === "Enter" && event.target.matches("[data-row]")) {
      var link = $("[data-open]", event.target);
      if (link) { link.click(); }
    } else if (keys[event.key] && !writes(event.target) && !$("dialog[open]")) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  var escape = function (event) {
    var menu = $("details[data-menu][open]");
    if ($("dialog[open]")) {
      return; // it closes, and gives the focus back to what opened it
    }
    if (menu) {
      menu.open = false;
      $("summary", menu).focus();
    } else if (event.target.matches("[data-search]")) {
      event.target.blur();
    } else {
      var none = $("[data-bar]:not([data-nobody]) [data-select-none]");
      if (none) { none.click(); }
    }
  };
})();
