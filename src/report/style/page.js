(function () {
  "use strict";
  var tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  document.body.appendChild(tip);
  function show(event) {
    var told = event.target.closest && event.target.closest("[data-tip]");
    tip.hidden = !told;
    if (!told) return;
    tip.textContent = told.getAttribute("data-tip");
    var wide = tip.offsetWidth, high = tip.offsetHeight;
    var x = Math.min(event.clientX + 14, innerWidth - wide - 8);
    var y = event.clientY - high - 14;
    tip.style.left = Math.max(8, x) + "px";
    tip.style.top = (y < 8 ? event.clientY + 18 : y) + "px";
  }
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", function () { tip.hidden = true; }, { passive: true });
  function openTarget() {
    var at = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    var round = at && at.closest("details.round");
    if (round) { round.open = true; at.scrollIntoView(); }
  }
  addEventListener("hashchange", openTarget);
  openTarget();
  document.querySelectorAll("button[data-open]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var open = button.getAttribute("data-open") === "yes";
      document.querySelectorAll("details.round").forEach(function (round) { round.open = open; });
    });
  });
})();
