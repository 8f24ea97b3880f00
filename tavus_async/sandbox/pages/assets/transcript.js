/** What is said in a room, made of the events that are sent into it. */

import { asText, element } from "./dom.js";

const PERSONA_ROLES = new Set(["pal", "replica"]);

/** Return whose turn it is: the persona bears two names since the rename. */
function speaker(role) {
  return PERSONA_ROLES.has(role) ? "persona" : role;
}

/** Return the words for why a conversation ended; null where they are not known. */
export function endReason(reason) {
  const known = [
    ["end_conversation_endpoint_hit", "It was ended through the API."],
    ["participant_left_timeout", "Everybody had left."],
    ["participant_absent_timeout", "Nobody joined in time."],
    ["max_call_duration", "It reached its maximum duration."],
    ["daily_room_has_been_deleted", "It was deleted."],
  ];
  const found = known.find(([start]) => reason.startsWith(start));
  return found ? found[1] : `Reason: ${reason}`;
}

/** The list of lines. It keeps the end in view for as long as the reader has not scrolled away from it. */
export class Transcript {
  #list;
  #names = new Map();
  #lines = new Map();
  #last = null;
  #quote = null;
  #present = new Set();
  #follows = true;
  #top = 0;

  constructor(list) {
    this.#list = list;
    list.addEventListener("scroll", () => {
      const below = list.scrollHeight - list.scrollTop - list.clientHeight;
      if (list.scrollTop < this.#top && below > 1) {
        this.#follows = false;
      } else if (below < 60) {
        this.#follows = true;
      }
      this.#top = list.scrollTop;
    });
    // A movement that was under way when a line came ends where the end was before it.
    list.addEventListener("scrollend", () => this.#follow());
    new ResizeObserver(() => this.#follow()).observe(list);
    this.personaName = "";
    this.me = null;
  }

  /** Show what the persona will say first, until something is there. */
  foretell(text) {
    if (!text || this.#list.childElementCount) {
      return;
    }
    this.#quote = element("p", { className: "quote", dir: "auto", textContent: `“${text}”` });
    this.#list.append(this.#quote);
  }

  /** Take one event into account; *participant* is the id of the visitor who said it, if one did. */
  add(message, participant) {
    const properties = message.properties ?? {};
    switch (message.event_type) {
      case "conversation.utterance":
        this.#say(message, properties, participant);
        break;
      case "conversation.joined":
        this.#come(properties, "joined");
        break;
      case "conversation.left":
        this.#come(properties, "left");
        break;
      case "conversation.tool_call":
        this.#remark(`${this.personaName} calls ${asText(properties.name)}`);
        break;
    }
  }

  #say(message, properties, participant) {
    const who = speaker(properties.role);
    const key = `${who} ${message.inference_id ?? message.seq}`;
    const known = this.#lines.get(key);
    if (known) {
      known.textContent = asText(properties.speech);
      return;
    }
    const mine = who === "user" && participant !== null && participant === this.me;
    const name = who === "persona" ? this.personaName : mine ? "You" : this.#nameOf(participant);
    const what = element("p", { className: "what", dir: "auto", textContent: asText(properties.speech) });
    const line = element("div", { className: mine ? "line mine" : "line" });
    line.append(element("p", { className: "who", dir: "auto", textContent: name }), what);
    if (this.#last === `${who} ${participant}`) {
      line.classList.add("same");
    }
    this.#lines.set(key, what);
    this.#append(line);
    this.#last = `${who} ${participant}`;
  }

  /** Events do not tell who said something: where the page was not told either, it can be only who is alone. */
  #nameOf(participant) {
    const alone = this.#present.size === 1 ? [...this.#present][0] : null;
    return this.#names.get(participant ?? alone) ?? "Somebody";
  }

  #come(properties, verb) {
    if (properties.role !== "user") {
      return;
    }
    const participant = properties.id ?? null;
    this.#names.set(participant, asText(properties.name) || "Somebody");
    if (verb === "joined") {
      this.#present.add(participant);
    } else {
      this.#present.delete(participant);
    }
    this.#remark(`${this.#names.get(participant)} ${verb}`);
  }

  #remark(text) {
    this.#append(element("p", { className: "remark", textContent: text }));
    this.#last = null;
  }

  #follow() {
    if (this.#follows) {
      this.#list.scrollTop = this.#list.scrollHeight;
    }
  }

  #append(line) {
    this.#quote?.remove();
    this.#quote = null;
    this.#list.append(line);
    this.#follow();
  }
}
