"""The endpoints of skills, and of those of a persona: https://docs.tavus.io/api-reference/skills"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tavus_async._records.body import has_masked_link
from tavus_async._records.immutable import FrozenDict, freeze, is_mapping, leaves, refuse_depth, thaw
from tavus_async._records.json import is_list, is_object, load
from tavus_async._records.secrets import Hidden, Secret, hidden, shown
from tavus_async._records.spelling import is_masked, secrets_in
from tavus_async._settings.checks import describe, display
from tavus_async._settings.refused import forget_refused
from tavus_async._wire.answers import Form, Reader, decode_one, kind_of, reader
from tavus_async._wire.call import Call, decode_nothing, encode
from tavus_async._wire.path import quote_id
from tavus_async._wire.resource import Resource
from tavus_async.errors import DecodeError, InvalidRequestError
from tavus_async.resources._attached import AttachedPath, attached_path
from tavus_async.resources.skills.records import PersonaSkill, Skill

SKILLS = Resource(path="/v2/skills", record=Skill, id_name="skill_id", list_keys=("data", "skills"))
PERSONA_SKILL = Form(record=PersonaSkill, id_name="skill_id", plural="skills of a persona")
KEYED_UNDER: Final = ("data", "skills")
"""The names under which an answer may have skills by their ids; else it has them itself."""
SKILL_FIELDS: Final = frozenset({"skill_id", "config", "attached_at", "updated_at"})
"""What an object that says how a skill is attached may have."""
NEEDS: Final[Mapping[str, str]] = {"presentation": "document_ids"}
"""What a skill cannot be attached without."""


def list_skills() -> Call[tuple[Skill, ...]]:
    """List Skills: https://docs.tavus.io/api-reference/skills/list-skills"""
    return SKILLS.list_all()


def get_skill(skill_id: str) -> Call[Skill]:
    """Get Skill: https://docs.tavus.io/api-reference/skills/get-skill"""
    return SKILLS.get(skill_id)


def list_persona_skills(persona_id: str) -> Call[Mapping[str, PersonaSkill]]:
    """List PAL Skills: https://docs.tavus.io/api-reference/pal-skills/list-pal-skills"""
    at = attached_path(persona_id, "skills")
    decode = partial(decode_by_id, reader(PersonaSkill))
    return Call(method="GET", path=at.path, renamed_path=at.renamed_path, decode=decode)


def get_persona_skill(persona_id: str, skill_id: str) -> Call[PersonaSkill]:
    """Get PAL Skill: https://docs.tavus.io/api-reference/pal-skills/get-pal-skill"""
    at = attached_path(persona_id, "skills", skill_id=skill_id)
    return Call(method="GET", path=at.path, renamed_path=at.renamed_path, decode=decoder_of(skill_id))


@forget_refused
def attach_skill(persona_id: str, skill_id: str, config: Mapping[str, Any] | None = None) -> Call[PersonaSkill]:
    """Attach Skill to PAL: https://docs.tavus.io/api-reference/pal-skills/attach-skill-to-pal"""
    config = hidden(config, texts=True)
    at = attached_path(persona_id, "skills", skill_id=skill_id)
    body = {} if config is None else {"config": checked_config(skill_id, config)}
    check_needs(skill_id, body)
    return _with_body("PUT", at, body, decoder_of(skill_id))


@forget_refused
def update_skill(persona_id: str, skill_id: str, config: Mapping[str, Any]) -> Call[PersonaSkill]:
    """Update PAL Skill: https://docs.tavus.io/api-reference/pal-skills/update-pal-skill"""
    config = hidden(config, texts=True)
    at = attached_path(persona_id, "skills", skill_id=skill_id)
    return _with_body("PATCH", at, {"config": checked_config(skill_id, config)}, decoder_of(skill_id))


def detach_skill(persona_id: str, skill_id: str) -> Call[None]:
    """Detach Skill from PAL: https://docs.tavus.io/api-reference/pal-skills/detach-skill-from-pal"""
    at = attached_path(persona_id, "skills", skill_id=skill_id)
    return Call(method="DELETE", path=at.path, renamed_path=at.renamed_path, decode=decode_nothing, changes=at.persona)


@forget_refused
def replace_skills(
    persona_id: str, skills: Mapping[str, PersonaSkill | Mapping[str, Any] | None]
) -> Call[Mapping[str, PersonaSkill]]:
    """Replace PAL Skills: https://docs.tavus.io/api-reference/pal-skills/replace-pal-skills"""
    held = hidden(skills, texts=True)
    del skills
    at = attached_path(persona_id, "skills")
    if not is_mapping(shown(held)):
        raise InvalidRequestError(f"skills must be a mapping of ids to skills, not {describe(shown(held))}")
    bodies = {skill_id: attachment(skill_id, Hidden(skill)) for skill_id, skill in shown(held).items()}
    return _with_body("PUT", at, {"skills": bodies}, partial(decode_by_id, reader(PersonaSkill)))


def attachment(skill_id: str, held: Hidden) -> dict[str, Any]:
    """Return how a skill is attached; InvalidRequestError for what is no record of one, nor the body of one."""
    quote_id(skill_id, name="skill_id")
    skill: Any = {} if held.given is None else held.given
    if isinstance(skill, PersonaSkill):
        skill = {"config": skill.config}
    if not is_mapping(skill):
        raise InvalidRequestError(f"the skill {display(skill_id)} must be a mapping, not {describe(skill)}")
    unknown = sorted(str(name) for name in skill if name not in SKILL_FIELDS)
    if unknown:
        raise InvalidRequestError(
            f'the skill {display(skill_id)} must be {{"config": ...}}, or empty, and has {", ".join(unknown)}'
        )
    config = skill.get("config")
    body = {} if config is None else {"config": checked_config(skill_id, Hidden(config))}
    check_needs(skill_id, body)
    return body


def checked_config(skill_id: str, held: Any) -> dict[str, Any]:
    """Return a copy of a config; InvalidRequestError for what is none."""
    if not is_mapping(shown(held)):
        given = describe(shown(held))
        raise InvalidRequestError(f"the config of {display(skill_id)} must be a mapping, not {given}")
    refuse_depth(Hidden(shown(held)))
    copied: dict[str, Any] = thaw(freeze(shown(held)))  # which marks credentials
    if has_masked_link(copied) or any(map(is_masked, leaves(copied))):
        raise InvalidRequestError(f"the config of {display(skill_id)} has a secret that was shown masked")
    return copied


def check_needs(skill_id: str, body: Mapping[str, Any]) -> None:
    """Validate that a skill has what it cannot be attached without; InvalidRequestError where that is missing."""
    needed = NEEDS.get(skill_id)
    config: Mapping[str, Any] = body.get("config") or {}
    if needed is not None and not config.get(needed):
        raise InvalidRequestError(f"the skill {skill_id} needs {needed} in its config")


def _with_body(method: str, at: AttachedPath, body: Mapping[str, Any], decode: Any) -> Call[Any]:
    """Return a call with a body, which tells the secrets in it."""
    held = Hidden(body)
    del body
    return Call(
        method=method,
        path=at.path,
        renamed_path=at.renamed_path,
        body=encode(thaw(held.given, Secret.reveal)),
        decode=decode,
        changes=at.persona,
        secrets=secrets_in(held.given),
    )


def decoder_of(skill_id: str) -> partial[PersonaSkill]:
    """Return what reads the answer about one skill of a persona."""
    return partial(decode_one, PERSONA_SKILL, reader(PersonaSkill), skill_id)


def decode_by_id(read: Reader[PersonaSkill], body: bytes) -> Mapping[str, PersonaSkill]:
    """Read skills that an object has by their ids, or a list; DecodeError for anything else.

    Where the object of a skill does not tell its id, that is the name under which it stands.
    """
    value, path = load(body), "$"
    if is_object(value):
        key = next((name for name in KEYED_UNDER if is_object(value.get(name)) or is_list(value.get(name))), None)
        value, path = (value, path) if key is None else (value[key], f"$.{key}")
    if is_list(value):
        return FrozenDict(dict(listed(read, item, f"{path}[{index}]") for index, item in enumerate(value)))
    if not is_object(value):
        raise DecodeError(path=path, expected="an object with skills by their ids", got=kind_of(value))
    found: dict[str, PersonaSkill] = {}
    for skill_id, skill in value.items():
        if skill is not None and not is_object(skill):
            raise DecodeError(path=f"{path}.{skill_id}", expected="a skill", got=kind_of(skill))
        told = skill if skill is not None else {}
        found[skill_id] = read(told if isinstance(told.get("skill_id"), str) else {**told, "skill_id": skill_id}, None)
    return FrozenDict(found)


def listed(read: Reader[PersonaSkill], item: Any, path: str) -> tuple[str, PersonaSkill]:
    """Read one skill of a list, which may be its id alone."""
    body = {"skill_id": item} if isinstance(item, str) else item
    PERSONA_SKILL.check_id(body, path)
    return body["skill_id"], read(body, None)
