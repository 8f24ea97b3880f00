"""Which conversations are meant: a filter that nobody can leave out by accident."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tavus_async._settings.checks import display, is_number, is_text, of_kind
from tavus_async.errors import InvalidRequestError
from tavus_async.resources.conversations.records import Conversation


def choose(
    *,
    persona_id: str | None,
    replica_id: str | None,
    name_prefix: str | None,
    older_than: float | timedelta | None,
    everything: bool,
) -> Callable[[Conversation], bool]:
    """Return whether a conversation is meant, as a function; InvalidRequestError where the choice is none."""
    of_kind("everything", everything, bool, error=InvalidRequestError)
    texts: dict[str, object] = {"persona_id": persona_id, "replica_id": replica_id, "name_prefix": name_prefix}
    for name, value in texts.items():
        if value is not None and (not is_text(value) or not value):
            raise InvalidRequestError(f"{name} must be a text, and not empty, not {display(value)}")
    is_filtered = older_than is not None or any(value is not None for value in texts.values())
    if everything and is_filtered:
        raise InvalidRequestError("everything=True excludes the filters")
    if not everything and not is_filtered:
        raise InvalidRequestError("say which conversations are meant, by a filter or by everything=True")
    latest = None if older_than is None else moment_before(older_than)

    def fits(conversation: Conversation) -> bool:
        return (
            conversation.status != "ended"
            and persona_id in {None, conversation.persona_id}
            and replica_id in {None, conversation.replica_id}
            and (name_prefix is None or (conversation.conversation_name or "").startswith(name_prefix))
            and (latest is None or (conversation.created_at is not None and conversation.created_at <= latest))
        )

    return fits


def moment_before(older_than: float | timedelta) -> datetime:
    """Return the moment so long ago; InvalidRequestError for what is no length of time."""
    try:
        return datetime.now(UTC) - as_timedelta(older_than)
    except OverflowError:
        pass
    raise InvalidRequestError(f"older_than is longer ago than dates go: {display(older_than)}")


def as_timedelta(older_than: object) -> timedelta:
    """Return a number of seconds as a timedelta, and a timedelta as it is; InvalidRequestError for anything else."""
    if isinstance(older_than, timedelta) and older_than >= timedelta():  # or those to come would be old
        return older_than
    if not is_number(older_than) or older_than < 0:
        raise InvalidRequestError(f"older_than must be seconds from 0 up, or a timedelta, not {display(older_than)}")
    return timedelta(seconds=older_than)
