// Before anything is drawn: light or dark, as the person chose or else as the
// system is; and the zone that times are shown in.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("script-on");
  if (!root.hasAttribute("data-theme-chosen")) {
    var dark = matchMedia("(prefers-color-scheme: dark)");
    var follow = function () { root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light"); };
    follow();
    dark.addEventListener("change", follow);
  }
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    document.cookie = "roster_zone=" + encodeURIComponent(zone) + "; path=" + (root.dataset.root || "/") + "; max-age=31536000; samesite=lax";
  }
})();
