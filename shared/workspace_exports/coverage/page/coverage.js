"use strict";
// The page shows all facts without this script, which reads them from the tables.
(() => {
  const DAY_MS = 86400000;
  const layout = document.getElementById("calendar").dataset;
  const [left, top, pitch, bandHeight, bandWeeks] =
    [layout.left, layout.top, layout.pitch, layout.band, layout.weeks].map(Number);
  const [first, last, monday] = [layout.first, layout.last, layout.monday].map((day) => Date.parse(day) / DAY_MS);
  const detail = document.getElementById("detail");
  const iso = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);
  const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: "UTC" });
  const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

  function place(day) {
    const week = Math.floor((day - monday) / 7);
    return {
      column: week + 1,
      row: (day - monday) % 7 + 1,
      band: Math.floor(week / bandWeeks),
      x: left + (week % bandWeeks) * pitch,
      y: Math.floor(week / bandWeeks) * bandHeight + top + ((day - monday) % 7) * pitch,
    };
  }

  function dayAt(x, y) {
    const column = Math.floor((x - left) / pitch);
    const band = Math.floor(y / bandHeight);
    const row = Math.floor((y - band * bandHeight - top) / pitch);
    const day = monday + (band * bandWeeks + column) * 7 + row;
    const isInside = column >= 0 && column < bandWeeks && row >= 0 && row < 7 && day >= first && day <= last;
    return isInside ? day : null;
  }

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function size(text) {
    let bytes = Number(text.replaceAll(",", ""));
    const units = ["KiB", "MiB", "GiB", "TiB"];
    if (bytes < 1024) return text;
    let unit = -1;
    do { bytes /= 1024; unit += 1; } while (bytes >= 999.5 && unit < units.length - 1);
    return `${text} (${bytes.toFixed(bytes < 99.95 ? 1 : 0)} ${units[unit]})`;
  }

  /** Returns a day's status from its table row, and pairs of a column's name and value. */
  function describe(row) {
    if (!row) return { status: "not in the ledger", facts: [] };
    const names = [...row.closest("table").tHead.rows[0].cells].map((cell) => cell.textContent);
    const values = [...row.cells].map((cell) => cell.textContent.trim());
    const facts = names.map((name, n) => [name, name === "Bytes" && values[n] ? size(values[n]) : values[n]]);
    const known = facts.slice(2).filter(([, value]) => value);
    return { status: values[1], facts: known.length ? known : [["Details", "not read yet"]] };
  }

  const title = (day, status) => `${weekday.format(day * DAY_MS)} ${date.format(day * DAY_MS)}: ${status}`;

  class HeatMap {
    constructor(box) {
      this.canvas = box.querySelector(".canvas");
      this.article = box.closest("article");
      this.rows = null;
      this.day = last;
      this.grid = document.createElement("div");
      this.grid.setAttribute("role", "grid");
      this.grid.setAttribute("aria-label", box.getAttribute("aria-label"));
      this.grid.setAttribute("aria-describedby", "keys-help");
      this.grid.setAttribute("aria-rowcount", "7");
      this.grid.setAttribute("aria-colcount", String(place(last).column));
      this.cell = this.makeCell(last, title(last, describe(this.lastRow()).status));
      this.canvas.append(this.grid);
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      this.canvas.addEventListener("pointermove", (event) => this.point(event));
      this.canvas.addEventListener("pointerleave", (event) => this.leave(event));
      this.canvas.addEventListener("click", (event) => this.pin(event));
      this.grid.addEventListener("focusin", () => this.show(this.day));
      this.grid.addEventListener("focusout", () => { if (!HeatMap.pinned) hide(); });
      this.grid.addEventListener("keydown", (event) => this.press(event));
    }

    row(day) {
      this.rows ??= new Map([...this.article.querySelectorAll("tbody tr")].map((row) => [row.cells[0].textContent, row]));
      return this.rows.get(iso(day));
    }

    /** Returns the last day's row without reading all the others: every map needs it when the page is loaded. */
    lastRow() {
      const lastRows = [...this.article.querySelectorAll("tbody")].map((body) => body.lastElementChild);
      return lastRows.find((row) => row.cells[0].textContent === iso(last));
    }

    /** Makes the only cell of the grid of seven rows and all weeks, for the day that has the focus. */
    makeCell(day, text) {
      const at = place(day);
      const row = document.createElement("div");
      row.setAttribute("role", "row");
      row.setAttribute("aria-rowindex", String(at.row));
      const cell = document.createElement("div");
      cell.className = "cell";
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-colindex", String(at.column));
      cell.tabIndex = 0;
      cell.style.left = `${at.x + 2}px`;
      cell.style.top = `${at.y + 2}px`;
      cell.append(element("span", text));
      row.append(cell);
      this.grid.append(row);
      return cell;
    }

    show(day) {
      this.day = day;
      const { status, facts } = describe(this.row(day));
      const heading = title(day, status);
      const old = this.cell;
      const hadFocus = old === document.activeElement;
      if (old.textContent !== heading) {
        this.cell = this.makeCell(day, heading);
        if (hadFocus) this.cell.focus();
        old.parentElement.remove();
      }
      for (const shown of document.querySelectorAll(".cell.shown")) shown.classList.remove("shown");
      this.cell.classList.add("shown");
      this.cell.setAttribute("aria-describedby", "detail");
      fill(heading, facts);
      putNear(this.cell, this.canvas, place(day).band);
    }

    press(event) {
      const steps = { ArrowLeft: -7, ArrowRight: 7, ArrowUp: -1, ArrowDown: 1, PageUp: -28, PageDown: 28 };
      const ends = { Home: first, End: last };
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key in steps) this.show(Math.min(last, Math.max(first, this.day + steps[event.key])));
      else if (event.key in ends) this.show(ends[event.key]);
      else if (event.key === "Enter") this.goToRow();
      else return;
      event.preventDefault();
    }

    goToRow() {
      const row = this.row(this.day);
      if (!row) return;
      row.closest("details").open = true;
      row.tabIndex = -1;
      row.focus();
    }

    point(event) {
      if (event.pointerType === "touch" || HeatMap.pinned) return;
      const day = this.under(event);
      if (day === null) hide();
      else if (detail.hidden || day !== this.day || !this.cell.classList.contains("shown")) this.show(day);
    }

    leave(event) {
      if (!HeatMap.pinned && !detail.contains(event.relatedTarget)) hide();
    }

    pin(event) {
      const day = this.under(event);
      HeatMap.pinned = false;
      if (day === null) return hide();
      this.show(day);
      this.cell.focus({ preventScroll: true });
      HeatMap.pinned = true;
    }

    under(event) {
      const corner = this.canvas.getBoundingClientRect();
      return dayAt(event.clientX - corner.left - 2, event.clientY - corner.top - 2);
    }
  }
  HeatMap.pinned = false;

  function fill(title, facts) {
    const list = document.createElement("dl");
    for (const [name, value] of facts) list.append(element("dt", name), element("dd", value));
    detail.replaceChildren(element("strong", title), list);
  }

  /** Puts the detail below the day's band, so that no day is covered; above it if there is no room. It touches the band. */
  function putNear(cell, canvas, band) {
    detail.hidden = false;
    const at = cell.getBoundingClientRect();
    const own = detail.getBoundingClientRect();
    const bandTop = canvas.getBoundingClientRect().top + band * bandHeight;
    const bandBottom = bandTop + bandHeight;
    const isBelow = bandBottom + own.height < window.innerHeight || bandTop < own.height;
    const wide = document.documentElement.clientWidth;
    const x = Math.max(8, Math.min(at.left + at.width / 2 - own.width / 2, wide - own.width - 8));
    detail.style.left = `${x + window.scrollX}px`;
    detail.style.top = `${(isBelow ? bandBottom : bandTop + top - own.height) + window.scrollY}px`;
  }

  function hide() {
    HeatMap.pinned = false;
    detail.hidden = true;
    for (const shown of document.querySelectorAll(".cell.shown")) shown.classList.remove("shown");
  }

  for (const box of document.querySelectorAll(".map")) new HeatMap(box);
  detail.addEventListener("pointerleave", () => { if (!HeatMap.pinned) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("pointerdown", (event) => {
    if (!detail.contains(event.target) && !event.target.closest(".canvas")) hide();
  });

  for (const box of document.querySelectorAll(".keys input")) {
    box.hidden = false;
    box.addEventListener("change", () => document.documentElement.classList.toggle(`no-${box.value}`, !box.checked));
  }
  document.getElementById("untick").hidden = false;

  const form = document.querySelector(".choice");
  if (form) {
    const kind = document.getElementById("choose-kind");
    const project = document.getElementById("choose-project");
    const gaps = document.getElementById("choose-gaps");
    const choose = () => {
      let shown = 0;
      for (const article of document.querySelectorAll("article")) {
        const { kind: ofKind, project: ofProject } = article.dataset;
        article.hidden = Boolean((kind.value && kind.value !== ofKind) ||
          (project?.value && project.value !== ofProject) || (gaps.checked && !article.classList.contains("gaps")));
        document.querySelector(`nav li[data-of="${article.id}"]`).hidden = article.hidden;
        shown += article.hidden ? 0 : 1;
      }
      for (const section of document.querySelectorAll("section.project")) {
        section.hidden = !section.querySelector("article:not([hidden])");
      }
      for (const list of document.querySelectorAll("nav ul")) {
        list.hidden = list.previousElementSibling.hidden = !list.querySelector("li:not([hidden])");
      }
      document.getElementById("chosen").textContent = `${shown} ${shown === 1 ? "stream" : "streams"} shown`;
    };
    form.hidden = false;
    form.addEventListener("change", choose);
    form.addEventListener("submit", (event) => event.preventDefault());
    choose();
  }
})();
