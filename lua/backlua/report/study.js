/* A study's landscape: heat map over a pair of parameters, parallel coordinates.
   Both read the trials table. */
const SVG = "http://www.w3.org/2000/svg";
const CELLS = 40;

function shape(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  return node;
}

function median(list) {
  const sorted = [...list].sort((a, b) => a - b), middle = (sorted.length - 1) / 2;
  return sorted.length ? (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2 : NaN;
}

/* Parameters and scores of the trials that have one. */
class Trials {
  constructor(spec) {
    const columns = DATA.tables.trials.columns.map(unpackColumn);
    const score = columns[2].values;
    this.rows = score.map((v, i) => i).filter((i) => !Number.isNaN(score[i]));
    this.score = score;
    this.number = columns[0].values;
    this.higher = spec.higher;
    this.params = columns.slice(spec.first, spec.first + spec.count).map((c) => {
      const levels = [...new Set(this.rows.map((i) => c.values[i]))]
        .filter((v) => v !== "" && !Number.isNaN(v)).sort((a, b) => compare(a, b)); /* the others had none */
      return { name: c.title, values: c.values, levels, rank: new Map(levels.map((v, i) => [v, i])) };
    });
  }
}

function levelText(v) {
  return typeof v === "number" ? String(+v.toPrecision(6)) : v;
}

/* Cells of an axis: a level each, or where there are many equal parts of them. */
function cellsOf(param) {
  const n = Math.min(CELLS, param.levels.length);
  const at = (v) => Math.floor(param.rank.get(v) * n / param.levels.length);
  const labels = Array.from({ length: n }, (_, i) =>
    levelText(param.levels[Math.ceil(i * param.levels.length / n)]));
  return { n, at, labels };
}

/* Pixels that the longest of some texts takes, about. */
function widest(texts) {
  return 6.4 * Math.max(...texts.map((text) => String(text).length));
}

const SHOWN = {
  mean: ["Mean", (list) => list.reduce((a, b) => a + b, 0) / list.length],
  best: ["Best", (list, higher) => higher ? Math.max(...list) : Math.min(...list)],
  around: ["Neighbourhood", null],
};

function gridOf(trials, x, y, how) {
  const across = cellsOf(x), down = cellsOf(y);
  const lists = Array.from({ length: across.n * down.n }, () => []);
  for (const i of trials.rows) {
    const [a, b] = [x.values[i], y.values[i]];
    if (x.rank.has(a) && y.rank.has(b)) {
      lists[down.at(b) * across.n + across.at(a)].push(trials.score[i]);
    }
  }
  const values = lists.map((list) => list.length
    ? (SHOWN[how][1] || SHOWN.mean[1])(list, trials.higher) : NaN);
  if (how !== "around") return { across, down, values, lists };
  return { across, down, lists, values: values.map((v, k) => {
    if (Number.isNaN(v)) return v;
    const near = [], cx = k % across.n, cy = Math.floor(k / across.n);
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const [px, py] = [cx + dx, cy + dy];
        if (px >= 0 && py >= 0 && px < across.n && py < down.n) near.push(values[py * across.n + px]);
      }
    }
    return median(near.filter((w) => !Number.isNaN(w)));
  }) };
}

/* Class of a share of the scale: nine steps, the darkest (on white) for the best. */
const STEPS = 9;

function stepOf(v, low, high, higher) {
  const share = high > low ? (v - low) / (high - low) : 0.5;
  return "s" + Math.min(STEPS - 1, Math.floor((higher ? share : 1 - share) * STEPS));
}

/* The scale with its ends, worst first. */
function ramp(low, high, higher) {
  const [from, to] = higher ? [low, high] : [high, low], show = (v) => showValue(v, "number", 4);
  return element("span", { className: "ramp" }, show(from), ...Array.from({ length: STEPS },
    (_, i) => element("i", { className: "s" + i })), show(to));
}

function choose(label, options, onchange) {
  const select = element("select", {});
  options.forEach(([value, text]) => select.append(new Option(text, value)));
  select.onchange = () => onchange(select.value);
  return [element("label", {}, label + " ", select), select];
}

class Heat {
  constructor(figure, trials) {
    Object.assign(this, { figure, trials, x: 0, y: 1, how: "mean" });
    const names = trials.params.map((p, i) => [i, p.name]);
    const tools = figure.querySelector(".tools");
    const [xLabel] = choose("x", names, (v) => { this.x = Number(v); this.draw(); });
    const [yLabel, ySelect] = choose("y", names, (v) => { this.y = Number(v); this.draw(); });
    ySelect.value = 1;
    const [howLabel] = choose("show", Object.entries(SHOWN).map(([k, v]) => [k, v[0]]),
      (v) => { this.how = v; this.draw(); });
    tools.append(xLabel, yLabel, howLabel);
    this.note = element("div", { className: "legend" });
    figure.querySelector("figcaption").after(this.note);
    figure.querySelector("details").addEventListener("toggle", () => this.table());
    this.draw();
  }

  draw() {
    const { trials } = this, x = trials.params[this.x], y = trials.params[this.y];
    const grid = gridOf(trials, x, y, this.how), { across, down, values } = grid;
    const w = Math.max(14, Math.min(44, 860 / across.n)), h = Math.max(14, Math.min(26, 520 / down.n));
    const left = Math.min(220, 24 + widest(down.labels)), top = 8, width = left + across.n * w + 8, height = top + down.n * h + 44;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
      "aria-label": `Scores by ${x.name} and ${y.name}` });
    const known = values.filter((v) => !Number.isNaN(v));
    const low = Math.min(...known), high = Math.max(...known);
    const best = trials.higher ? high : low;
    values.forEach((v, k) => {
      const cx = k % across.n, cy = down.n - 1 - Math.floor(k / across.n);
      const cell = shape("rect", { x: left + cx * w + 0.5, y: top + cy * h + 0.5, width: w - 1,
        height: h - 1, class: Number.isNaN(v) ? "none" : "step " + stepOf(v, low, high, trials.higher) });
      cell.addEventListener("pointerenter", () => this.tell(grid, k));
      svg.append(cell);
      if (v === best) {
        svg.append(shape("rect", { x: left + cx * w + 1, y: top + cy * h + 1, width: w - 2,
          height: h - 2, class: "ring" }));
      }
    });
    this.labels(svg, grid, { w, h, left, top, x, y, width, height });
    this.figure.querySelector(".scroll").replaceChildren(svg);
    this.grid = grid;
    this.ramp = ramp(low, high, trials.higher);
    this.tell(grid, values.indexOf(best));
    this.table();
  }

  labels(svg, { across, down }, { w, h, left, top, x, y, height }) {
    const every = Math.ceil((widest(across.labels) + 10) / w);
    across.labels.forEach((text, i) => {
      if (i % every === 0) {
        svg.append(shape("text", { x: left + (i + 0.5) * w, y: top + down.n * h + 15, class: "soft",
          "text-anchor": "middle" }, text));
      }
    });
    down.labels.forEach((text, i) => {
      svg.append(shape("text", { x: left - 6, y: top + (down.n - 1 - i + 0.5) * h + 4, class: "soft",
        "text-anchor": "end" }, text));
    });
    svg.append(shape("text", { x: left, y: height - 8 }, `${x.name} across, ${y.name} up`));
  }

  tell(grid, k) {
    const x = this.trials.params[this.x], y = this.trials.params[this.y], { across, down } = grid;
    this.note.replaceChildren(element("b", { textContent:
      `${x.name} ${across.labels[k % across.n]}, ${y.name} ${down.labels[Math.floor(k / across.n)]}` }),
    element("span", {}, SHOWN[this.how][0] + " ",
      element("b", { textContent: showValue(grid.values[k], "number", 4) })),
    element("span", { textContent: grid.lists[k].length === 1 ? "1 trial"
      : `${grid.lists[k].length} trials` }), this.ramp);
  }

  table() {
    const details = this.figure.querySelector("details");
    details.querySelectorAll("div").forEach((node) => node.remove());
    if (!details.open) return;
    const x = this.trials.params[this.x], y = this.trials.params[this.y];
    const { across, down, values, lists } = this.grid;
    const cells = values.map((v, k) => k).filter((k) => lists[k].length);
    details.append(rowsView({ name: "heat", columns: [
      { title: x.name, values: cells.map((k) => across.labels[k % across.n]) },
      { title: y.name, values: cells.map((k) => down.labels[Math.floor(k / across.n)]) },
      { title: SHOWN[this.how][0], values: cells.map((k) => values[k]), right: true,
        show: (v) => showValue(v, "number", 4) },
      { title: "Trials", values: cells.map((k) => lists[k].length), right: true, show: String },
    ] }));
  }
}

/* ---- parallel coordinates ------------------------------------------------- */

const DRAWN = 2000;

class Parallel {
  constructor(figure, trials) {
    Object.assign(this, { figure, trials, width: 1000, height: 306, top: 36, bottom: 30 });
    const every = Math.ceil(trials.rows.length / DRAWN);
    this.rows = trials.rows.filter((_, i) => i % every === 0);
    const scores = this.rows.map((i) => trials.score[i]);
    this.low = Math.min(...scores);
    this.high = Math.max(...scores);
    this.axes = trials.params.map((p) => ({ name: p.name, labels: [levelText(p.levels[0]),
      levelText(p.levels[p.levels.length - 1])],
    at: (i) => p.rank.has(p.values[i]) ? p.levels.length > 1
      ? p.rank.get(p.values[i]) / (p.levels.length - 1) : 0.5 : NaN }));
    this.axes.push({ name: "score", labels: [this.low, this.high].map((v) => showValue(v, "number", 4)),
      at: (i) => this.high > this.low ? (trials.score[i] - this.low) / (this.high - this.low) : 0.5 });
    this.said = element("div", { className: "legend" });
    figure.querySelector("figcaption").after(this.said);
    const clear = element("button", { type: "button", textContent: "Show all" });
    clear.onclick = () => { this.axes.forEach((axis) => { axis.range = null; }); this.update(); };
    figure.querySelector(".tools").append(clear);
    figure.querySelector("details").addEventListener("toggle", () => this.table());
    this.draw();
  }

  x(k) {
    return 70 + k * (this.width - 140) / Math.max(1, this.axes.length - 1);
  }

  y(share) {
    return this.top + (1 - share) * (this.height - this.top - this.bottom);
  }

  draw() {
    const svg = shape("svg", { viewBox: `0 0 ${this.width} ${this.height}`, width: this.width,
      height: this.height, role: "group", "aria-label": "Parallel coordinates" });
    const order = [...this.rows].sort((a, b) =>
      (this.trials.higher ? 1 : -1) * (this.trials.score[a] - this.trials.score[b]));
    this.lines = order.map((i) => {
      const line = shape("path", { d: this.path(i), class: "trial " + stepOf(this.trials.score[i], this.low, this.high, this.trials.higher) });
      svg.append(line);
      return { i, line };
    });
    this.axes.forEach((axis, k) => this.drawAxis(svg, axis, k));
    this.figure.querySelector(".scroll").replaceChildren(svg);
    this.svg = svg;
    this.update();
  }

  /* A trial's line, broken where a parameter had no value. */
  path(i) {
    let pen = "M";
    return this.axes.map((axis, k) => {
      const share = axis.at(i), move = pen;
      pen = Number.isNaN(share) ? "M" : "L";
      return pen === "M" ? "" : move + this.x(k).toFixed(1) + " " + this.y(share).toFixed(1);
    }).join("");
  }

  drawAxis(svg, axis, k) {
    const x = this.x(k), low = this.y(0), high = this.y(1);
    svg.append(shape("line", { x1: x, x2: x, y1: low, y2: high, class: "zero" }),
      shape("text", { x, y: 12, "text-anchor": "middle" }, axis.name),
      shape("text", { x, y: low + 14, class: "soft", "text-anchor": "middle" }, axis.labels[0]),
      shape("text", { x, y: high - 7, class: "soft", "text-anchor": "middle" }, axis.labels[1]));
    axis.brush = shape("rect", { x: x - 7, width: 14, y: 0, height: 0, class: "brush" });
    const handle = shape("rect", { x: x - 12, y: high - 4, width: 24, height: low - high + 8,
      class: "handle", tabindex: 0, role: "slider", "aria-label":
      `Range of ${axis.name}: arrow keys move it, plus and minus resize it, Escape clears it`,
      "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 });
    svg.append(axis.brush, handle);
    this.addPointer(handle, axis);
    handle.addEventListener("keydown", (event) => this.key(event, axis));
  }

  share(event) {
    const box = this.svg.getBoundingClientRect();
    const y = (event.clientY - box.top) * this.height / box.height;
    return Math.max(0, Math.min(1, 1 - (y - this.top) / (this.height - this.top - this.bottom)));
  }

  addPointer(handle, axis) {
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      axis.from = this.share(event);
      axis.range = null;
      this.update();
    });
    handle.addEventListener("pointermove", (event) => {
      if (axis.from === undefined) return;
      const to = this.share(event);
      axis.range = [Math.min(axis.from, to), Math.max(axis.from, to)];
      this.update();
    });
    handle.addEventListener("pointerup", () => { axis.from = undefined; });
  }

  key(event, axis) {
    const [low, high] = axis.range || [0, 1];
    const moves = {
      ArrowUp: [low + 0.05, high + 0.05], ArrowDown: [low - 0.05, high - 0.05],
      "-": [low + 0.05, high - 0.05], "+": [low - 0.05, high + 0.05], Escape: null,
    };
    if (!(event.key in moves)) return;
    const range = moves[event.key];
    axis.range = range && range[0] < range[1]
      ? [Math.max(0, range[0]), Math.min(1, range[1])] : null;
    this.update();
    event.preventDefault();
  }

  kept(i) {
    return this.axes.every((axis) => !axis.range ||
      (axis.at(i) >= axis.range[0] - 1e-9 && axis.at(i) <= axis.range[1] + 1e-9));
  }

  update() {
    let count = 0;
    for (const { i, line } of this.lines) {
      const keep = this.kept(i);
      count += keep;
      line.classList.toggle("off", !keep);
    }
    for (const axis of this.axes) {
      const [low, high] = axis.range || [0, 0];
      axis.brush.setAttribute("y", this.y(high));
      axis.brush.setAttribute("height", this.y(low) - this.y(high));
    }
    const all = this.trials.rows.length;
    this.said.textContent = `${count.toLocaleString("en-US")} of ` +
      `${this.rows.length.toLocaleString("en-US")} trials` +
      (this.rows.length < all ? ` (every ${Math.ceil(all / DRAWN)}th is drawn)` : "");
    this.table();
  }

  table() {
    const details = this.figure.querySelector("details");
    details.querySelectorAll("div").forEach((node) => node.remove());
    if (!details.open) return;
    const rows = this.trials.rows.filter((i) => this.kept(i));
    details.append(rowsView({ name: "parallel", columns: [
      { title: "Trial", values: rows.map((i) => this.trials.number[i]), right: true, show: String },
      ...this.trials.params.map((p) => ({ title: p.name, values: rows.map((i) => p.values[i]),
        show: levelText })),
      { title: "Score", values: rows.map((i) => this.trials.score[i]), right: true,
        show: (v) => showValue(v, "number", 4) },
    ] }));
  }
}

function startStudy() {
  const kinds = { heat: Heat, parallel: Parallel };
  document.querySelectorAll("figure.custom").forEach((figure) => {
    new kinds[figure.id](figure, new Trials(DATA.custom[figure.id]));
  });
}
