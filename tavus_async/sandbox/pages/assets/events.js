/** The list of all events, as they are on the wire. */

import { asText, clockTime, codeName, element, fullTime } from "./dom.js";

const MOST = 1000;
// Since the rename Tavus sends these twice, in the new words and in the old ones.
const OLD_NAMES = new Set([
  "system.replica_joined",
  "system.replica_present",
  "conversation.replica.started_speaking",
  "conversation.replica.stopped_speaking",
  "conversation.user.started_speaking",
  "conversation.user.stopped_speaking",
]);

function isTwin(message) {
  return OLD_NAMES.has(message.event_type) || message.properties?.role === "replica";
}

function brief(properties) {
  if (typeof properties !== "object" || properties === null) {
    return asText(properties);
  }
  return Object.entries(properties)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}: ${asText(value)}`)
    .join(" · ");
}

/** Return seconds since 1970 of a timestamp that is a number or a text; null for neither. */
function seconds(timestamp) {
  const value = typeof timestamp === "number" ? timestamp : Date.parse(asText(timestamp)) / 1000;
  return Number.isFinite(value) ? value : null;
}

/** Rows of events, each of which opens to show the whole message. */
export class EventList {
  #list;

  constructor(list) {
    this.#list = list;
    /** How many there were, and how many of them were twins. */
    this.total = 0;
    this.twins = 0;
  }

  /** Add one event at the end. */
  add(message) {
    const twin = isTwin(message);
    this.total += 1;
    this.twins += twin ? 1 : 0;
    const list = this.#list;
    const follows = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    list.append(this.#row(message, twin));
    if (list.childElementCount > MOST) {
      list.firstElementChild.remove();
    }
    if (follows) {
      list.scrollTop = list.scrollHeight;
    }
  }

  #row(message, twin) {
    const summary = element("summary");
    summary.append(
      element("span", { className: "seq", textContent: String(message.seq ?? "") }),
      codeName(asText(message.event_type) || "?"),
    );
    const at = seconds(message.timestamp);
    if (at !== null) {
      summary.append(element("time", { textContent: clockTime(at), title: fullTime(at) }));
    }
    const told = brief(message.properties);
    if (told) {
      summary.append(element("span", { className: "brief", textContent: told }));
    }
    const details = element("details", {}, summary);
    // Written when it is first looked at: most never are.
    details.addEventListener(
      "toggle",
      () => details.append(element("pre", { textContent: JSON.stringify(message, null, 2) })),
      { once: true },
    );
    return element("li", { className: twin ? "event twin" : "event" }, details);
  }
}
