/** Elements, all of whose texts are texts and never markup. */

/** Return a new element with properties, such as `className` and `textContent`, and children. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Return a value of a message, in which anything may stand, as a text. */
export function asText(value) {
  return typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
}

/** Return the element of this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Return a name such as `conversation.started_speaking` as code that may break where its parts end. */
export function codeName(name) {
  const code = element("code", { className: "type" });
  for (const part of name.split(/(?<=[._])/)) {
    code.append(part, element("wbr"));
  }
  return code;
}

/** Set a text, and touch nothing where it is that already. */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Return the time of day of *seconds* since 1970. */
export function clockTime(seconds) {
  return CLOCK.format(seconds * 1000);
}

/** Return date and time of *seconds* since 1970. */
export function fullTime(seconds) {
  return DATE.format(seconds * 1000);
}

/** Return how long *seconds* are, in one unit or two: `42 s`, `3 min`, `5 h 20 min`, `12 d`, `2 years`. */
export function howLong(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  }
  const days = Math.floor(hours / 24);
  return days < 730 ? `${days} d` : `${Math.floor(days / 365.25)} years`;
}
