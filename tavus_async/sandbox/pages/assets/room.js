/** A visitor in a room: joins, hears, says, leaves. */

import { asText, byId, setText } from "./dom.js";
import { EventList } from "./events.js";
import { endReason, Transcript } from "./transcript.js";

const path = `/c/${encodeURIComponent(document.body.dataset.conversation)}`;
const token = new URLSearchParams(location.search).get("t");
const kept = `participant of ${path}`;

const transcript = new Transcript(byId("transcript"));
const events = new EventList(byId("list"));
const phone = matchMedia("(max-width: 47.99rem)");

let participant = null;
let lastSeq = 0;
let source = null;
let room = null;
let reason = "";
let speaking = false;

/** Keep a text in a storage of the browser, which refuses some pages that are shown in a frame. */
function remember(storage, name, text) {
  try {
    storage().setItem(name, text);
  } catch {
    // Then it is forgotten when the page is reloaded.
  }
}

function recall(storage, name) {
  try {
    return storage().getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Send something to the server; throws an Error whose message is for people. */
async function post(action, body) {
  let response;
  try {
    response = await fetch(`${path}/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(token === null ? body : { ...body, token }),
    });
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(answer.error ?? `The sandbox answered ${response.status}.`);
  }
  return answer;
}

/** Listen to the room from the last event on, as the participant if there is one. */
function listen() {
  source?.close();
  const query = new URLSearchParams({ after: String(lastSeq) });
  if (token !== null) {
    query.set("t", token);
  }
  if (participant !== null) {
    query.set("participant", participant);
  }
  source = new EventSource(`${path}/events?${query}`);
  source.addEventListener("room", (event) => seeRoom(JSON.parse(event.data)));
  source.addEventListener("end", (event) => {
    source.close();
    seeRoom(JSON.parse(event.data));
  });
  source.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  source.addEventListener("open", () => trouble(""));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED && room?.status !== "ended") {
      trouble("The connection is lost. Reload the page to try again.");
    } else if (room?.status !== "ended") {
      trouble("The connection is lost. Trying again …");
    }
  });
}

function hear({ message, participant_id: speaker }) {
  if (message.seq <= lastSeq) {
    return;
  }
  lastSeq = message.seq;
  const properties = message.properties ?? {};
  if (message.event_type === "conversation.started_speaking" && properties.role !== "user") {
    speaking = true;
  } else if (message.event_type === "conversation.stopped_speaking" && properties.role !== "user") {
    speaking = false;
  } else if (message.event_type === "system.shutdown") {
    reason = asText(properties.shutdown_reason ?? properties.reason);
  }
  transcript.add(message, speaker);
  events.add(message);
  showCount();
  show();
}

function seeRoom(now) {
  const isFirst = room === null;
  room = now;
  transcript.personaName = room.persona_name;
  if (participant !== null && !room.is_present) {
    forget();
  }
  if (room.status === "ended") {
    forget();
  }
  if (isFirst) {
    paint(room.persona_name);
    if (room.status !== "ended") {
      transcript.foretell(room.greeting);
    }
  }
  show();
}

/** Give the persona a face: an initial, on a colour of its own. */
function paint(name) {
  const letter = [...name.trim()].find((character) => /\p{L}|\p{N}/u.test(character)) ?? "·";
  let hue = 0;
  for (const character of name) {
    hue = (hue * 31 + character.codePointAt(0)) % 360;
  }
  byId("face").style.setProperty("--hue", String(hue));
  setText(byId("face"), letter.toLocaleUpperCase());
  setText(byId("name"), name);
  document.title = `${name} · Tavus sandbox`;
}

/** Bring the page in line with what is so. */
function show() {
  if (room === null) {
    return;
  }
  const ended = room.status === "ended";
  const inside = participant !== null;
  const hadFocus = document.activeElement;
  document.body.dataset.state = ended ? "ended" : inside ? "inside" : "outside";
  setText(byId("status"), ended ? "Ended" : "Active");
  byId("status").className = ended ? "pill" : "pill good";
  byId("persona").classList.toggle("speaking", speaking && !ended);
  setText(byId("doing"), doing(ended, inside));
  byId("leave").hidden = ended || !inside;
  byId("join").hidden = ended || inside;
  byId("say").hidden = ended || !inside;
  byId("ended").hidden = !ended;
  setText(byId("reason"), reason ? endReason(reason) : "");
  if (hadFocus !== null && hadFocus !== document.body && hadFocus.offsetParent === null) {
    moveFocus();
  }
}

function doing(ended, inside) {
  if (ended) {
    return "Has left";
  }
  if (speaking) {
    return "Speaking …";
  }
  return inside ? "Listening" : "Waiting for you to join";
}

function moveFocus() {
  const next = room.status === "ended" ? "ended" : participant === null ? "visitor" : "text";
  byId(next).focus();
}

function trouble(text) {
  setText(byId("trouble"), text);
  byId("trouble").hidden = !text;
}

function showCount() {
  const shown = byId("twins").checked ? events.total : events.total - events.twins;
  setText(byId("count"), String(shown));
  byId("none").hidden = shown > 0;
}

function forget() {
  participant = null;
  remember(() => sessionStorage, kept, "");
}

function showEvents(shown) {
  byId("events").hidden = !shown;
  byId("toggle").setAttribute("aria-expanded", String(shown));
  document.body.classList.toggle("shows-events", shown);
}

/** Run what a form or a button asks for, once at a time; what goes wrong is told beneath. */
async function act(control, work) {
  // Not disabled, which would take the focus away.
  if (control.ariaBusy === "true") {
    return;
  }
  control.ariaBusy = "true";
  setText(byId("error"), "");
  try {
    await work();
  } catch (error) {
    setText(byId("error"), error.message);
  } finally {
    control.ariaBusy = null;
  }
}

async function join() {
  const name = byId("visitor").value.trim();
  const answer = await post("join", { name });
  participant = answer.participant_id;
  transcript.me = participant;
  remember(() => sessionStorage, kept, participant);
  remember(() => localStorage, "visitor", name);
  setText(byId("hint"), "");
  listen();
  show();
  // Some browsers do not give the focus to a button that is clicked, so that there was none to move.
  if (document.activeElement === document.body) {
    moveFocus();
  }
}

async function say() {
  const field = byId("text");
  const text = field.value.trim();
  if (!text) {
    return;
  }
  // Before the answer comes: what people write, and where they go, while it is on its way stays as it is.
  write("");
  field.focus();
  try {
    await post("say", { participant_id: participant, text });
  } catch (error) {
    write(field.value ? `${text}\n${field.value}` : text);
    throw error;
  }
}

async function leave() {
  await post("leave", { participant_id: participant });
  forget();
  setText(byId("hint"), "You have left. You can join again for as long as the conversation lasts.");
  listen();
  show();
}

function write(text) {
  byId("text").value = text;
  grow();
}

/** Let the field be as high as its text. */
function grow() {
  const field = byId("text");
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

function submit(form, work) {
  byId(form).addEventListener("submit", (event) => {
    event.preventDefault();
    act(byId(form).querySelector("button"), work);
  });
}

submit("join", join);
submit("say", say);
byId("leave").addEventListener("click", () => act(byId("leave"), leave));
byId("text").addEventListener("input", grow);
byId("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("say").requestSubmit();
  }
});
byId("toggle").addEventListener("click", () => showEvents(byId("events").hidden));
byId("twins").addEventListener("change", () => {
  byId("list").classList.toggle("hides-twins", !byId("twins").checked);
  showCount();
});
phone.addEventListener("change", () => showEvents(!phone.matches));
// Browsers allow a host few connections, so a page that merely looks on keeps one only while it is seen.
document.addEventListener("visibilitychange", () => {
  if (participant === null && room?.status !== "ended") {
    if (document.hidden) {
      source.close();
    } else {
      listen();
    }
  }
});
// A page that comes back from the browser's memory has been away for who knows how long.
addEventListener("pageshow", (event) => event.persisted && location.reload());

byId("list").classList.add("hides-twins");
showEvents(!phone.matches);
participant = recall(() => sessionStorage, kept) || null;
transcript.me = participant;
byId("visitor").value = recall(() => localStorage, "visitor");
listen();
