/* Draw a chart when it comes into sight, all of them before printing. */
function start(figure) {
  if (figure.started) return;
  figure.started = true;
  const chart = new Chart(figure);
  const zoomed = related(chart).find((other) => other.graph.isZoomed("x"));
  charts.push(chart);
  if (zoomed) chart.graph.updateOptions({ dateWindow: zoomed.graph.xAxisRange() });
}

startTables();
if (typeof startStudy === "function") startStudy();
const figures = [...document.querySelectorAll("figure.chart")];
const observer = new IntersectionObserver((entries) => {
  entries.filter((e) => e.isIntersecting).forEach((e) => {
    observer.unobserve(e.target);
    start(e.target);
  });
}, { rootMargin: "400px" });
figures.forEach((figure) => observer.observe(figure));
addEventListener("beforeprint", () => { figures.forEach(start); printing(true); });
addEventListener("afterprint", () => printing(false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
