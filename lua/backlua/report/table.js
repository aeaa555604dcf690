/* Tables: sorted by a click on a heading, made a page at a time, saved as CSV. */
const PAGE = 25, MORE = 1000;

function csvCell(value) {
  const text = String(value);
  /* A spreadsheet must not take a name for a formula. */
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? "'" + text : text;
  return /[",\n\r]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
}

function saveCsv(name, columns) {
  const lines = [columns.map((c) => csvCell(c.title)).join(",")];
  const n = columns[0].values.length;
  for (let i = 0; i < n; i++) {
    lines.push(columns.map((c) => {
      const v = c.values[i];
      return typeof v === "number" && !c.time && !(c === columns[0] && c.show)
        ? Number.isNaN(v) ? "" : v : csvCell(c.show ? c.show(v) : v);
    }).join(","));
  }
  const url = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
  const link = element("a", { href: url, download: name + ".csv" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/* Rows of columns { title, values, show, right } with heading, paging, CSV. */
function rowsView({ name, columns }) {
  const n = columns[0].values.length;
  let order = Array.from({ length: n }, (_, i) => i), count = Math.min(PAGE, n);
  const body = element("tbody"), more = element("button", { type: "button" });
  const said = element("span");
  function fill() {
    body.replaceChildren(...order.slice(0, count).map((i) => element("tr", {},
      ...columns.map((c) => element("td", { className: c.right ? "r" : "",
        textContent: c.show ? c.show(c.values[i]) : c.values[i] })))));
    said.textContent = `${count.toLocaleString("en-US")} of ${n.toLocaleString("en-US")} rows`;
    more.textContent = `Show ${Math.min(MORE, n - count).toLocaleString("en-US")} more`;
    more.hidden = count >= n;
  }
  more.onclick = () => { count = Math.min(n, count + MORE); fill(); };
  const headings = columns.map((c) => {
    const th = element("th", { scope: "col", className: c.right ? "r" : "" });
    const button = element("button", { type: "button", textContent: c.title });
    button.onclick = () => {
      const down = th.ariaSort === "ascending";
      headings.forEach((h) => { h.ariaSort = null; });
      th.ariaSort = down ? "descending" : "ascending";
      order.sort((a, b) => compare(c.values[a], c.values[b], down) || a - b);
      fill();
    };
    th.append(button);
    return th;
  });
  const save = element("button", { type: "button", textContent: "Save as CSV" });
  save.onclick = () => saveCsv(name, columns);
  fill();
  return element("div", {}, element("div", { className: "scroll" }, element("table", {},
    element("thead", {}, element("tr", {}, ...headings)), body)),
  element("div", { className: "pager" }, said, more, save));
}

/* Numbers by size, the rest as text; gaps last, whichever way. */
function compare(a, b, down) {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
  const order = typeof a === "number" && typeof b === "number" ? a - b
    : String(a).localeCompare(String(b));
  return down ? -order : order;
}

function unpackColumn(c) {
  if (c.words) {
    return { title: c.title, values: unpack(c.v, 0).map((i) => c.words[i]) };
  }
  const values = unpack(c.v, c.d);
  if (c.kind === "time") {
    return { title: c.title, values, time: true,
      show: (v) => Number.isNaN(v) ? "" : timeText(v * 1000, c.daily) };
  }
  const most = c.show === undefined ? c.d : c.show, scale = c.scale || 1;
  const digits = { minimumFractionDigits: c.show || 0, maximumFractionDigits: most };
  return { title: c.title, values, right: true, show: (v) => Number.isNaN(v) ? ""
    : (v * scale).toLocaleString("en-US", digits) + (c.unit || "") };
}

function startTables() {
  document.querySelectorAll("[data-table]").forEach((node) => {
    const name = node.dataset.table;
    node.append(rowsView({ name, columns: DATA.tables[name].columns.map(unpackColumn) }));
  });
  document.querySelectorAll("table.sortable").forEach((table) => {
    const body = table.tBodies[0], headings = [...table.tHead.rows[0].cells];
    const value = (row, i) => {
      const cell = row.cells[i];
      if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
      return cell.textContent === "-" ? NaN : cell.textContent;
    };
    headings.forEach((th, i) => {
      th.querySelector("button").onclick = () => {
        const down = th.ariaSort === "ascending";
        headings.forEach((h) => { h.ariaSort = null; });
        th.ariaSort = down ? "descending" : "ascending";
        body.append(...[...body.rows].sort((a, b) =>
          compare(value(a, i), value(b, i), down)));
      };
    });
  });
}
