/** What is in the sandbox, kept up to date without redrawing what has not changed. */

import { byId, codeName, element, fullTime, howLong, setText } from "./dom.js";
import { endReason } from "./transcript.js";

const MILLISECONDS_BETWEEN = 1000;

let etag = null;
// How far the server's clock is ahead of this browser's, in seconds.
let ahead = 0;
let isPaused = false;

function now() {
  return Date.now() / 1000 + ahead;
}

/** A cell that holds a main text and one beneath. */
function twoLines(main, under = "") {
  main.classList.add("main");
  const cell = element("td", {}, main);
  if (under) {
    cell.append(element("span", { className: "under", textContent: under }));
  }
  return cell;
}

function span(text, className = "") {
  return element("span", { textContent: text, className });
}

function pill(text, kind) {
  return element("td", {}, span(text, `pill ${kind}`));
}

function age(at) {
  const cell = element("td", { className: "number" });
  if (at !== null) {
    const iso = new Date(at * 1000).toISOString();
    cell.append(element("time", { dateTime: iso, title: fullTime(at), textContent: howLong(now() - at) }));
  }
  return cell;
}

function milliseconds(seconds) {
  const text = seconds === null ? "" : seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
  return element("td", { className: "number", textContent: text });
}

function statusKind(status) {
  return status === null || status >= 500 ? "bad" : status >= 400 ? "warn" : "good";
}

const tables = {
  conversations: {
    key: (row) => row.id,
    cells: (row) => {
      const isOpen = row.has_room && !row.is_private;
      const href = `/c/${encodeURIComponent(row.id)}`;
      const name = isOpen ? element("a", { href, textContent: row.name || row.id }) : span(row.name || row.id);
      const state = row.status === "ended" ? pill("Ended", "") : pill("Active", "good");
      if (row.reason) {
        state.append(element("span", { className: "under", textContent: endReason(row.reason) }));
      }
      const notes = [row.name ? row.id : "", row.is_private ? "private: open it with its own URL" : ""];
      return [
        twoLines(name, notes.filter(Boolean).join(" · ")),
        twoLines(span(row.persona_name || "")),
        state,
        age(row.created),
      ];
    },
    more: (count) => `and ${count} older`,
  },
  deliveries: {
    key: (row) => row.key,
    cells: (row) => {
      const attempt = row.attempt > 1 ? ` · attempt ${row.attempt}` : "";
      const outcome = pill(row.status === null ? "Not delivered" : String(row.status), row.is_delivered ? "good" : "bad");
      if (row.error) {
        outcome.append(element("span", { className: "under", textContent: row.error }));
      }
      return [
        twoLines(codeName(row.event_type || "callback"), `${row.subject_id}${attempt}`),
        element("td", {}, element("code", { textContent: row.url })),
        outcome,
        milliseconds(row.duration),
        age(row.at),
      ];
    },
    more: (count) => `and ${count} earlier`,
  },
  requests: {
    key: (row) => row.key,
    cells: (row) => [
      element(
        "td",
        {},
        element("code", {}, element("span", { className: "method", textContent: row.method }), row.path),
      ),
      pill(row.status === null ? "None" : String(row.status), statusKind(row.status)),
      milliseconds(row.duration),
      age(row.at),
    ],
    more: (count) => `and ${count} earlier`,
  },
  personas: {
    key: (row) => row.id,
    cells: (row) => [
      twoLines(span(row.name || row.id)),
      element("td", {}, element("code", { textContent: row.id })),
      age(row.created),
    ],
    more: (count) => `and ${count} older`,
  },
};

/** Bring a table's body in line: rows that are the same stay the elements they are. */
function fill(name, { rows, total }, isFirst) {
  const { key, more } = tables[name];
  // On a phone rows are no table rows to the browser, but still to those who cannot see them.
  const cells = (row) => tables[name].cells(row).map((cell) => Object.assign(cell, { role: "cell" }));
  const table = byId(name);
  const body = table.tBodies[0];
  const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  let place = body.firstElementChild;
  for (const row of rows) {
    const id = String(key(row));
    const text = JSON.stringify(row);
    let shown = known.get(id);
    known.delete(id);
    if (shown === undefined) {
      shown = element("tr", { className: isFirst ? "" : "fresh", role: "row" }, ...cells(row));
      shown.dataset.key = id;
      shown.dataset.row = text;
    } else if (shown.dataset.row !== text) {
      replaceCells(shown, cells(row));
      shown.dataset.row = text;
    }
    if (shown === place) {
      place = place.nextElementSibling;
    } else {
      body.insertBefore(shown, place);
    }
  }
  known.forEach((row) => row.remove());
  table.hidden = rows.length === 0;
  byId(`${name}-empty`).hidden = rows.length > 0;
  setText(byId(`${name}-more`), total > rows.length ? more((total - rows.length).toLocaleString()) : "");
}

/** Replace only those cells that differ, so that a focused link stays focused. */
function replaceCells(row, cells) {
  cells.forEach((cell, number) => {
    const old = row.cells[number];
    if (!old.isEqualNode(cell)) {
      old.replaceWith(cell);
    }
  });
}

function showFigures(figures) {
  const list = byId("figures");
  figures.forEach(({ name, value, alarms }, number) => {
    let entry = list.children[number];
    if (entry === undefined) {
      entry = element("div", {}, element("dt", { textContent: name }), element("dd"));
      list.append(entry);
    }
    setText(entry.lastElementChild, value.toLocaleString());
    entry.className = value === 0 ? "zero" : alarms ? "alarm" : "";
  });
}

function tick() {
  for (const time of document.querySelectorAll("td time")) {
    setText(time, howLong(now() - Date.parse(time.dateTime) / 1000));
  }
}

/** Write the lines that are to be copied, with the address under which this page was opened. */
function showExamples({ persona_id: personaId }) {
  const post = (path, body) =>
    `curl ${location.origin}/v2/${path} \\\n  -H "x-api-key: $TAVUS_API_KEY" -H "Content-Type: application/json" \\\n  -d '${body}'`;
  setText(byId("curl-conversation"), post("conversations", `{"persona_id": "${personaId ?? "…"}"}`));
  setText(
    byId("python-conversation"),
    `async with AsyncSession(base_url="${location.origin}") as session:  # key: TAVUS_API_KEY\n` +
      `    conversation = await session.create_conversation({"persona_id": "${personaId ?? "…"}"})\n` +
      "    print(conversation.conversation_url)",
  );
  setText(byId("curl-personas"), `curl ${location.origin}/v2/personas -H "x-api-key: $TAVUS_API_KEY"`);
  setText(byId("curl-persona"), post("personas", '{"persona_name": "Ada", "system_prompt": "You are Ada."}'));
}

function show(overview) {
  const isFirst = byId("main").hidden;
  setText(byId("key"), overview.api_key);
  byId("api-key").hidden = false;
  showFigures(overview.figures);
  showExamples(overview);
  Object.keys(tables).forEach((name) => fill(name, overview[name], isFirst));
  byId("main").hidden = false;
}

function trouble(text) {
  setText(byId("trouble"), text);
  byId("trouble").hidden = !text;
}

async function refresh() {
  try {
    const headers = etag === null ? {} : { "If-None-Match": etag };
    const response = await fetch("/overview", { headers, cache: "no-store" });
    ahead = Date.parse(response.headers.get("Date") ?? "") / 1000 - Date.now() / 1000 || 0;
    if (response.ok) {
      etag = response.headers.get("ETag");
      show(await response.json());
    } else if (response.status !== 304) {
      throw new Error(String(response.status));
    }
    trouble("");
  } catch {
    trouble("The sandbox does not answer. Is it still running? Trying again …");
  }
}

async function keepUpToDate() {
  if (!isPaused && !document.hidden) {
    await refresh();
    tick();
  }
  setTimeout(keepUpToDate, MILLISECONDS_BETWEEN);
}

setText(byId("url"), location.origin);
byId("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  byId("pause").setAttribute("aria-pressed", String(isPaused));
  setText(byId("pause"), isPaused ? "Resume" : "Pause");
});
for (const button of document.querySelectorAll(".copy")) {
  // Browsers let a page write to the clipboard on loopback and over TLS only.
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.closest("figure").querySelector("pre").textContent);
    setText(button, "Copied");
    setTimeout(() => setText(button, "Copy"), 2000);
  });
}
keepUpToDate();
