"""A deployment: a persona put where visitors find it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from tavus_async._records.fields import SECRET, beside_body, link, named, nested, opaque, schema_of
from tavus_async._records.immutable import JsonObject
from tavus_async._records.record import Record
from tavus_async._records.secrets import Secret, make_secret
from tavus_async._settings.checks import of_kind
from tavus_async.errors import InvalidRequestError

# Editors offer the literals; any other string does as well.
DeploymentChannel = Literal["widget", "embed", "landing-page"] | str
DeploymentStatus = Literal["draft", "active", "inactive"] | str


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PageButton(Record):
    """A button on a landing page, which leads elsewhere."""

    title: str | None = None
    """What stands on it."""
    url: str | None = link()
    """Where it leads."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LandingPage(Record):
    """What a landing page shows; without a title and a description it is blank."""

    title: str | None = None
    """Its heading."""
    description: str | None = None
    """What stands beneath."""
    cta: Sequence[PageButton] | None = nested(None)
    """Buttons beside the one that joins (calls to action)."""
    logo: str | None = link()
    """Address of an image."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DeploymentConversation(Record):
    """What all conversations of a deployment have in common."""

    unique_memory_tag: bool | None = None
    """Whether each visitor is remembered apart from the others."""
    context: str | None = None
    """What the persona is told of the place, such as `Trade show booth`."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Customization(Record):
    """How a deployment looks, and what is said in it."""

    conversation: DeploymentConversation = nested(DeploymentConversation(wire_names=None))
    """What its conversations have in common."""
    landing_page: LandingPage = nested(LandingPage(wire_names=None))
    """What the page shows, in the channel `landing-page`."""
    widget: JsonObject | None = opaque()
    """How the widget looks; free-form."""
    preview: JsonObject | None = opaque()
    """What is shown before a conversation; free-form."""
    haircheck: JsonObject | None = opaque()
    """Where visitors choose camera and microphone; free-form."""
    after_call: JsonObject | None = opaque()
    """What is shown after a conversation; free-form."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DeploymentLimits(Record):
    """How much a deployment may be used; None is without a limit. Each is 1 or more."""

    daily_call_limit: int | None = None
    """Conversations a day."""
    daily_call_limit_per_user: int | None = None
    """Conversations a day for each visitor."""
    concurrent_call_limit: int | None = None
    """Conversations at once."""
    max_call_duration: int | None = None
    """Seconds that a conversation lasts at most."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DeploymentFields(Record):
    """What a deployment consists of, apart from what the server adds."""

    persona_id: str | None = named("pal_id")
    """Who speaks. The API calls it `pal_id`."""
    channel: DeploymentChannel | None = None
    """Where visitors find it: `widget`, `embed` or `landing-page`."""
    name: str | None = None
    """Display name, which need not be unique."""
    status: DeploymentStatus | None = None
    """`draft`, `active` or `inactive`; only an active one can be used."""
    password: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    """What visitors have to know; the server tells *has_password* alone."""
    customization: Customization = nested(Customization(wire_names=None))
    """How it looks, and what is said in it."""
    limits: DeploymentLimits = nested(DeploymentLimits(wire_names=None))
    """How much it may be used."""
    allowed_origins: Sequence[str] | None = None
    """Sites that may show it, such as `https://example.com`; empty for all."""


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Deployment(DeploymentFields):
    """A deployment as the server stores it.

    Source: https://docs.tavus.io/api-reference/deployments/get-deployment
    """

    deployment_id: str | None = None
    """What `get_deployment` takes; None where the server lists deployments without."""
    has_password: bool | None = None
    """Whether visitors have to know a password."""
    thumbnail_video_url: str | None = link()
    """Moving picture of the persona."""
    thumbnail_image_url: str | None = link()
    """Picture of the persona."""
    replica_thumbnail_video_url: str | None = link()
    """The same as *thumbnail_video_url*, in older answers."""
    usage_total: int | None = None
    """Conversations so far."""
    usage_today: int | None = None
    """Conversations today."""
    created_at: datetime | None = None
    """UTC where the server names no zone."""
    updated_at: datetime | None = None
    """UTC where the server names no zone."""
    etag: str | None = beside_body()
    """Which state of it this is, from the header `ETag`; None where the answer had none, as in lists.

    `update_deployment` sends it, so that nobody's change is overwritten.
    """


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DeploymentDraft(DeploymentFields):
    """A deployment to be created: `session.create_deployment(DeploymentDraft(persona_id=..., channel="embed"))`.

    Fields that are None are not sent. A *persona_id* and a *channel* are needed.
    Source: https://docs.tavus.io/api-reference/deployments/create-deployment
    """

    _is_draft = True

    @classmethod
    def of(cls, deployment: Deployment) -> "DeploymentDraft":
        """Return the draft of a variation, without a password, which the server does not tell.

        Raises InvalidRequestError for what is no deployment.
        """
        of_kind("deployment", deployment, (Deployment, DeploymentDraft), error=InvalidRequestError)
        return cls(**{name: getattr(deployment, name) for name in schema_of(cls).names})
