"""How a webhook knows that it is Tavus who calls: a secret in the callback URL, since webhooks are not signed.

Tool calls are, if the tool has a secret: see `verify_signature`.
"""

import hmac
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from tavus_async._records.secrets import Secret, text_of
from tavus_async._settings.checks import is_text, of_kind
from tavus_async.errors import ConfigurationError, InvalidRequestError, WebhookError

LEAST_CHARACTERS = 16
PARAMETER = "token"
SIGNATURE_HEADER = "X-Tavus-Signature"


class CallbackSecret(Secret):
    """A secret that callback URLs carry, as `?token=…`: whoever does not know it cannot make one up.

    Tavus does not sign webhooks, and calls any URL as it was given. *text* has at least 16 characters, and is kept
    where other secrets are: all processes that receive webhooks need the same. Raises ConfigurationError for another.
    Like every secret it is shown nowhere; but servers and proxies write the URLs that they are asked for to their
    access logs, so let those leave the query out.
    """

    __slots__ = ()

    def __init__(self, text: str | Secret) -> None:
        given = text if isinstance(text, Secret) else Secret(text) if is_text(text) else None
        problem = unfit(given)
        if problem:
            del text, given
            raise ConfigurationError(f"a webhook secret {problem}")
        super().__init__(given or "")

    @classmethod
    def new(cls) -> "CallbackSecret":
        """Return a random secret of 43 characters; `reveal()` gives the text to be kept."""
        return cls(token_urlsafe())

    def callback_url(self, url: str) -> str:
        """Return the URL that a draft's `callback_url` takes: *url* with the secret added to its query.

        Raises InvalidRequestError for what is no http or https URL, and for one with a token already.
        """
        try:
            parts = urlsplit(text_of(url))
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
            raise InvalidRequestError("a callback URL must be a whole http or https URL, without a fragment")
        if tokens_in(parts.query):
            raise InvalidRequestError(f"the callback URL has a parameter {PARAMETER!r} already")
        added = f"{PARAMETER}={quote(self.reveal(), safe='')}"
        return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))

    def matches(self, url: object) -> bool:
        """Return whether the URL of a request, or its path and query, carries this secret; in constant time.

        Takes a text, and what a framework has for URLs: `str(url)` is looked at. Two tokens are none.
        """
        given = tokens_in(text_of(url).partition("?")[2].partition("#")[0])
        return is_same(given[0] if len(given) == 1 else "", self.reveal())


def unfit(secret: Secret | None) -> str | None:
    """Return what is wrong with the text of a secret; None if nothing is."""
    if secret is None or not is_text(secret.reveal()):
        return "must be a string"
    if secret.is_masked:
        return "must be the secret itself: this one is masked"
    if secret.reveal() != secret.reveal().strip() or not secret.reveal().isprintable():
        return "must not have white space around it, or characters that cannot be printed in it"
    if len(secret.reveal()) < LEAST_CHARACTERS:
        return f"must have at least {LEAST_CHARACTERS} characters; webhooks.Secret.new() makes one"
    return None


def tokens_in(query: str) -> list[str]:
    """Return the values of the parameter that carries the secret."""
    return [value for name, value in parse_qsl(query, keep_blank_values=True) if name == PARAMETER]


def is_same(given: str, expected: str) -> bool:
    """Compare two texts in a time that tells neither how long they are nor where they differ."""
    one, other = (sha256(text.encode(errors="surrogatepass")).digest() for text in (given, expected))
    return hmac.compare_digest(one, other)


def sign(body: bytes | str, secret: str | Secret) -> str:
    """Return what Tavus puts in the header `X-Tavus-Signature` of a tool call: the hex HMAC-SHA256 of its body.

    For tests of what verifies it. Raises ConfigurationError for a secret that is empty or masked.
    """
    key = Secret(secret)
    del secret
    if not is_text(key.reveal()) or not key or key.is_masked:
        raise ConfigurationError("the secret of a tool must be its text: not empty, and not masked")
    of_kind("the raw body of the request", body, (bytes, str), error=InvalidRequestError)
    data = body.encode(errors="surrogatepass") if isinstance(body, str) else body
    return hmac.new(key.reveal().encode(errors="surrogatepass"), data, sha256).hexdigest()


def verify_signature(body: bytes | str, header: str | None, secret: str | Secret) -> None:
    """Validate that a tool call is from Tavus: *header* is that of `X-Tavus-Signature`, *secret* the tool's own.

    Only calls of tools with `auth.type` `hmac` are signed; webhooks about conversations are not. *body* is the body as
    it was received: JSON that was parsed and written anew has another signature. Compares in constant time. Raises
    WebhookError for a wrong signature or none, ConfigurationError for a secret that is empty or masked.
    """
    key = Secret(secret)
    del secret
    is_right = is_same(header if is_text(header) else "", sign(body, key))
    if header is None or not is_text(header):
        raise WebhookError(f"the request has no signature: the header {SIGNATURE_HEADER} is missing")
    if not is_right:
        raise WebhookError("the signature is not that of this body and secret")
