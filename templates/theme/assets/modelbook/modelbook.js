// Filters for the indexes, the search box of the home page, and the interactive map. The pages are complete without scripts.
(function () {
  "use strict";

  function filter(form) {
    var table = document.getElementById(form.dataset.mbFilter);
    if (!table) return;
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
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
      output.textContent = shown + " of " + rows.length;
    }

    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.hidden = false;
    apply();
  }

  function script(address, then) {
    var element = document.createElement("script");
    element.src = address;
    element.onload = then;
    document.head.appendChild(element);
  }

  // The theme's colours may be transparent, which the canvas of the map does not support: let the browser resolve them.
  function colour(name) {
    var probe = document.createElement("span");
    probe.style.color = "var(" + name + ")";
    document.body.appendChild(probe);
    var parts = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
    probe.remove();
    var back = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number);
    var alpha = parts.length > 3 ? parts[3] : 1;
    return "rgb(" + [0, 1, 2].map(function (i) { return Math.round(parts[i] * alpha + back[i] * (1 - alpha)); }) + ")";
  }

  function style() {
    var ink = colour("--md-default-fg-color");
    return [
      { selector: "node", style: { "label": "data(label)", "font-size": 11, "color": ink, "width": 20, "height": 20,
        "text-valign": "bottom", "text-margin-y": 4, "text-wrap": "wrap", "text-max-width": 90,
        "background-color": colour("--mb-blue"), "min-zoomed-font-size": 7 } },
      { selector: "node[kind='system']", style: { "shape": "round-rectangle", "background-color": colour("--mb-green") } },
      { selector: "edge", style: { "width": 1.2, "line-color": colour("--md-default-fg-color--lighter"),
        "target-arrow-color": colour("--md-default-fg-color--light"), "target-arrow-shape": "triangle",
        "arrow-scale": 0.8, "curve-style": "bezier" } },
      { selector: ".mb-dim", style: { "opacity": 0.15 } }
    ];
  }

  function map(box) {
    script(box.dataset.mbScript, function () {
      script(box.dataset.mbMap, function () {
        box.hidden = false;
        var graph = window.cytoscape({ container: box, elements: window.modelbookMap, layout: { name: "preset" },
          style: style(), minZoom: 0.1, maxZoom: 4, autoungrabify: true });
        graph.fit(undefined, 20);
        graph.on("tap", "node", function (event) { window.location.href = event.target.data("href"); });
        graph.on("mouseover", "node", function (event) {
          graph.elements().addClass("mb-dim");
          event.target.closedNeighborhood().removeClass("mb-dim");
        });
        graph.on("mouseout", "node", function () { graph.elements().removeClass("mb-dim"); });
        new MutationObserver(function () { graph.style(style()); })
          .observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });
        box.modelbookGraph = graph;
      });
    });
  }

  // The large box on the home page opens the search of the header.
  document.addEventListener("click", function (event) {
    var query = event.target.closest && event.target.closest(".mb-find") && document.querySelector(".md-search__input");
    if (query) query.focus();
  });

  function start() {
    Array.prototype.forEach.call(document.querySelectorAll("form[data-mb-filter]"), filter);
    Array.prototype.forEach.call(document.querySelectorAll("[data-mb-map]"), map);
  }

  if (window.document$) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
