"""The endpoints of what is attached to a persona: its tools and its skills."""

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.personas.endpoints import find, find_owned, save
from tavus_async.sandbox.resources.personas.rules import too_many
from tavus_async.sandbox.vocabulary import Vocabulary

_UNKNOWN_TOOL = error("Invalid tool_id")
_UNKNOWN_SKILL = error("Invalid skill_id")


def list_persona_tools(account: Account, request: Request) -> Answer:
    """Return the attached tools: a bare array for a persona, `{"data": [...]}` for a PAL."""
    # The sandbox holds no tools of their own, so their ids are all it can tell.
    tools: list[Json] = [{"tool_id": tool_id} for tool_id in _tool_ids(find(account, request).document())]
    return Answer(body=tools if request.vocabulary is Vocabulary.PERSONA else {"data": tools})


def attach_tools(account: Account, request: Request) -> Answer:
    """Attach the tools of `{"tool_ids": [...]}` that are not attached yet."""
    persona = find_owned(account, request)
    wanted = request.json_object().get("tool_ids")
    if not isinstance(wanted, list):
        return error("tool_ids is required")
    document = persona.document()
    tool_ids = _tool_ids(document)
    document["tool_ids"] = [*tool_ids, *(tool_id for tool_id in wanted if tool_id not in tool_ids)]
    if wrong := too_many(document):
        return error(wrong[0])
    save(persona, document)
    return list_persona_tools(account, request)


def detach_tool(account: Account, request: Request) -> Answer:
    """Detach one tool."""
    persona = find_owned(account, request)
    document, detached = persona.document(), request.params["tool_id"]
    tool_ids = _tool_ids(document)
    if detached not in tool_ids:
        return _UNKNOWN_TOOL
    save(persona, {**document, "tool_ids": [tool_id for tool_id in tool_ids if tool_id != detached]})
    return NO_CONTENT


def list_persona_skills(account: Account, request: Request) -> Answer:
    """Return the attached skills by their ids."""
    skills = _skills(find(account, request))
    return Answer(body={"data": {skill_id: _skill(skill_id, skill) for skill_id, skill in skills.items()}})


def get_persona_skill(account: Account, request: Request) -> Answer:
    """Return one attached skill."""
    skill_id = request.params["skill_id"]
    return Answer(body=_skill(skill_id, _attached(find(account, request), skill_id)))


def replace_skills(account: Account, request: Request) -> Answer:
    """Attach the skills of `{"skills": {...}}` and no others."""
    persona = find_owned(account, request)
    skills = request.json_object().get("skills")
    if not isinstance(skills, dict):
        return error("skills must be an object")
    save(persona, {**persona.document(), "skills": skills})
    return list_persona_skills(account, request)


def attach_skill(account: Account, request: Request) -> Answer:
    """Attach one skill with the config of `{"config": {...}}`."""
    return _save_skill(find_owned(account, request), request.params["skill_id"], _sent_config(request))


def update_skill(account: Account, request: Request) -> Answer:
    """Merge `{"config": {...}}` into the config of an attached skill; null removes a key."""
    persona, skill_id = find_owned(account, request), request.params["skill_id"]
    changes = _sent_config(request)
    config = {**_config(_attached(persona, skill_id)), **changes}
    return _save_skill(persona, skill_id, {key: value for key, value in config.items() if value is not None})


def detach_skill(account: Account, request: Request) -> Answer:
    """Detach one skill."""
    persona, skill_id = find_owned(account, request), request.params["skill_id"]
    _attached(persona, skill_id)
    skills = {key: skill for key, skill in _skills(persona).items() if key != skill_id}
    save(persona, {**persona.document(), "skills": skills})
    return NO_CONTENT


def _sent_config(request: Request) -> JsonObject:
    config = request.json_object().get("config", {})
    if not isinstance(config, dict):
        raise RefusalError(error("config must be an object"))
    return config


def _save_skill(persona: StoredObject, skill_id: str, config: JsonObject) -> Answer:
    skill: JsonObject = {"config": config}
    save(persona, {**persona.document(), "skills": {**_skills(persona), skill_id: skill}})
    return Answer(body=_skill(skill_id, skill))


def _tool_ids(document: JsonObject) -> list[Json]:
    tool_ids = document.get("tool_ids")
    return tool_ids if isinstance(tool_ids, list) else []


def _skills(persona: StoredObject) -> JsonObject:
    skills = persona.document().get("skills")
    return skills if isinstance(skills, dict) else {}


def _attached(persona: StoredObject, skill_id: str) -> Json:
    skills = _skills(persona)
    if skill_id not in skills:
        raise RefusalError(_UNKNOWN_SKILL)
    return skills[skill_id]


def _config(skill: Json) -> JsonObject:
    config = skill.get("config") if isinstance(skill, dict) else None
    return config if isinstance(config, dict) else {}


def _skill(skill_id: str, skill: Json) -> JsonObject:
    return {"skill_id": skill_id, "config": _config(skill)}
