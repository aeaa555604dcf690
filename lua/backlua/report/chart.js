/* Charts over time: dygraphs with one cursor and one zoom for all that share an
   axis, a legend that shows values, keys, and a table of the same numbers. */
const DATA = JSON.parse(document.getElementById("data").textContent);
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUE = Object.fromEntries([...LETTERS].map((c, i) => [c, i]));
const charts = [];

/* The library's own legend measures itself with an inline style, which the
   policy of the page forbids; ours is made of elements. */
Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);

/* The other half of report/pack.lua. */
function unpack(text, decimals) {
  const out = [], scale = 10 ** (decimals || 0);
  let i = 0, before = 0;
  while (i < text.length) {
    if (text[i] === "!") {
      out.push(NaN);
      i++;
      continue;
    }
    let value = 0, weight = 1, digit;
    do {
      digit = VALUE[text[i++]];
      value += (digit & 31) * weight;
      weight *= 32;
    } while (digit & 32);
    before += value % 2 ? -(value - 1) / 2 : value / 2;
    out.push(before / scale);
  }
  return out;
}

function unpackTimes(t) {
  return unpack(t.v, 0).map((v) => v * t.unit * 1000);
}

function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties || {});
  node.append(...children);
  return node;
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

const ROLES = { strategy: "c1", benchmark: "c2", third: "c3", loss: "bad", gain: "good" };

function roleColor(line, i) {
  return color(ROLES[line.role] || ["c1", "c2", "c3"][i % 3]);
}

function fixed(v, decimals) {
  return v.toLocaleString("en-US",
    { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function showValue(v, unit, decimals) {
  if (v === null || v === undefined || Number.isNaN(v)) return "–";
  if (unit === "percent") return fixed(100 * v, Math.max(0, Math.min(decimals - 2, 2))) + " %";
  if (unit === "money") return fixed(v, Math.min(decimals, 2));
  return fixed(v, Math.min(decimals, Math.abs(v) >= 1000 ? 2 : 6));
}

function axisValue(v, unit) {
  if (unit === "percent") return fixed(100 * v, Math.abs(v) < 0.1 && v !== 0 ? 1 : 0) + "%";
  const size = Math.abs(v);
  if (size >= 1e9) return +(v / 1e9).toPrecision(4) + "B";
  if (size >= 1e6) return +(v / 1e6).toPrecision(4) + "M";
  if (size >= 1e4) return +(v / 1e3).toPrecision(4) + "k";
  return (+v.toPrecision(6)).toLocaleString("en-US", { maximumFractionDigits: 8 });
}

/* The drawdown of a line of another chart: it travels without its values. */
function drawdownOf({ chart, line, start }) {
  const of = DATA.charts[chart].lines[line];
  let peak = start;
  return unpack(of.v, of.d).map((v) => {
    if (v > peak) peak = v;
    return v / peak - 1;
  });
}

function timeText(ms, daily) {
  const text = new Date(ms).toISOString();
  return daily ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
}

/* Years, where there are many: the library jumps from one to ten. */
function yearTicker(from, to, pixels, option, graph, values) {
  const first = new Date(from).getUTCFullYear() + 1, last = new Date(to).getUTCFullYear();
  if (last - first < 6) {
    return Dygraph.dateTicker(from, to, pixels, option, graph, values);
  }
  const step = [1, 2, 5, 10, 20, 50].find((s) => (last - first) / s * 52 < pixels) || 100;
  const ticks = [];
  for (let year = Math.ceil(first / step) * step; year <= last; year += step) {
    ticks.push({ v: Date.UTC(year, 0, 1), label: String(year) });
  }
  return ticks;
}

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.spec = DATA.charts[figure.id];
    this.plot = figure.querySelector(".plot");
    this.legend = figure.querySelector(".legend");
    this.tools = figure.querySelector(".tools");
    if (this.spec.height) this.plot.style.height = this.spec.height + "px";
    this.choice = 0;
    this.axis = this.spec.time ? DATA.times[this.spec.time] : null;
    this.daily = this.axis ? this.axis.daily : undefined;
    this.load();
    this.addTools();
    this.draw();
    this.addKeys();
    this.addTable();
  }

  /* Unpack what is shown: the one chart, or the one of the choices. */
  load() {
    const from = this.spec.choices ? this.spec.choices[this.choice] : this.spec;
    this.lines = from.lines;
    this.thinned = from.thinned;
    if (this.spec.choices) {
      this.daily = from.time.unit === 86400;
      this.x = unpackTimes(from.time);
    } else {
      this.x = this.axis.plain ? unpack(this.axis.v, 0) : unpackTimes(this.axis);
    }
    this.values = this.lines.map((line) =>
      line.drawdown ? drawdownOf(line.drawdown) : unpack(line.v, line.d));
    this.marks = from.marks ? {
      x: unpackTimes(from.marks.time).map(squeeze), side: unpack(from.marks.side, 0),
      price: unpack(from.marks.price, from.marks.d),
    } : null;
    this.plain = Boolean(this.axis && this.axis.plain);
    this.at = this.plain ? this.x : this.x.map(squeeze); /* where a row is drawn */
  }

  rows() {
    return this.at.map((x, i) => [this.plain ? x : new Date(x),
      ...this.values.map((v) => v[i])]);
  }

  xText(x) {
    return this.plain ? (this.spec.x || "") + " " + x : timeText(x, this.daily);
  }

  options() {
    const unit = this.spec.unit;
    const options = {
      labels: ["x", ...this.lines.map((line, i) => line.name + "\u200b".repeat(i))],
      colors: this.lines.map(roleColor), labelsUTC: true, legend: "never",
      strokeWidth: 1.5, fillGraph: Boolean(this.spec.fill), fillAlpha: 0.18,
      logscale: this.isLog || false, highlightCircleSize: 3, axisLineColor: color("line"),
      gridLineColor: color("line"), gridLineWidth: 0.5, rightGap: 8, includeZero: this.spec.zero || false,
      drawPoints: false, connectSeparatedPoints: false,
      axes: {
        x: { drawGrid: false, pixelsPerLabel: 70, ...(this.plain ? {} : { ticker: BREAKS.length ? breakTicker : yearTicker }) },
        y: { axisLabelWidth: 52, axisLabelFormatter: (v) => axisValue(v, unit) },
      },
      highlightCallback: (event, x, points, row) => { this.byKey = false; pointAt(this, row); },
      unhighlightCallback: () => { if (!this.byKey) pointAt(this, null); },
      zoomCallback: (from, to) => zoomTo(this, from, to),
      drawCallback: (g, first) => { if (!first) follow(this); },
    };
    if (this.spec.fill && this.values.every((list) => list.every((v) => !(v > 0)))) {
      /* A hair above 0, for its label; a floor where there is nothing below. */
      const flat = this.values.every((list) => list.every((v) => !(v < 0)));
      options.axes.y.valueRange = [flat ? -0.01 : null, 1e-9];
      options.axes.y.pixelsPerLabel = 22;
    }
    if (this.marks) options.underlayCallback = (context, area, g) => this.drawMarks(context, g);
    if (this.spec.stem) {
      options.series = { [options.labels[1]]: { strokeWidth: 0, drawPoints: true, pointSize: 2 },
        [options.labels[2]]: { stepPlot: true } };
    }
    return options;
  }

  draw() {
    if (this.graph) this.graph.destroy();
    this.graph = new Dygraph(this.plot, this.rows(), this.options());
    this.show(null);
  }

  /* Triangles of fills: up and green bought, down and red sold. */
  drawMarks(context, graph) {
    const [from, to] = graph.xAxisRange(), marks = this.marks;
    const seen = marks.x.reduce((n, x) => n + (x >= from && x <= to), 0);
    const size = seen > 300 ? 4 : 7, wide = size / 1.75; /* many must not hide the price */
    marks.x.forEach((x, i) => {
      if (x < from || x > to) return;
      const [px, py] = graph.toDomCoords(x, marks.price[i]);
      const up = marks.side[i] > 0, d = up ? 1 : -1;
      context.fillStyle = color(up ? "good" : "bad");
      context.beginPath();
      context.moveTo(px, py + d * 2);
      context.lineTo(px - wide, py + d * (2 + size));
      context.lineTo(px + wide, py + d * (2 + size));
      context.fill();
    });
  }

  /* Legend of a row, of the last one for null. */
  show(row) {
    this.row = row;
    const at = row === null ? this.x.length - 1 : row;
    const parts = [element("b", { textContent: this.x.length ? this.xText(this.x[at]) : "" })];
    this.lines.forEach((line, i) => {
      const swatch = element("i");
      swatch.style.background = roleColor(line, i);
      parts.push(element("span", {}, swatch, line.name + " ",
        element("b", { textContent: showValue(this.values[i][at], this.spec.unit, line.d) })));
    });
    this.legend.replaceChildren(...parts);
  }

  addTools() {
    if (this.spec.choices && this.spec.choices.length > 1) {
      const select = element("select", { ariaLabel: "Asset" });
      this.spec.choices.forEach((c, i) => select.append(new Option(c.name, i)));
      select.onchange = () => {
        this.choice = Number(select.value);
        this.load();
        this.draw();
        this.refreshTable();
      };
      this.tools.append(select);
    }
    if (this.spec.log) {
      const button = element("button", { type: "button", textContent: "Log", ariaPressed: "false" });
      button.onclick = () => {
        this.isLog = !this.isLog;
        button.ariaPressed = String(this.isLog);
        this.graph.updateOptions({ logscale: this.isLog });
      };
      this.tools.append(button);
    }
    const all = element("button", { type: "button", textContent: "Show all" });
    all.onclick = () => { this.graph.resetZoom(); zoomTo(this, null, null); };
    this.tools.append(all);
    if (this.thinned) {
      this.figure.querySelector("figcaption").append(element("small", { textContent:
        ` ${this.x.length.toLocaleString("en-US")} of ${this.thinned.toLocaleString("en-US")} ` +
        "bars, every extreme among them" }));
    }
  }

  addKeys() {
    this.plot.addEventListener("keydown", (event) => {
      const last = this.x.length - 1, step = event.shiftKey ? 20 : 1;
      const at = this.row === null ? last : this.row;
      const moves = { ArrowLeft: at - step, ArrowRight: at + step, Home: 0, End: last };
      if (event.key in moves) {
        this.byKey = true;
        const row = Math.max(0, Math.min(last, moves[event.key]));
        this.graph.setSelection(row);
        pointAt(this, row);
      } else if (event.key === "Escape") {
        this.graph.clearSelection();
        pointAt(this, null);
      } else if (event.key === "+" || event.key === "-") {
        this.zoom(event.key === "+" ? 0.5 : 2);
      } else if (event.key === "0") {
        this.graph.resetZoom();
        zoomTo(this, null, null);
      } else {
        return;
      }
      event.preventDefault();
    });
  }

  zoom(factor) {
    const [from, to] = this.graph.xAxisRange(), first = this.at[0], last = this.at[this.at.length - 1];
    const middle = this.row === null ? (from + to) / 2 : this.at[this.row];
    const half = (to - from) / 2 * factor;
    const range = [Math.max(first, middle - half), Math.min(last, middle + half)];
    if (range[1] > range[0]) {
      this.graph.updateOptions({ dateWindow: range });
      zoomTo(this, range[0], range[1]);
    }
  }

  tableData() {
    return {
      name: this.figure.id,
      columns: [{ title: this.plain ? this.spec.x || "x" : this.daily ? "Date" : "Time (UTC)",
        values: this.x, show: (v) => this.plain ? String(v) : timeText(v, this.daily) },
      ...this.lines.map((line, i) => ({ title: line.name, values: this.values[i], right: true,
        show: (v) => showValue(v, this.spec.unit, line.d) }))],
    };
  }

  refreshTable() {
    const details = this.figure.querySelector("details");
    details.querySelectorAll("div").forEach((node) => node.remove());
    if (details.open) details.append(rowsView(this.tableData()));
  }

  addTable() {
    this.figure.querySelector("details").addEventListener("toggle", () => this.refreshTable());
  }
}

/* ---- several charts as one ---------------------------------------------- */

function related(chart) {
  return charts.filter((c) => c !== chart && !c.plain && !chart.plain);
}

/* The last row not after x. */
function rowAt(x, wanted) {
  let low = 0, high = x.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle] <= wanted) low = middle; else high = middle - 1;
  }
  return low;
}

function pointAt(chart, row) {
  chart.show(row);
  for (const other of related(chart)) {
    if (row === null) {
      other.graph.clearSelection();
      other.show(null);
    } else {
      const at = rowAt(other.x, chart.x[row]);
      other.graph.setSelection(at);
      other.show(at);
    }
  }
}

let zooming = false;

function zoomTo(chart, from, to) {
  if (zooming || chart.plain) return;
  zooming = true;
  for (const other of related(chart)) {
    if (from === null) other.graph.resetZoom();
    else other.graph.updateOptions({ dateWindow: [from, to] });
  }
  zooming = false;
}

/* Panning changes the window without a zoom. */
function follow(chart) {
  if (zooming || !chart.graph || chart.plain) return;
  const range = chart.graph.xAxisRange();
  if (chart.range && (chart.range[0] !== range[0] || chart.range[1] !== range[1])) {
    zoomTo(chart, range[0], range[1]);
  }
  chart.range = range;
}

const SHEET = 690; /* pixels of a sheet's width */

/* Light, and no wider than a sheet. A canvas that is made smaller is printed empty, so it is
   scaled. */
function printing(on) {
  document.documentElement.classList.toggle("printing", on);
  recolor();
  for (const { plot } of charts) {
    plot.style.zoom = "";
    if (on) plot.style.zoom = Math.min(1, SHEET / plot.clientWidth);
  }
}

/* The row that is pointed at stays so: its circles are drawn again when it is chosen anew. */
function recolor() {
  for (const chart of charts) {
    chart.graph.clearSelection();
    chart.graph.updateOptions({ colors: chart.lines.map(roleColor), axisLineColor: color("line"),
      gridLineColor: color("line") });
    if (chart.row !== null) chart.graph.setSelection(chart.row);
    chart.show(chart.row);
  }
}
