import copy
import hmac
import json
import pickle
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yarl
from hypothesis import given, strategies as st

from tavus_async import ConfigurationError, ConversationDraft, InvalidRequestError, WebhookError, webhooks
from tavus_async._records.secrets import Secret
from tests.support.tracebacks import traceback_of

TEXT = "0123456789abcdef"
SECRET = webhooks.Secret(TEXT)
TOOL_SECRET = "the tool's own"
BODY = b'{"name": "plans", "arguments": "{}"}'
SIGNATURE = hmac.new(TOOL_SECRET.encode(), BODY, sha256).hexdigest()


class TestCallbackUrl:
    @pytest.mark.parametrize(
        ("url", "with_secret"),
        [
            ("https://me.example/tavus", f"https://me.example/tavus?token={TEXT}"),
            ("https://me.example", f"https://me.example?token={TEXT}"),
            ("http://127.0.0.1:8080/tavus/", f"http://127.0.0.1:8080/tavus/?token={TEXT}"),
            ("https://me.example/tavus?tenant=5", f"https://me.example/tavus?tenant=5&token={TEXT}"),
        ],
    )
    def test_it_carries_the_secret_in_its_query(self, url: str, with_secret: str) -> None:
        assert SECRET.callback_url(url) == with_secret

    @given(st.text(st.characters(categories=("L", "N", "P", "S")), min_size=16).filter(lambda text: "***" not in text))
    def test_any_secret_is_found_again(self, text: str) -> None:
        secret = webhooks.Secret(text)
        url = secret.callback_url("https://me.example/tavus?a=b")

        assert secret.matches(url)
        assert secret.matches(yarl.URL(url, encoded=True))
        assert parse_qs(urlsplit(url).query)["token"] == [text]

    @pytest.mark.parametrize(
        "url", ["", "me.example/tavus", "ftp://me.example", "https://", "https:///x", "https://[", "https://a/#b", None]
    )
    def test_what_is_no_url_is_refused(self, url: Any) -> None:
        with pytest.raises(InvalidRequestError, match="whole http or https URL"):
            SECRET.callback_url(url)

    def test_one_that_has_a_token_is_refused(self) -> None:
        with pytest.raises(InvalidRequestError, match="'token' already"):
            SECRET.callback_url(SECRET.callback_url("https://me.example"))

    def test_a_draft_that_has_it_does_not_show_it(self) -> None:
        draft = ConversationDraft(persona_id="p1", callback_url=SECRET.callback_url("https://me.example/tavus"))

        assert TEXT not in repr(draft) + str(dict(draft))
        assert TEXT in str(draft.to_dict())


class TestMatches:
    @pytest.mark.parametrize(
        "url",
        [
            f"https://me.example/tavus?token={TEXT}",
            f"/tavus?a=b&token={TEXT}&c",
            f"?token={TEXT}#part",
            f"//[?token={TEXT}",
        ],
    )
    def test_a_url_with_the_secret_matches(self, url: str) -> None:
        assert SECRET.matches(url)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "/tavus",
            "/tavus?token",
            "/tavus?token=",
            f"/tavus?token={TEXT[:-1]}",
            f"/tavus?token={TEXT}0",
            f"/tavus?token={TEXT.upper()}",
            f"/tavus?Token={TEXT}",
            f"/tavus/{TEXT}",
            f"/tavus#?token={TEXT}"[:6],
            f"/tavus?token={TEXT}&token=x",
            f"/tavus?token={TEXT}&token={TEXT}",
            f"/tavus?token=%00{TEXT}",
            "/tavus?token=%ff%fe",
            "?" * 5_000,
            None,
            5,
        ],
    )
    def test_any_other_does_not(self, url: Any) -> None:
        assert not SECRET.matches(url)


class TestMaking:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "at least 16 characters"),
            ("short", "at least 16 characters"),
            (" " * 20, "white space"),
            (f"{TEXT}\n", "white space"),
            (f"{TEXT}\0{TEXT}", "cannot be printed"),
            (None, "must be a string"),
            (5, "must be a string"),
            (b"0123456789abcdef", "must be a string"),
            ("***", "masked"),
            ("sk-***********abcdef", "masked"),
            (Secret(TEXT, is_masked=True), "masked"),
        ],
    )
    def test_one_that_protects_nothing_is_refused(self, text: Any, words: str) -> None:
        with pytest.raises(ConfigurationError, match=words):
            webhooks.Secret(text)

    def test_a_new_one_is_like_no_other(self) -> None:
        made = {webhooks.Secret.new().reveal() for _ in range(100)}

        assert len(made) == 100
        assert {len(text) for text in made} == {43}

    def test_it_is_a_secret_like_all_others(self) -> None:
        assert isinstance(SECRET, Secret)
        assert webhooks.Secret(SECRET) == SECRET == Secret(TEXT)
        assert TEXT not in repr(SECRET) + str(SECRET) + f"{SECRET}"
        assert TEXT.encode() not in pickle.dumps(SECRET)
        assert copy.deepcopy(SECRET) is SECRET

    @pytest.mark.parametrize("text", ["tooshort-7d41c", "***********-7d41c0ff", "0123456789-7d41c\n"])
    def test_a_refused_one_is_not_shown(self, text: str) -> None:
        told = traceback_of(lambda: webhooks.Secret(text))

        assert "a webhook secret must" in told
        assert "7d41c" not in told


class TestSignature:
    def test_the_signature_of_the_raw_body_is_taken(self) -> None:
        webhooks.verify_signature(BODY, SIGNATURE, TOOL_SECRET)
        webhooks.verify_signature(BODY.decode(), SIGNATURE, Secret(TOOL_SECRET))

        assert webhooks.sign(BODY, TOOL_SECRET) == SIGNATURE

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            SIGNATURE.upper(),
            SIGNATURE[:-1],
            f"sha256={SIGNATURE}",
            "ä",
            "\ud800",
            webhooks.sign(BODY, "another secret"),
            webhooks.sign(BODY + b" ", TOOL_SECRET),
        ],
    )
    def test_any_other_is_refused(self, header: str | None) -> None:
        with pytest.raises(WebhookError, match="signature"):
            webhooks.verify_signature(BODY, header, TOOL_SECRET)

    @pytest.mark.parametrize("secret", ["", "********", None, 5, Secret("x", is_masked=True)])
    def test_a_secret_that_everyone_knows_is_refused(self, secret: Any) -> None:
        with pytest.raises(ConfigurationError, match="not empty, and not masked"):
            webhooks.verify_signature(BODY, SIGNATURE, secret)

    @pytest.mark.parametrize("body", [json.loads(BODY), None, 5])
    def test_a_body_that_was_parsed_is_refused(self, body: Any) -> None:
        with pytest.raises(InvalidRequestError, match="raw body"):
            webhooks.verify_signature(body, SIGNATURE, TOOL_SECRET)

    def test_neither_secret_nor_the_right_signature_is_shown(self) -> None:
        told = traceback_of(lambda: webhooks.verify_signature(BODY, "wrong", "hunter2-hunter2"))

        assert "is not that of this body" in told
        assert "hunter2" not in told
        assert webhooks.sign(BODY, "hunter2-hunter2") not in told
