// Filters for the indexes, the search box of the home page, and the focus and size of the map. The pages are complete
// without scripts.
(function () {
  "use strict";

  function filter(form) {
    var table = document.getElementById(form.dataset.mbFilter);
    if (!table) return;
    var rows = Array.prototype.slice.call(table.querySelectorAll("tbody tr:not(.mb-family)"));
    var texts = rows.map(function (row) {
      return (row.textContent + " " + (row.dataset.text || "")).toLowerCase();
    });
    var output = form.querySelector("output");

    function matches(row, index) {
      return Array.prototype.every.call(form.elements, function (field) {
        if (!field.name || !field.value) return true;
        if (field.name === "text") {
          return field.value.toLowerCase().split(/\s+/).every(function (word) {
            return texts[index].indexOf(word) >= 0;
          });
        }
        return (row.getAttribute("data-" + field.name) || "").split("|").indexOf(field.value) >= 0;
      });
    }

    function apply() {
      var shown = 0;
      rows.forEach(function (row, index) {
        row.hidden = !matches(row, index);
        if (!row.hidden) shown += 1;
      });
      table.querySelectorAll(".mb-family").forEach(function (heading) {
        heading.hidden = !heading.parentNode.querySelector("tr:not(.mb-family):not([hidden])");
      });
      output.textContent = shown + " of " + rows.length;
    }

    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.hidden = false;
    apply();
  }

  // A picture of the map: a click keeps the focus on a box, the next one opens its page; buttons change the size.
  function uses(form) {
    var map = document.getElementById(form.dataset.mbUses);
    if (!map) return;
    var picture = map.ownerSVGElement, output = form.querySelector("output"), scale = 1;

    function pin(box) {
      map.querySelectorAll(".mb-pinned").forEach(function (other) { other.classList.remove("mb-pinned"); });
      output.textContent = "";
      if (!box) return;
      box.classList.add("mb-pinned");
      var link = document.createElement("a"), all = document.createElement("button");
      link.href = box.getAttribute("xlink:href");
      link.textContent = "Open " + box.dataset.label;
      all.type = "button";
      all.textContent = "Show all lines";
      all.addEventListener("click", function () { pin(null); });
      output.append("Focus: " + box.dataset.label + " ", link, " ", all);
    }

    function zoom(factor) {
      scale = Math.min(4, Math.max(0.5, scale * factor));
      picture.style.width = scale === 1 ? "" : picture.viewBox.baseVal.width * scale + "px";
      picture.style.maxWidth = scale > 1 ? "none" : "";
    }

    map.addEventListener("click", function (event) {
      var box = event.target.closest("a.mb-box");
      // A key that opens a link is a click without a pointer.
      if (!box || event.detail === 0 || box.classList.contains("mb-pinned")) return;
      event.preventDefault();
      pin(box);
    });
    form.high.addEventListener("change", function () { map.classList.toggle("mb-only-high", form.high.checked); });
    form.larger.addEventListener("click", function () { zoom(1.25); });
    form.smaller.addEventListener("click", function () { zoom(0.8); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.hidden = false;
  }

  // The large box on the home page opens the search of the header.
  document.addEventListener("click", function (event) {
    var query = event.target.closest && event.target.closest(".mb-find") && document.querySelector(".md-search__input");
    if (query) query.focus();
  });

  // The theme puts wide tables into boxes that scroll: the keyboard must reach them.
  function reach() {
    document.querySelectorAll(".md-typeset__scrollwrap").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }

  function start() {
    setTimeout(reach, 0);  // after the theme has made the boxes
    Array.prototype.forEach.call(document.querySelectorAll("form[data-mb-filter]"), filter);
    Array.prototype.forEach.call(document.querySelectorAll("form[data-mb-uses]"), uses);
  }

  window.addEventListener("resize", reach);
  if (window.document$) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
