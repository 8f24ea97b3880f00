"""Fields that hold URLs: whole for who asks for them, without their secrets wherever a record is shown."""

import pickle
from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from tavus_async import InvalidRequestError, LlmLayer, Persona, calls, patch, webhooks
from tavus_async._records.body import body_of
from tavus_async._records.fields import link, named, nested, schema_of
from tavus_async._records.immutable import freeze, keep
from tavus_async._records.reading import make_record
from tavus_async._records.record import Record
from tavus_async._records.secrets import MASK, Secret, hidden_parts, mask_link

S = "SECRET"


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Door(Record):
    """A door."""

    address: str | None = link()
    """Where it is."""
    bell: str | None = link(hides_path=True)
    """Where to ring."""


NO_DOOR = Door(wire_names=None)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class House(Record):
    """A house."""

    name: str | None = named("new_name")
    """Its name."""
    door: Door = nested(NO_DOOR)  # noqa: RUF009 (defaults are field specifiers)
    """Its door."""


def door(**body: Any) -> Door:
    return make_record(Door, body)


@pytest.mark.parametrize(
    ("url", "without_query", "without_path"),
    [
        ("", "", ""),
        ("https://h.example", "https://h.example", "https://h.example"),
        ("https://h.example/", "https://h.example/", "https://h.example/***"),
        ("https://h.example:8443/a/b", "https://h.example:8443/a/b", "https://h.example:8443/***"),
        ("https://h.example/a?t=SECRET", "https://h.example/a?***", "https://h.example/***"),
        ("https://h.example?t=SECRET", "https://h.example?***", "https://h.example/***"),
        ("https://h.example/a#SECRET", "https://h.example/a#***", "https://h.example/***"),
        ("https://h.example/a?SECRET#SECRET", "https://h.example/a?***#***", "https://h.example/***"),
        ("https://user:SECRET@h.example/a", "https://h.example/a", "https://h.example/***"),
        ("https://a@SECRET@h.example", "https://h.example", "https://h.example"),
        ("//h.example/a?SECRET", "h.example/a?***", "h.example/***"),
        ("h.example/hook", "h.example/hook", "***"),
        ("user:SECRET@h.example", "user:///***", "user:///***"),
        ("/hook?SECRET", "/hook?***", "***"),
        ("https://[SECRET", "***", "***"),
        ("***", "***", "***"),
        ("https://h.example/a?***", "https://h.example/a?***", "https://h.example/***"),
    ],
)
def test_what_can_hold_a_secret_is_left_out(url: str, without_query: str, without_path: str) -> None:
    assert mask_link(url, hides_path=False) == without_query
    assert mask_link(url, hides_path=True) == without_path


@given(st.text() | st.from_regex(r"[a-z]*:?/?/?[a-z@:\[\]\\]*/?[a-z?#&=@/\\]*"), st.booleans())
def test_no_url_is_too_strange(url: str, hides_path: bool) -> None:
    masked = mask_link(url, hides_path=hides_path)

    assert all(isinstance(part, Secret) and part for part in hidden_parts(url, masked))
    assert make_record(Door, {"address": url}).to_dict() == {"address": url}


@given(
    st.from_regex(r"\Ahttps?://([a-z]+(:[a-z]*)?@)?[a-z.]+(:[0-9]{1,4})?(/[a-z@/]*)?([?#][a-z?#&=]*)?\Z"), st.booleans()
)
def test_what_was_masked_stays_so(url: str, hides_path: bool) -> None:
    masked = mask_link(url, hides_path=hides_path)

    assert mask_link(masked, hides_path=hides_path) == masked


class TestParts:
    @staticmethod
    def parts(url: str, *, hides_path: bool) -> set[str]:
        return {part.reveal() for part in hidden_parts(url, mask_link(url, hides_path=hides_path))}

    @pytest.mark.parametrize("url", ["", "https://h.example", "https://h.example/a"])
    def test_a_link_without_secrets_has_none(self, url: str) -> None:
        assert self.parts(url, hides_path=False) == set()

    def test_they_are_what_somebody_might_repeat(self) -> None:
        url = "https://user:the-password@h.example/hooks/0123456789abcdef?t=a%20token&lang=xy#the-fragment"
        of_query = {"t=a%20token&lang=xy", "a token", "xy"}

        assert self.parts(url, hides_path=False) == {url, "the-password", "the-fragment", *of_query}
        assert self.parts(url, hides_path=True) == {
            *(url, "the-password", "the-fragment", *of_query),
            *("/hooks/0123456789abcdef", "0123456789abcdef"),
        }

    def test_short_words_of_a_path_are_none(self) -> None:
        assert self.parts("https://h.example/api/webhook", hides_path=True) == {
            "https://h.example/api/webhook",
            "/api/webhook",
        }

    def test_of_what_is_no_url_the_whole_is_one(self) -> None:
        assert self.parts("https://[SECRET", hides_path=False) == {"https://[SECRET"}


class TestInRecords:
    URL = f"https://h.example/{S}?t={S}"

    def test_whoever_asks_gets_it_whole(self) -> None:
        record = door(address=self.URL, bell=self.URL)

        assert (record.address, record.bell) == (self.URL, self.URL)
        assert record.to_dict() == {"address": self.URL, "bell": self.URL}
        assert set(schema_of(record).masks) == {"address", "bell"}

    def test_shown_is_what_holds_no_secret(self) -> None:
        record = door(address=f"https://h.example/a?t={S}", bell=self.URL)
        shown = {"address": "https://h.example/a?***", "bell": "https://h.example/***"}

        assert vars(record) == dict(record) == record.to_dict(secrets=False) == shown
        assert repr(record) == "Door(address='https://h.example/a?***', bell='https://h.example/***')"
        assert vars(pickle.loads(pickle.dumps(record))) == shown  # noqa: S301

    def test_within_another_record_too(self) -> None:
        body = {"new_name": "n", "door": {"bell": self.URL}}
        record = make_record(House, body)
        before = f"{vars(record)} {pickle.dumps(record)!r}"

        assert record.door.bell == self.URL
        assert S not in f"{before} {vars(record)} {record!r} {pickle.dumps(record)!r}"
        assert record.to_dict() == body

    def test_a_long_link_is_cut_after_it_was_masked(self) -> None:
        shown = repr(door(address=f"https://h.example/{'a' * 99}?{S}"))

        assert S not in shown
        assert "characters" in shown

    def test_records_differ_by_what_is_not_shown(self) -> None:
        assert door(bell=self.URL) != door(bell=f"{self.URL}1")
        assert hash(door(bell=self.URL)) == hash(door(bell=self.URL))

    @pytest.mark.parametrize("value", [[S], {"url": S}, [{"a": [S]}], True, 5])
    def test_of_a_wrong_type_it_is_a_secret(self, value: Any) -> None:
        record = door(address=value)

        assert record.address is None
        assert record.extra == {"address": Secret(freeze(value))}
        assert vars(record) == {"address": MASK}
        assert record.to_dict() == {"address": value}

    def test_on_its_way_to_the_server_it_is_a_secret(self) -> None:
        body = body_of(door(address="https://h.example/a", bell=self.URL), secret=keep)

        assert body == {"address": "https://h.example/a", "bell": Secret(self.URL)}

    def test_null_is_none(self) -> None:
        assert door(address=None).to_dict() == {}


class TestLinksInFreeFormAndUnknownFields:
    """Nothing says of them that they are links, but that they are nothing else."""

    JOIN = f"https://rooms.example/c1?t={S}"
    PRESIGNED = f"https://bucket.example/r.mp4?X-Amz-Signature={S}"
    HOOK = f"https://h.example/hooks/{S}"
    TOLD: Mapping[str, Any] = {
        "join": JOIN,
        "callback_url": HOOK,
        "files": [{"url": PRESIGNED}, f"ftp://ada:{S}@files.example/a", "s3://bucket/key"],
        "text": "see https://docs.example/a?b",
    }
    MASKED: Mapping[str, Any] = {
        "join": "https://rooms.example/c1?***",
        "callback_url": "https://h.example/***",
        "files": [{"url": "https://bucket.example/r.mp4?***"}, "ftp://files.example/a", "s3://bucket/key"],
        "text": "see https://docs.example/a?b",
    }
    RECORDS: Mapping[str, Record] = {
        "unknown": make_record(Persona, {"persona_id": "p1", **TOLD}),
        "free-form": make_record(Persona, {"persona_id": "p1", "skills": dict(TOLD)}),
        "nested": make_record(Persona, {"persona_id": "p1", "layers": {"llm": {"extra_body": {**TOLD}, "new": JOIN}}}),
        "event": webhooks.parse({"event_type": "x", "properties": {**TOLD}, **TOLD}),
        "status": webhooks.parse({"video_id": "v1", "status": "ready", "download_url": PRESIGNED}),
        "video": make_record(webhooks.Video, {"video_id": "v1", "download_url": PRESIGNED, "stream_url": JOIN}),
        "model": make_record(LlmLayer, {"base_url": f"https://ada:{S}@llm.example/v1?key={S}"}),
        "one free-form link": make_record(Persona, {"persona_id": "p1", "skills": JOIN}),
    }

    def test_what_is_no_secret_stays(self) -> None:
        assert vars(make_record(Door, dict(self.TOLD))) == self.MASKED

    @pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
    def test_their_secrets_are_shown_nowhere(self, record: Record) -> None:
        adapter = pytest.importorskip("pydantic").TypeAdapter(Any)
        shown = [vars(record), dict(record), repr(record), record.to_dict(secrets=False), adapter.dump_json(record)]

        assert S not in str([*shown, *(pickle.dumps(record, protocol) for protocol in range(6))])
        assert S in str(record.to_dict())

    @pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
    def test_showing_changes_no_record(self, record: Record) -> None:
        before = record.to_dict()
        _ = vars(record), pickle.dumps(record)

        assert record.to_dict() == before

    @pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
    @pytest.mark.parametrize("name", ["skills", "unknown"])
    def test_one_that_was_shown_without_its_secret_is_not_sent(self, name: str) -> None:
        draft = {"system_prompt": "x", name: {"join": "https://rooms.example/c1?***"}}

        with pytest.raises(InvalidRequestError, match="a link that was shown without its secret"):
            calls.create_persona(draft)
        with pytest.raises(InvalidRequestError, match="a link that was shown without its secret"):
            calls.patch_persona("p1", [patch.add("/skills", draft[name])])
