"""A conversation: a video call with a persona."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, quote

import attrs

from tavus_async._records.fields import ALIASES, SECRET, link, named, nested, opaque
from tavus_async._records.record import Record
from tavus_async._records.secrets import MASK, Secret, make_secret
from tavus_async.resources.conversations.envelope import take_in
from tavus_async.resources.conversations.events import Event, Shutdown, TranscriptionReady
from tavus_async.resources.conversations.transcript import Transcript

# Editors offer the literals; any other string does as well.
ConversationStatus = Literal["active", "ended"] | str
RetrievalStrategy = Literal["speed", "quality", "balanced"] | str
StorageProvider = Literal["s3", "gcs", "azure_blob"] | str
Strings = Sequence[str]

EventT = TypeVar("EventT", bound=Event)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RecordingStorage(Record):
    """Where recordings are stored; which fields count depends on the *provider*."""

    provider: StorageProvider | None = None
    """`s3`, `gcs` or `azure_blob`."""
    bucket_name: str | None = None
    """Bucket (`s3`, `gcs`)."""
    bucket_region: str | None = None
    """Region of the bucket (`s3`)."""
    assume_role_arn: str | None = None
    """Role that Tavus assumes (`s3`)."""
    external_id: str | None = None
    """External id of that role (`s3`)."""
    project_id: str | None = None
    """Project (`gcs`)."""
    workload_identity_provider: str | None = None
    """Full name of the workload identity provider (`gcs`)."""
    service_account_email: str | None = None
    """Service account that Tavus acts as (`gcs`)."""
    storage_account: str | None = None
    """Storage account (`azure_blob`)."""
    container: str | None = None
    """Container (`azure_blob`)."""
    tenant_id: str | None = None
    """Tenant (`azure_blob`)."""
    client_id: str | None = None
    """Client (`azure_blob`)."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConversationProperties(Record):
    """How long a conversation lasts, in which language it is, and what is recorded of it."""

    max_call_duration: int | None = None
    """Seconds after which it ends in any case; default 3,600, and never more than the plan allows."""
    participant_left_timeout: int | None = None
    """Seconds for which it goes on after the last person has left; default 0."""
    participant_absent_timeout: int | None = None
    """Seconds for which it waits for somebody to join; default 300. A meeting token is valid for as long."""
    languages: Strings | None = None
    """Codes of the languages to be spoken, such as `en`."""
    language: str | None = None
    """English name of the language, such as `spanish`, or `multilingual`; deprecated, still accepted."""
    enable_recording: bool | None = None
    """Whether it can be recorded; default false."""
    auto_start_recording: bool | None = None
    """Whether recording starts by itself."""
    enable_closed_captions: bool | None = None
    """Whether captions are shown."""
    apply_greenscreen: bool | None = None
    """Whether the background is green, to be replaced; false for faces of phoenix-4.5."""
    recording_storage: RecordingStorage = nested(RecordingStorage(wire_names=None))
    """Where recordings are stored."""
    recording_s3_bucket_name: str | None = None
    """Bucket; deprecated, see *recording_storage*."""
    recording_s3_bucket_region: str | None = None
    """Region; deprecated, see *recording_storage*."""
    aws_assume_role_arn: str | None = None
    """Role; deprecated, see *recording_storage*."""
    require_auth: bool | None = None
    """Whether a token is needed to join; better set beside *properties*."""
    livekit_ws_url: str | None = link()
    """Address of a LiveKit server of your own."""
    livekit_room_token: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """Token for a room on it."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Conversation(Record):
    """A conversation as the server tells of it, whichever of its names for things it used.

    `persona_id` is filled from `pal_id`, `replica_id` from `face_id`. Lists, and the answer to a create, have fewer
    fields than `get_conversation(verbose=True)`.
    Source: https://docs.tavus.io/api-reference/conversations/get-conversation
    """

    conversation_id: str
    """Opaque: of no fixed length or alphabet."""
    conversation_name: str | None = None
    """Display name, which need not be unique."""
    conversation_url: str | None = link()
    """Where to join; None in chat mode. It may hold a token, `?t=…`, which is shown nowhere."""
    status: ConversationStatus | None = None
    """`active` or `ended`; `ended` from the start in test mode."""
    persona_id: str | None = named("pal_id")
    """Who speaks. Also spelled `pal_id`."""
    replica_id: str | None = named("face_id")
    """Whose face it has. Also spelled `face_id`."""
    callback_url: str | None = link(hides_path=True)
    """Where its webhooks go; what makes it unguessable is shown nowhere. It may be empty."""
    meeting_url: str | None = link()
    """The meeting of Google Meet, Zoom or Teams that it has joined, if the server repeats it."""
    meeting_token: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """What joining takes, in the answer to a create with *require_auth*; *join_url* has it in its place."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""
    shutdown_reason: str | None = None
    """Why it ended, such as `participant_left_timeout reached`; only verbose, not always: see *end_reason*."""
    events: Sequence[Event] | None = nested(None, adopt=take_in)
    """What happened so far, in the server's order; only verbose."""

    @property
    def join_url(self) -> str | None:
        """The address that somebody can join by, with the meeting token if one is needed; None where there is none.

        A token that is masked is not put in.
        """
        url, token = self.conversation_url, self.meeting_token
        if not url or token is None or not token or MASK in token.reveal():
            return url
        rest, hash_mark, fragment = url.partition("#")
        address, _, query = rest.partition("?")
        if "t" in parse_qs(query):
            return url
        added = f"t={quote(token.reveal(), safe='', errors='surrogatepass')}"
        return f"{address}?{query}&{added}{hash_mark}{fragment}" if query else f"{address}?{added}{hash_mark}{fragment}"

    @property
    def end_reason(self) -> str | None:
        """Why it ended, by itself or by its `Shutdown` event; None while it lasts, and where nothing says so."""
        shutdown = self.find_event(Shutdown)
        return self.shutdown_reason or (shutdown.shutdown_reason if shutdown is not None else None)

    @property
    def transcript(self) -> Transcript | None:
        """What was said; None before it is there, which is minutes after the end, and where it was not asked for."""
        ready = self.find_event(TranscriptionReady)
        return ready.transcript if ready is not None else None

    def find_event(self, kind: type[EventT]) -> EventT | None:
        """Return the last event of a kind; None where there is none, or the events were not asked for."""
        found = (event for event in reversed(self.events or ()) if isinstance(event, kind))
        return next(found, None)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConversationDraft(Record):
    """A conversation to be created: `session.conversation(ConversationDraft(persona_id=...))`.

    It needs a *persona_id* or a *replica_id*. Fields that are None are not sent. `extra` is sent along, for fields that
    this class does not know yet.
    Source: https://docs.tavus.io/api-reference/conversations/create-conversation
    """

    _is_draft = True

    persona_id: str | None = named("pal_id")
    """Who speaks. Also spelled `pal_id`."""
    replica_id: str | None = named("face_id")
    """Whose face it has; None takes the persona's own. Also spelled `face_id`."""
    conversation_name: str | None = None
    """Display name. By a unique one it can be found again, should the answer get lost."""
    conversational_context: str | None = None
    """What the persona should know, on top of its own context."""
    custom_greeting: str | None = None
    """First words, in the place of the persona's own; nobody can interrupt them."""
    dynamic_greeting: bool | None = None
    """Whether the first words are made up anew; undocumented."""
    callback_url: str | None = link(hides_path=True)
    """Where webhooks go: `tavus_async.webhooks` makes it unguessable."""
    audio_only: bool | None = None
    """Whether there is no video; excludes *chat*."""
    chat: bool | None = None
    """Whether it is in writing, without an address to join; excludes *audio_only*."""
    modality: Literal["text"] | str | None = None
    """`text`, with *chat* only; undocumented."""
    meeting_url: str | None = link()
    """A meeting of Google Meet, Zoom or Teams to join; the persona needs a conferencing identity."""
    test_mode: bool | None = None
    """Whether nobody joins and nothing is charged: the conversation has ended from the start."""
    require_auth: bool | None = None
    """Whether a token is needed to join."""
    max_participants: int | None = None
    """How many can be in it, the persona being one of them: at least 2."""
    memory_stores: Strings | None = None
    """Names of memory stores; outdated, see *participant_tags*."""
    participant_tags: Strings | None = None
    """Who takes part, in one tag: it chooses what the persona remembers."""
    document_ids: Strings | None = None
    """Documents that the persona knows in this conversation."""
    document_tags: Strings | None = None
    """Tags: every document with one of them is known as well."""
    document_retrieval_strategy: RetrievalStrategy | None = None
    """How documents are searched: `speed`, `quality` or `balanced` (default)."""
    policy: Literal["eu"] | str | None = None
    """`eu`: what the persona leaves to `auto`, such as its disclosure, is as it has to be there."""
    llm: Any = opaque()
    """Another language model, as in `{"model": "tavus-gpt-oss"}`; undocumented."""
    properties: ConversationProperties = nested(ConversationProperties(wire_names=None))
    """Time limits, language and recording."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CanvasInteractionFields(Record):
    """What somebody did with something that was shown on the canvas."""

    tool_call_id: str | None = None
    """The tool call that showed it; at most 128 characters."""
    component: str | None = None
    """What it is, such as `canvas.question`."""
    component_version: str | None = None
    """`v1`."""
    type: Literal["submit", "skip", "dismiss", "clear", "error", "heartbeat"] | str | None = None
    """What was done with it."""
    value: Any = opaque()
    """What was entered; each component has a shape of its own."""
    metadata: Any = opaque()
    """Whatever the program that recorded it has to add; an object."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CanvasInteraction(CanvasInteractionFields):
    """An interaction as the server keeps it.

    Source: https://docs.tavus.io/api-reference/canvas-interactions/list-canvas-interactions
    """

    interaction_id: str = attrs.field(metadata={ALIASES: ()})
    """Its id, which the program that recorded it has made."""
    conversation_id: str | None = None
    """The conversation that it belongs to."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CanvasInteractionDraft(CanvasInteractionFields):
    """An interaction to be recorded.

    Source: https://docs.tavus.io/api-reference/canvas-interactions/record-canvas-interaction
    """

    _is_draft = True

    interaction_id: str | None = None
    """Makes a second recording of the same do nothing; 1 to 128 characters."""
