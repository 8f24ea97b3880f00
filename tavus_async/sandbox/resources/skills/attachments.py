"""The endpoints of the skills that are attached to a persona."""

from datetime import UTC, datetime

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import save
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.skills.configs import check_config
from tavus_async.sandbox.resources.skills.registry import find_skill

_NO_PERSONA = error("PAL not found", 404)
_NO_SKILLS = error("Bad Request: {'skills': ['Missing data for required field.']}")
_NO_CONFIG = error("Bad Request: {'config': ['Not a valid mapping type.']}")


def list_persona_skills(account: Account, request: Request) -> Answer:
    """Return the attached skills by their ids."""
    return _told(_skills(_persona(account, request)))


def get_persona_skill(account: Account, request: Request) -> Answer:
    """Return one attached skill."""
    skill_id = request.params["skill_id"]
    return Answer(body=_skill(skill_id, _attached(account, _persona(account, request), skill_id)))


def replace_skills(account: Account, request: Request) -> Answer:
    """Attach the skills of `{"skills": {...}}` and no others."""
    persona, wanted = _owned(account, request), request.json_object().get("skills")
    if not isinstance(wanted, dict):
        return _NO_SKILLS
    before, skills = _skills(persona), dict[str, Json]()
    for skill_id, skill in wanted.items():
        config = _config(skill)
        find_skill(account, skill_id)
        check_config(skill_id, config)
        skills[skill_id] = _attachment(before.get(skill_id), config)
    save(persona, {**persona.document(), "skills": skills})
    return _told(skills)


def attach_skill(account: Account, request: Request) -> Answer:
    """Attach one skill with the config of `{"config": {...}}`, or overwrite that."""
    persona, skill_id = _owned(account, request), request.params["skill_id"]
    find_skill(account, skill_id)
    return _save(persona, skill_id, _config(request.json_object()))


def update_skill(account: Account, request: Request) -> Answer:
    """Merge `{"config": {...}}` into the config of an attached skill; null removes a key."""
    persona, skill_id = _owned(account, request), request.params["skill_id"]
    changed = {**_config(_attached(account, persona, skill_id)), **_config(request.json_object())}
    return _save(persona, skill_id, {name: value for name, value in changed.items() if value is not None})


def detach_skill(account: Account, request: Request) -> Answer:
    """Detach one skill."""
    persona, skill_id = _owned(account, request), request.params["skill_id"]
    _attached(account, persona, skill_id)
    skills = {name: skill for name, skill in _skills(persona).items() if name != skill_id}
    save(persona, {**persona.document(), "skills": skills})
    return NO_CONTENT


def _persona(account: Account, request: Request) -> StoredObject:
    found = account.collections["personas"].get(request.params["persona_id"])
    if found is None:
        raise RefusalError(_NO_PERSONA)
    return found


def _owned(account: Account, request: Request) -> StoredObject:
    persona = _persona(account, request)
    if persona.is_system:
        raise RefusalError(_NO_PERSONA)
    return persona


def _attached(account: Account, persona: StoredObject, skill_id: str) -> Json:
    skills = _skills(persona)
    if skill_id not in skills:
        find_skill(account, skill_id)
        raise RefusalError(error(f"Skill '{skill_id}' is not attached to this PAL", 404))
    return skills[skill_id]


def _save(persona: StoredObject, skill_id: str, config: JsonObject) -> Answer:
    check_config(skill_id, config)
    skills = _skills(persona)
    skill = _attachment(skills.get(skill_id), config)
    save(persona, {**persona.document(), "skills": {**skills, skill_id: skill}})
    return Answer(body=_skill(skill_id, skill))


def _attachment(before: Json, config: JsonObject) -> JsonObject:
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    attached_at = before.get("attached_at") if isinstance(before, dict) else None
    return {"config": config, "attached_at": attached_at or now, "updated_at": now}


def _told(skills: JsonObject) -> Answer:
    return Answer(body={"data": {skill_id: _skill(skill_id, skill) for skill_id, skill in skills.items()}})


def _skill(skill_id: str, skill: Json) -> JsonObject:
    told: JsonObject = {"skill_id": skill_id, "config": _config(skill)}
    if isinstance(skill, dict):
        told |= {name: value for name, value in skill.items() if name in ("attached_at", "updated_at")}
    return told


def _skills(persona: StoredObject) -> JsonObject:
    skills = persona.document().get("skills")
    return skills if isinstance(skills, dict) else {}


def _config(skill: Json) -> JsonObject:
    config = skill.get("config") if isinstance(skill, dict) else None
    if isinstance(config, dict):
        return config
    if config is not None:
        raise RefusalError(_NO_CONFIG)
    return {}
