// What a mark of a plot stands for, told beside the pointer at once. Without this script the
// browser tells it by itself, after a while.
(function () {
  "use strict";
  var tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.appendChild(tip);
  document.querySelectorAll("svg title").forEach(function (title) {
    title.parentNode.setAttribute("data-tip", title.textContent);
    title.remove();
  });
  document.addEventListener("pointermove", function (event) {
    var mark = event.target.closest ? event.target.closest("[data-tip]") : null;
    tip.hidden = !mark;
    if (!mark) { return; }
    tip.textContent = mark.getAttribute("data-tip");
    var left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
    var top = event.clientY + 18;
    if (top + tip.offsetHeight > window.innerHeight) { top = event.clientY - tip.offsetHeight - 10; }
    tip.style.left = Math.max(left, 4) + "px";
    tip.style.top = top + "px";
  });
}());
