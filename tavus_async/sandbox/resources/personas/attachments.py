"""What hangs on a persona: the tools and the skills attached to it."""

from tavus_async.sandbox.answers import Answer, error
from tavus_async.sandbox.collection import Entry, Store, timestamp
from tavus_async.sandbox.json import Json, JsonObject, parse
from tavus_async.sandbox.resources.personas.endpoints import NO_CONTENT, NO_JSON, UNKNOWN_PERSONA, Call
from tavus_async.sandbox.resources.personas.rules import problems
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = [
    "attach_tools",
    "delete_skill",
    "detach_tool",
    "get_skill",
    "list_skills",
    "list_tools",
    "patch_skill",
    "put_skill",
    "replace_skills",
]

_UNKNOWN_TOOL = error("Invalid tool_id")
_UNKNOWN_SKILL = error("Invalid skill_id")


def list_tools(store: Store, call: Call) -> Answer:
    """Answer the attached tools: a bare array for a persona, `{"data": [...]}` for a PAL."""
    entry = store.get(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    # The sandbox holds no tools of their own, so their ids are all it can tell.
    tools: list[Json] = [{"tool_id": tool_id} for tool_id in _tool_ids(entry)]
    return Answer(body=tools if call.route.vocabulary is Vocabulary.PERSONA else {"data": tools})


def attach_tools(store: Store, call: Call) -> Answer:
    """Attach `{"tool_ids": [...]}`, at most 50 to one persona."""
    entry, sent = store.owned(call.route.persona_id), _object(call.body)
    if entry is None:
        return UNKNOWN_PERSONA
    wanted = sent.get("tool_ids") if sent is not None else None
    if not isinstance(wanted, list):
        return NO_JSON if sent is None else error("tool_ids is required")
    tool_ids = _tool_ids(entry)
    document = entry.document()
    document["tool_ids"] = [*tool_ids, *(tool_id for tool_id in wanted if tool_id not in tool_ids)]
    if wrong := problems({"pipeline_mode": "echo", "tool_ids": document["tool_ids"]}):
        return error(wrong[0])
    _save(entry, document)
    return list_tools(store, call)


def detach_tool(store: Store, call: Call) -> Answer:
    """Detach one tool."""
    entry = store.owned(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    tool_ids = _tool_ids(entry)
    if call.route.item_id not in tool_ids:
        return _UNKNOWN_TOOL
    document = entry.document()
    document["tool_ids"] = [tool_id for tool_id in tool_ids if tool_id != call.route.item_id]
    _save(entry, document)
    return NO_CONTENT


def list_skills(store: Store, call: Call) -> Answer:
    """Answer the attached skills by their ids."""
    entry = store.get(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    return Answer(body={"data": {key: _skill(key, skill) for key, skill in _skills(entry).items()}})


def get_skill(store: Store, call: Call) -> Answer:
    """Answer one attached skill."""
    entry = store.get(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    skills, skill_id = _skills(entry), call.route.item_id
    return Answer(body=_skill(skill_id, skills[skill_id])) if skill_id in skills else _UNKNOWN_SKILL


def replace_skills(store: Store, call: Call) -> Answer:
    """Attach exactly the skills of `{"skills": {...}}`."""
    entry, sent = store.owned(call.route.persona_id), _object(call.body)
    if entry is None:
        return UNKNOWN_PERSONA
    skills = sent.get("skills") if sent is not None else None
    if not isinstance(skills, dict):
        return NO_JSON if sent is None else error("skills must be an object")
    _save(entry, {**entry.document(), "skills": skills})
    return list_skills(store, call)


def put_skill(store: Store, call: Call) -> Answer:
    """Attach one skill with the config of `{"config": {...}}`."""
    return _write_skill(store, call, merge=False)


def patch_skill(store: Store, call: Call) -> Answer:
    """Merge `{"config": {...}}` into the config of an attached skill; null removes a key."""
    return _write_skill(store, call, merge=True)


def delete_skill(store: Store, call: Call) -> Answer:
    """Detach one skill."""
    entry = store.owned(call.route.persona_id)
    if entry is None:
        return UNKNOWN_PERSONA
    skills = _skills(entry)
    if skills.pop(call.route.item_id, None) is None:
        return _UNKNOWN_SKILL
    _save(entry, {**entry.document(), "skills": skills})
    return NO_CONTENT


def _write_skill(store: Store, call: Call, *, merge: bool) -> Answer:
    entry, sent = store.owned(call.route.persona_id), _object(call.body)
    if entry is None:
        return UNKNOWN_PERSONA
    if sent is None:
        return NO_JSON
    config = sent.get("config", {})
    if not isinstance(config, dict):
        return error("config must be an object")
    skills, skill_id = _skills(entry), call.route.item_id
    if merge:
        if skill_id not in skills:
            return _UNKNOWN_SKILL
        config = _merged(_config(skills[skill_id]), config)
    skill: JsonObject = {"config": config}
    skills[skill_id] = skill
    _save(entry, {**entry.document(), "skills": skills})
    return Answer(body=_skill(skill_id, skill))


def _merged(config: JsonObject, changes: JsonObject) -> JsonObject:
    return {key: value for key, value in {**config, **changes}.items() if value is not None}


def _object(body: bytes) -> JsonObject | None:
    try:
        value = parse(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else {}


def _save(entry: Entry, document: JsonObject) -> None:
    entry.replace({**document, "updated_at": timestamp()})


def _tool_ids(entry: Entry) -> list[Json]:
    tool_ids = entry.document().get("tool_ids")
    return tool_ids if isinstance(tool_ids, list) else []


def _skills(entry: Entry) -> JsonObject:
    skills = entry.document().get("skills")
    return skills if isinstance(skills, dict) else {}


def _config(skill: Json) -> JsonObject:
    config = skill.get("config") if isinstance(skill, dict) else None
    return config if isinstance(config, dict) else {}


def _skill(skill_id: str, skill: Json) -> JsonObject:
    return {"skill_id": skill_id, "config": _config(skill)}
