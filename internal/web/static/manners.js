// What pages do while the server takes its time, or is not there for them: the pressed
// button says that it works, what is busy can be tried again, and a session that ended
// signs in over the page, which keeps everything and goes on.
(function () {
  "use strict";
  var $ = function (selector, from) { return (from || document).querySelector(selector); };
  var whose = document.body.dataset.whose;
  var template = function (id) { return document.getElementById(id).content.firstElementChild.cloneNode(true); };
  var say = function (text) { $("#said").textContent = text; };

  // What was asked, as it can be asked again.
  var asked = function (detail) {
    var c = detail.requestConfig, press = c.triggeringEvent && c.triggeringEvent.submitter;
    return {
      focus: press || c.elt,
      form: (press || c.elt).closest("form"),
      ask: function () {
        window.htmx.ajax(c.verb, c.path, { source: c.elt, target: detail.target, swap: detail.etc.swapOverride, values: c.formData, event: c.triggeringEvent });
      },
    };
  };
  // Over everything else is the dialog that is open, if one is.
  var top = function () { return $("#again[open]") || $("#dialog[open]"); };
  var tell = function (box) {
    var dialog = top(), place = dialog ? $(".question", dialog) || dialog : $("#notices");
    if (place.id === "notices") {
      place.replaceChildren(box);
    } else {
      place.prepend(box);
    }
  };

  // Pressed buttons: after a moment they say that they work, and after two seconds for how
  // long, and on what. Nothing moves: the words lie over those of the button.
  var working = null;
  var rest = function () {
    if (!working) {
      return;
    }
    clearTimeout(working.soon);
    clearInterval(working.each);
    working.button.removeAttribute("aria-busy");
    working.button.removeAttribute("data-working");
    if (working.line) {
      working.line.remove();
    }
    working = null;
  };
  var since = function (line, what, begun) {
    var n = Math.floor((Date.now() - begun) / 1000);
    var text = line.dataset.text.replace("{what}", what).replace("{n}", n.toLocaleString(document.documentElement.lang));
    $("[data-shown]", line).textContent = text;
    if (n % 10 === 2) { // who hears it need not hear every second
      $("[data-heard]", line).textContent = text;
    }
  };
  var work = function (button) {
    rest();
    if (!button) {
      return;
    }
    var begun = Date.now(), what = button.textContent.trim(), now = { button: button };
    working = now;
    now.soon = setTimeout(function () {
      var words = template("working").textContent;
      button.setAttribute("aria-busy", "true");
      button.dataset.working = words;
      say(words);
    }, 300);
    now.each = setInterval(function () {
      if (Date.now() - begun < 2000) {
        return;
      }
      if (!now.line) {
        now.line = template("taking");
        (top() || document.body).append(now.line);
      }
      since(now.line, what, begun);
    }, 250);
  };
  var pressed = function (detail) {
    var c = detail.requestConfig, press = c.triggeringEvent && c.triggeringEvent.submitter;
    var found = press || (c.elt.matches("button, a.btn, a.menu-item") && c.elt);
    return found && found.matches("button, a") ? found : null;
  };
  document.addEventListener("htmx:beforeRequest", function (event) {
    document.querySelectorAll("[data-busy]").forEach(function (box) { box.remove(); });
    if (!event.defaultPrevented && pressed(event.detail)) {
      work(pressed(event.detail));
    }
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (!event.detail.keepIndicators) { // it leads to another page, which is on its way
      rest();
    }
  });
  addEventListener("pageshow", rest);

  // The server is busy, or does not answer: what was asked is still here, and can be asked
  // again. A form that was carried out after all is not carried out twice: its key is the same.
  var retry = function (what, text) {
    var box = template("busy");
    $("[data-text]", box).textContent = text;
    $("[data-retry]", box).addEventListener("click", function () {
      box.remove();
      what.focus.focus();
      what.ask();
    });
    tell(box);
    if (what.form) { // what is written differently since is not what would be asked again
      what.form.addEventListener("input", function () { box.remove(); }, { once: true });
    }
    $("[data-retry]", box).focus();
  };
  document.addEventListener("htmx:sendError", function (event) {
    retry(asked(event.detail), template("unreachable").textContent);
  });
  var problem = function (xhr) {
    var found = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("#problem .alert");
    return found ? found.textContent : xhr.responseText;
  };
  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail, status = detail.xhr.status;
    if (status === 401 && whose && !detail.requestConfig.elt.closest("#again")) {
      signIn(asked(detail), goesOn(detail), detail.xhr.getResponseHeader("Roster-Goes-On") === null);
    } else if (status === 503) {
      retry(asked(detail), problem(detail.xhr));
    } else {
      return;
    }
    detail.shouldSwap = false;
    event.stopImmediatePropagation();
  }, true);

  // A session that ended. What only asks goes on by itself; what changes something waits for
  // another press of its button, which has the focus.
  var waits = null;
  var goesOn = function (detail) {
    var said = detail.xhr.getResponseHeader("Roster-Goes-On");
    return said === null ? detail.requestConfig.verb === "get" : said === "1"; // the gate says nothing
  };
  var signIn = function (what, on, elsewhere) {
    waits = on ? what.ask : function () {
      tell(template("signed-in"));
      what.focus.focus();
    };
    if (!$("#again")) {
      document.body.append(template("sign-in-again"));
      window.htmx.process($("#again"));
    }
    $("#again-wrong").replaceChildren();
    $("#again-password").value = "";
    $("#again-form").hidden = elsewhere;
    if (!$("#again").open) {
      $("#again").showModal();
    }
    (elsewhere ? $("#again a") : $("#again-password")).focus();
  };
  var signedIn = function () {
    var next = waits;
    waits = null;
    $("#again").close();
    if (next) {
      next();
    }
  };
  document.addEventListener("htmx:configRequest", function (event) {
    if (whose) {
      event.detail.headers["Roster-Whose"] = whose;
    }
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.target.id === "again-form" && event.detail.xhr.status === 204) {
      signedIn();
    }
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-signed-in]")) {
      signedIn();
    }
    if (event.target.closest("[data-notice-close]")) {
      $("#notices").replaceChildren();
      $("#main").focus();
    }
  });

  // A form that leads to another page is asked about first: what was typed would be gone.
  var whether = function () {
    return fetch(document.body.dataset.session, { headers: { "Roster-Whose": whose } })
      .then(function (answer) {
        return { lives: answer.ok, other: answer.status === 403, elsewhere: !answer.headers.has("Roster-Goes-On") };
      }, function () { return { lives: true }; });
  };
  document.addEventListener("submit", function (event) {
    var form = event.target, press = event.submitter;
    if (form.method !== "post" || form.matches("[hx-post], [hx-get], [method=dialog]") || !whose) {
      return;
    }
    if (form.dataset.lives || form.dataset.sent) {
      delete form.dataset.lives;
      work(press);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    whether().then(function (is) {
      if (is.lives) {
        form.dataset.lives = "1";
        form.requestSubmit(press);
      } else if (is.other) {
        tell(template("other"));
      } else {
        signIn({ focus: press || form }, false, is.elsewhere);
      }
    });
  }, true);

  // Paper says where it came from.
  addEventListener("beforeprint", function () { $("[data-address]").textContent = location.href; });

  // What is said lies over the end of the page, and the page ends a little later.
  var notices = $(".notices");
  new ResizeObserver(function () {
    document.documentElement.style.setProperty("--r-notices", $("#notices").childElementCount ? notices.offsetHeight + 8 + "px" : "0px");
  }).observe(notices);
})();
