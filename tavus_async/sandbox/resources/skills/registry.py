"""The endpoints of the registry of skills."""

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["as_read", "find_skill", "get_skill", "list_skills"]


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it."""
    return document


def find_skill(account: Account, skill_id: str) -> StoredObject:
    """Return a skill of the registry; raises `RefusalError` where there is none."""
    found = account.collections["skills"].get(skill_id)
    if found is None:
        raise RefusalError(error(f"Unknown skill '{skill_id}'", 404))
    return found


def list_skills(account: Account, request: Request) -> Answer:
    """Return all skills at once."""
    skills: list[Json] = [skill.view(request.vocabulary) for skill in account.collections["skills"]]
    return Answer(body={"data": skills})


def get_skill(account: Account, request: Request) -> Answer:
    """Return one skill."""
    return Answer(body=find_skill(account, request.params["skill_id"]).body(request.vocabulary))
