"""The endpoints of visitors, who have no key."""

from attrs import evolve

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import find
from tavus_async.sandbox.json import JsonObject, encode
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.conversations.endpoints import create_conversation, find_room
from tavus_async.sandbox.resources.deployments.views import as_visited

__all__ = ["end_deployment_conversation", "get_deployment_init", "start_deployment_conversation"]

_WRONG_PASSWORD = error("Invalid password", 401)
_SENT = ("conversational_context", "custom_greeting", "memory_stores")


def get_deployment_init(account: Account, request: Request) -> Answer:
    """Return what the page of a deployment has to know."""
    document = find(account, request, "deployments").document()
    return Answer(body=as_visited(document, unavailable=_unavailable(document)))


def start_deployment_conversation(account: Account, request: Request) -> Answer:
    """Start a conversation of a visitor with the persona of a deployment, and count it."""
    deployment = find(account, request, "deployments")
    document, sent = deployment.document(), request.json_object() if request.body else {}
    if document.get("password") and sent.get("password") != document["password"]:
        return _WRONG_PASSWORD
    reason = _unavailable(document)
    if reason is not None:
        return error(f"Deployment is unavailable: {reason}", 403)
    body: JsonObject = {
        "pal_id": document.get("pal_id"),
        "conversation_name": document.get("name"),
        **{name: sent[name] for name in _SENT if name in sent},
    }
    answer = create_conversation(account, evolve(request, body=encode(body)))
    _count(deployment)
    return answer


def end_deployment_conversation(account: Account, request: Request) -> Answer:
    """End a conversation that a visitor has started."""
    find(account, request, "deployments")
    find_room(account, request).end("end_conversation_endpoint_hit")
    return Answer(body={"conversation_id": request.params["conversation_id"], "status": "ended"})


def _unavailable(document: JsonObject) -> str | None:
    if document.get("status") != "active":
        return "inactive"
    limits, used = document.get("limits"), document.get("usage_today")
    most = limits.get("daily_call_limit") if isinstance(limits, dict) else None
    return "daily_limit" if isinstance(most, int) and isinstance(used, int) and used >= most else None


def _count(deployment: StoredObject) -> None:
    # That somebody called is no change of the deployment: its ETag stays.
    document = deployment.document()
    for name in ("usage_total", "usage_today"):
        count = document.get(name)
        document[name] = count + 1 if isinstance(count, int) else 1
    deployment.replace(document)
