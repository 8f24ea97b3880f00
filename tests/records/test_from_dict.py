"""Records made of mappings, as callers write them or copy them from the documentation."""

import asyncio
import copy
import inspect
import json
import warnings
from collections import ChainMap, OrderedDict, UserDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any, get_args

import attrs
import pytest

from tavus_async import (
    InvalidRequestError,
    Layers,
    LlmLayer,
    Persona,
    PersonaDraft,
    Secret,
    TtsLayer,
    UnknownFieldWarning,
    VoiceSettings,
    calls,
)
from tavus_async._records.fields import BESIDE_BODY, schema_of
from tavus_async._records.reading import fields_of, is_record_list
from tavus_async._records.timestamp import Instant
from tavus_async.models import Record
from tavus_async.resources.conversations.messages import Message
from tests.support.decoding import decode_persona
from tests.support.quick import quick_session
from tests.support.raw_server import RawServer, always

WRONG: Any = object()


def all_records(kind: type[Record] = Record) -> list[type[Record]]:
    return [kind, *(found for child in kind.__subclasses__() for found in all_records(child))]


# A class that stands for several makes records of those, whose tests are their own.
RECORDS = [
    kind for kind in all_records() if "_kind_of" not in vars(kind) and kind.__module__.startswith("tavus_async.")
]
DRAFTS = [kind for kind in RECORDS if kind._is_draft]
every_record = pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
every_draft = pytest.mark.parametrize("kind", DRAFTS, ids=lambda kind: kind.__name__)


def needed(kind: type[Record]) -> dict[str, Any]:
    """What a body of this record must have."""
    return dict.fromkeys(schema_of(kind).required, "id")


# A value that a field of each kind takes, as JSON has it.
FITTING: dict[Any, Any] = {
    str: "text",
    bool: True,
    int: 7,
    float: 0.5,
    float | str: "slow",
    datetime: "2026-05-15T12:00:00Z",
    Instant: 1779475657.5,
    Any: {"free": [{"form": None}]},
    Secret: "sk-mine",
    Sequence[str]: ["text"],
    Sequence[str | Mapping[str, Any]]: ["text", {"tag_name": "warm"}],
    Sequence[Mapping[str, Any]]: [{"type": "function"}],
    Mapping[str, Any]: {"key": ["text"]},
    Mapping[str, Secret]: {"X-Key": "sk-header"},
}


def fitting(kind: Any) -> Any:
    if is_record_list(kind):
        return [full(*get_args(kind))]
    return full(kind) if isinstance(kind, type) and issubclass(kind, Record) else copy.deepcopy(FITTING[kind])


def full(kind: type[Record], *, renamed: bool = False) -> dict[str, Any]:
    """A body with every field of a record, in the names before or since the rename."""
    schema = schema_of(kind)
    return {
        schema.spelled(name, renamed=renamed): fitting(field.kind)
        for name, field in fields_of(kind).items()
        if not field.is_alias
    }


def quietly(make: Callable[[], Any]) -> Any:
    with warnings.catch_warnings(action="ignore"):
        return make()


def told(make: Callable[[], object]) -> dict[str, str | None]:
    """The unknown fields of which somebody who makes this is told, with their nearest names."""
    with pytest.warns(UnknownFieldWarning) as caught:
        make()
    messages = [each.message for each in caught]
    assert {each.filename for each in caught} == {__file__}
    return {each.path: each.nearest for each in messages if isinstance(each, UnknownFieldWarning)}


class TestEveryRecord:
    @every_record
    @pytest.mark.parametrize("renamed", [False, True])
    def test_it_reads_a_whole_body_in_both_vocabularies(self, kind: type[Record], renamed: bool) -> None:
        body = full(kind, renamed=renamed)
        record = kind.from_dict(body)

        assert record.extra == {}
        assert record.to_dict() == body
        assert record == kind.from_dict(full(kind))
        assert [name for name in schema_of(kind).names if getattr(record, name) is None] == []

    @every_record
    def test_it_reads_under_any_name_what_another_name_means(self, kind: type[Record]) -> None:
        for name, own in schema_of(kind).own_names.items():
            value = fitting(fields_of(kind)[own].kind)
            record = kind.from_dict({**needed(kind), own: None, name: value})

            assert getattr(record, own) is not None, name
            assert record.to_dict()[name] == value

    @every_record
    def test_it_keeps_what_it_does_not_know_and_tells(self, kind: type[Record]) -> None:
        known = schema_of(kind).names[-1] if schema_of(kind).names else None
        unknown = f"{known}x" if known else "brand_new"
        body = {**needed(kind), unknown: {"a": [1, None]}}
        made: list[Record] = []

        assert told(lambda: made.append(kind.from_dict(body))) == {unknown: known}
        assert made[0].extra == {unknown: {"a": [1, None]}}
        assert made[0].to_dict() == body

    @every_record
    def test_an_empty_body_is_enough_but_for_an_id(self, kind: type[Record]) -> None:
        if schema_of(kind).required:
            (name,) = schema_of(kind).required
            with pytest.raises(InvalidRequestError, match=f"a {kind.__name__} needs {name}, as a text"):
                kind.from_dict({})
            with pytest.raises(InvalidRequestError, match=f"needs {name}"):
                kind.from_dict({name: 5, "pal_id": None})
        else:
            assert kind.from_dict({}).to_dict() == {}

    @every_record
    def test_what_is_no_mapping_is_refused(self, kind: type[Record]) -> None:
        bodies: list[Any] = [None, [], [("a", 1)], "{}", b"{}", 5, LlmLayer(), iter(())]
        for body in bodies:
            with pytest.raises(InvalidRequestError, match=rf"^{kind.__name__}\.from_dict takes a mapping, not a "):
                kind.from_dict(body)

    @every_record
    def test_nulls_are_not_sent(self, kind: type[Record]) -> None:
        body = dict.fromkeys(schema_of(kind).own_names) | needed(kind)

        assert kind.from_dict(body).to_dict() == needed(kind)

    @every_record
    def test_wrong_types_are_kept_by_records_and_refused_by_drafts(self, kind: type[Record]) -> None:
        names = [name for name in schema_of(kind).names if fields_of(kind)[name].kind is not Any]
        wrong = {name: WRONG for name in names if name not in schema_of(kind).required}
        if not wrong:
            return
        if kind._is_draft:
            with pytest.raises(InvalidRequestError) as caught:
                kind.from_dict(needed(kind) | wrong)
            assert sorted(str(caught.value).partition(": ")[2].split(", ")) == sorted(wrong)
        else:
            made: list[Record] = []
            assert told(lambda: made.append(kind.from_dict(needed(kind) | wrong))) == dict.fromkeys(wrong)
            assert made[0].extra.keys() == wrong.keys()
            assert made[0].to_dict() == needed(kind) | wrong

    @every_record
    def test_later_changes_to_what_was_given_do_not_reach_it(self, kind: type[Record]) -> None:
        body = full(kind) | {"unknown": {"deep": [1]}}
        record, before = quietly(lambda: kind.from_dict(body)), copy.deepcopy(body)
        body["unknown"]["deep"].append(2)
        for value in body.values():
            if isinstance(value, (dict, list)):
                value.clear()

        assert record.to_dict() == before

    @every_record
    def test_any_kind_of_mapping_will_do(self, kind: type[Record]) -> None:
        def wrapped(value: Any, wrap: Callable[[Any], Any]) -> Any:
            if isinstance(value, dict):
                return wrap({name: wrapped(inner, wrap) for name, inner in value.items()})
            return tuple(wrapped(each, wrap) for each in value) if isinstance(value, list) else value

        plain = kind.from_dict(full(kind))
        for wrap in (MappingProxyType, UserDict, OrderedDict, ChainMap, dict):
            record = kind.from_dict(wrapped(full(kind), wrap))

            assert record == plain, wrap
            assert json.dumps(record.to_dict()) == json.dumps(plain.to_dict()), wrap

    @every_record
    def test_what_is_given_back_masked_is_read_as_masked(self, kind: type[Record]) -> None:
        record = kind.from_dict(full(kind))
        twin = kind.from_dict(record.to_dict(secrets=False))

        assert "sk-" not in json.dumps(record.to_dict(secrets=False))
        assert twin.to_dict() == twin.to_dict(secrets=False) == record.to_dict(secrets=False)

    @pytest.mark.parametrize("kind", [kind for kind in RECORDS if not issubclass(kind, Message)])
    def test_it_has_the_signature_of_its_fields(self, kind: type[Record]) -> None:
        parameters = inspect.signature(kind).parameters

        beside = {field.name for field in attrs.fields(kind) if field.metadata.get(BESIDE_BODY)} - {"_wire_names"}

        assert set(parameters) == {*schema_of(kind).names, *beside, "wire_names"}
        assert {each.kind for each in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
        assert {name for name, each in parameters.items() if each.default is each.empty} == set(
            schema_of(kind).required
        )
        assert {field.alias for field in attrs.fields(kind)} == set(parameters)

    @pytest.mark.parametrize("kind", [kind for kind in RECORDS if not issubclass(kind, Message)])
    def test_it_is_made_again_by_evolve(self, kind: type[Record]) -> None:
        record = kind.from_dict(full(kind, renamed=True))

        assert attrs.evolve(record) == record
        assert attrs.evolve(record).to_dict() == full(kind, renamed=True)
        for name in schema_of(kind).names:
            if name not in schema_of(kind).required and not isinstance(getattr(record, name), Record):
                assert getattr(attrs.evolve(record, **{name: None}), name) == attrs.fields_dict(kind)[name].default


class TestWhatIsTold:
    def test_paths_lead_to_what_is_unknown_however_deep(self) -> None:
        body = {
            "system_promt": "x",
            "zzz": 1,
            "layers": {
                "lllm": {},
                "llm": {"modle": "m", "speculative_inference": "maybe"},
                "tts": {"voice_settings": {"sped": 1}},
            },
            "persona_id": "p1",
        }

        assert told(lambda: Persona.from_dict(body)) == {
            "system_promt": "system_prompt",
            "zzz": None,
            "layers.lllm": "llm",
            "layers.llm.modle": "model",
            "layers.llm.speculative_inference": None,
            "layers.tts.voice_settings.sped": "speed",
        }

    def test_it_says_what_became_of_it(self) -> None:
        with pytest.warns(UnknownFieldWarning) as caught:
            Persona.from_dict(
                {"persona_id": "p1", "greting": "Hi", "greeting": 5, "pal_name": "A", "persona_name": "B"}
            )

        assert sorted(str(each.message) for each in caught) == [
            "Persona knows no greting (did you mean greeting?); it is kept in extra",
            "greeting has a value of the wrong type; it is kept in extra",
            "pal_name is a second name for persona_name, which has a value; it is kept in extra",
        ]

    @pytest.mark.parametrize("name", [5, None, ("a", "b"), "", "layers."])
    def test_names_of_any_kind_are_kept(self, name: Any) -> None:
        record = quietly(lambda: Persona.from_dict({"persona_id": "p1", name: 1}))

        assert record.extra == {name: 1}
        assert str(name) in repr(record)

    def test_what_is_known_is_not_told(self) -> None:
        with warnings.catch_warnings(record=True, action="always") as caught:
            Persona.from_dict({"pal_id": "p1", "layers": {"llm": {"model": "m", "extra_body": {"anything": 1}}}})

        assert caught == []

    def test_as_an_error_it_is_raised_where_the_mapping_is_given(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnknownFieldWarning)
            with pytest.raises(UnknownFieldWarning) as caught:
                PersonaDraft.from_dict({"greting": "Hi"})

        assert (caught.value.path, caught.value.nearest) == ("greting", "greeting")

    @pytest.mark.parametrize(
        "make",
        [
            lambda: PersonaDraft.from_dict({"system_prompt": "x", "greting": "Hi"}),
            lambda: calls.create_persona({"system_prompt": "x", "greting": "Hi"}),
            lambda: PersonaDraft(layers={"greting": "Hi"}),  # type: ignore[arg-type]
            lambda: attrs.evolve(PersonaDraft(), layers={"greting": "Hi"}),  # type: ignore[arg-type]
        ],
        ids=["from_dict", "call", "constructor", "evolve"],
    )
    def test_the_line_that_is_shown_is_the_callers(self, make: Callable[[], object]) -> None:
        path, nearest = next(iter(told(make).items()))

        assert path in {"greting", "layers.greting"}
        assert nearest in {"greeting", None}

    async def test_so_it_is_for_a_sessions_method(self) -> None:
        created = always(b'{"persona_id": "p9"}')
        async with RawServer(created) as server, quick_session(server) as session:
            with pytest.warns(UnknownFieldWarning) as caught:
                await session.create_persona({"system_prompt": "x", "greting": "Hi"})

            (request,) = server.requests
        assert [each.filename for each in caught] == [__file__]
        assert json.loads(request.body) == {"system_prompt": "x", "greting": "Hi"}

    def test_in_a_task_of_its_own_it_is_told_all_the_same(self) -> None:
        async def make() -> PersonaDraft:
            return PersonaDraft.from_dict({"greting": "Hi"})

        assert told(lambda: asyncio.run(make())) == {"greting": "greeting"}


class Mode(StrEnum):
    FULL = "full"


class OldMode(str, Enum):  # noqa: UP042 (older than StrEnum, and much used)
    FULL = "full"


class Number(float):
    pass


class TestDrafts:
    @every_draft
    def test_its_secrets_are_the_callers_own_and_are_sent(self, kind: type[Record]) -> None:
        record = kind.from_dict(full(kind))
        found = [secret for secret in secrets_of(record) if not secret.is_masked]

        assert bool(found) == bool(secrets_of(record))
        assert {secret.reveal() for secret in found} <= {"sk-mine", "sk-header"}

    def test_there_are_secrets_in_drafts(self) -> None:
        kinds = {kind.__name__ for kind in DRAFTS if secrets_of(kind.from_dict(full(kind)))}

        assert kinds == {"PersonaDraft", "ConversationDraft", "DeploymentDraft", "ToolDraft"}

    def test_a_masked_secret_that_it_was_given_stays_masked(self) -> None:
        """It would be stored in the place of the real one."""
        shown = decode_persona(
            b'{"persona_id": "p1", "layers": {"llm": {"api_key": "sk-...77", "headers": {"A": "***", "B": "b"}}}}'
        ).layers.llm
        own = Secret("sk-own")
        mapping: Any = {"llm": {"api_key": shown.api_key, "headers": shown.headers}, "tts": {"api_key": own}}
        for draft in (
            PersonaDraft.from_dict({"layers": mapping}),
            PersonaDraft.from_dict({"layers": {"llm": shown, "tts": TtsLayer(api_key=own)}}),
            PersonaDraft(layers=mapping),
            PersonaDraft(layers=Layers(llm=shown, tts=TtsLayer(api_key=own))),
        ):
            body = json.loads(calls.create_persona(attrs.evolve(draft, pipeline_mode="echo")).body or b"")
            assert body["layers"] == {"llm": {"headers": {"B": "b"}}, "tts": {"api_key": "sk-own"}}

    def test_what_was_masked_for_show_is_not_sent(self) -> None:
        draft = PersonaDraft(system_prompt="x", layers=Layers(llm=LlmLayer(api_key="sk-mine", model="m")))
        call = calls.create_persona(draft.to_dict(secrets=False))

        assert json.loads(call.body or b"") == {"system_prompt": "x", "layers": {"llm": {"model": "m"}}}

    def test_secrets_may_stand_where_the_library_knows_no_field(self) -> None:
        made = quietly(lambda: PersonaDraft.from_dict({"system_prompt": "x", "vault": Secret("sk-new")}))
        call = calls.create_persona(made)

        assert made.to_dict(secrets=False) == {"system_prompt": "x", "vault": "***"}
        assert json.loads(call.body or b"")["vault"] == "sk-new"
        assert Secret("sk-new") in call.secrets

    def test_two_values_of_one_field_are_refused_unless_they_are_equal(self) -> None:
        flow = {"pal_interruptibility": "low", "face_interruptibility": "high"}
        for body, path in (
            ({"persona_name": "Ada", "pal_name": "Zoë"}, "pal_name"),
            ({"layers": {"conversational_flow": flow}}, r"layers\.conversational_flow\.face_interruptibility"),
        ):
            with pytest.raises(InvalidRequestError, match=f"other values under second names for fields: {path}$"):
                PersonaDraft.from_dict(body)
        body = {"persona_name": "Ada", "pal_name": "Ada"}

        assert told(lambda: PersonaDraft.from_dict(body)) == {"pal_name": None}
        assert quietly(lambda: PersonaDraft.from_dict(body)).to_dict() == body

    def test_a_secret_is_no_name(self) -> None:
        with pytest.raises(InvalidRequestError, match="wrong type: persona_name"):
            PersonaDraft.from_dict({"persona_name": Secret("Ada")})

    def test_records_may_stand_within_a_mapping(self) -> None:
        layers = Layers(llm=LlmLayer(model="m"), tts=TtsLayer(voice_settings=VoiceSettings(speed=1)))
        mixed = {"llm": {"model": "m"}, "tts": {"voice_settings": VoiceSettings(speed=1)}}

        assert PersonaDraft.from_dict({"layers": layers}) == PersonaDraft(layers=layers)
        assert PersonaDraft.from_dict({"layers": mixed}) == PersonaDraft(layers=layers)
        with pytest.raises(InvalidRequestError, match=r"wrong type: layers\.llm$"):
            PersonaDraft.from_dict({"layers": {"llm": TtsLayer()}})

    def test_all_that_is_wrong_is_named(self) -> None:
        body = {
            "greeting": 5,
            "pal_name": [],
            "document_ids": "d1",
            "layers": {"llm": {"model": 1, "headers": ["x"]}, "tts": {"voice_settings": {"style": "s"}}, "stt": []},
        }
        with pytest.raises(InvalidRequestError) as caught:
            PersonaDraft.from_dict(body)

        assert str(caught.value) == (
            "there are values of the wrong type: greeting, pal_name, document_ids, layers.stt, layers.llm.model, "
            "layers.llm.headers, layers.tts.voice_settings.style"
        )

    @pytest.mark.parametrize("mode", [Mode.FULL, OldMode.FULL])
    def test_members_of_enumerations_are_the_texts_that_they_stand_for(self, mode: str) -> None:
        draft = PersonaDraft(pipeline_mode=mode, system_prompt="x", document_ids=[mode], extra={"modes": [mode]})
        body = json.loads(calls.create_persona(draft).body or b"")

        assert body == {"pipeline_mode": "full", "system_prompt": "x", "document_ids": ["full"], "modes": ["full"]}
        assert quietly(lambda: PersonaDraft.from_dict(draft.to_dict() | {"pipeline_mode": mode})) == draft
        assert type(draft.pipeline_mode) is str

    def test_numbers_of_ones_own_are_plain_ones(self) -> None:
        assert type(VoiceSettings(speed=Number(0.5)).speed) is float
        assert VoiceSettings.from_dict({"speed": Number(0.5)}).to_dict() == {"speed": 0.5}
        assert type(quietly(lambda: Persona.from_dict({"persona_id": "p1", "x": True})).extra["x"]) is bool

    def test_timestamps_may_have_been_read_already(self) -> None:
        """YAML's readers do that."""
        aware, naive = datetime(2026, 5, 15, 12, tzinfo=UTC), datetime(2026, 5, 15, 12)  # noqa: DTZ001
        record = Persona.from_dict({"persona_id": "p1", "created_at": aware, "updated_at": naive})

        assert record.created_at == record.updated_at == aware
        assert record.to_dict()["created_at"] == "2026-05-15T12:00:00Z"
        assert record.to_dict()["updated_at"] == "2026-05-15T12:00:00"

    def test_a_draft_of_a_persona_has_its_settings(self) -> None:
        persona = quietly(
            lambda: Persona.from_dict(full(Persona, renamed=True) | {"odd": 1, "layers": {"odd": 1, **full(Layers)}})
        )
        draft = PersonaDraft.of(persona)

        assert {name: getattr(draft, name) for name in schema_of(PersonaDraft).names} == {
            name: getattr(persona, name) for name in schema_of(PersonaDraft).names
        }
        assert draft.extra == {}
        assert draft.layers.extra == {"odd": 1}
        assert draft.to_dict()["persona_name"] == "text"
        assert PersonaDraft.of(Persona(persona_id="p1")).to_dict() == {}

    @pytest.mark.parametrize("persona", [None, {"persona_id": "p1"}, "p1", LlmLayer()])
    def test_of_anything_else_there_is_no_draft(self, persona: Any) -> None:
        with pytest.raises(InvalidRequestError, match="persona must be a Persona or a PersonaDraft, not "):
            PersonaDraft.of(persona)


class TestConstructors:
    def test_nested_mappings_are_records(self) -> None:
        layers: Any = {"llm": {"model": "m", "api_key": "sk-1"}, "conversational_flow": {"pal_interruptibility": "low"}}
        draft = PersonaDraft(layers=layers)

        assert draft.layers.conversational_flow.replica_interruptibility == "low"
        assert draft.layers.llm.api_key == Secret("sk-1")
        assert draft.to_dict() == {"layers": layers}
        assert attrs.evolve(Persona(persona_id="p1"), layers=layers).layers == draft.layers

    def test_lists_are_tuples(self) -> None:
        ids: Any = ["d1", "d2"]
        draft = PersonaDraft(document_ids=ids, layers=Layers(llm=LlmLayer(tools=[{"a": [1]}])))
        ids.append("d3")

        assert draft.document_ids == ("d1", "d2")
        assert draft.layers.llm.tools == ({"a": [1]},)

    def test_what_was_given_can_be_changed_without_changing_it(self) -> None:
        given: dict[str, Any] = {
            "tools": [{"a": [1]}],
            "extra_body": {"b": [2]},
            "headers": {"c": "3"},
            "extra": {"d": []},
        }
        llm = LlmLayer(**given)
        before = llm.to_dict()
        given["tools"][0]["a"].append(1)
        given["extra_body"].clear()
        given["headers"]["x"] = "y"
        given["extra"]["d"].append(1)

        assert llm.to_dict() == before

    @pytest.mark.parametrize(
        ("values", "path"),
        [
            ({"document_ids": "d1"}, "document_ids"),
            ({"document_ids": {"d1"}}, "document_ids"),
            ({"document_ids": [1]}, "document_ids"),
            ({"greeting": ["Hi"]}, "greeting"),
            ({"layers": ["llm"]}, "layers"),
            ({"layers": LlmLayer()}, "layers"),
            ({"layers": Layers(llm=LlmLayer(api_key=5))}, r"layers\.llm\.api_key"),  # type: ignore[arg-type]
            ({"layers": Layers(llm=LlmLayer(headers="x"))}, r"layers\.llm\.headers"),  # type: ignore[arg-type]
            ({"layers": Layers(llm=LlmLayer(tools={"a": 1}))}, r"layers\.llm\.tools"),  # type: ignore[arg-type]
        ],
    )
    def test_a_wrong_type_is_named_when_it_is_to_be_sent(self, values: dict[str, Any], path: str) -> None:
        draft = PersonaDraft(pipeline_mode="echo", **values)

        with pytest.raises(InvalidRequestError, match=f"the draft has values of the wrong type: {path}$"):
            calls.create_persona(draft)

    def test_what_is_wrong_cannot_be_changed_either_and_has_a_hash(self) -> None:
        wrong: Any = {"a": [1]}
        draft = PersonaDraft(greeting=wrong)
        given: Any = draft.greeting
        wrong["a"].append(2)

        assert given == {"a": [1]}
        assert hash(draft) == hash(PersonaDraft(greeting=given))

    def test_a_wrong_type_in_a_nested_mapping_is_refused_at_once(self) -> None:
        with pytest.raises(InvalidRequestError, match=r"wrong type: llm\.model$"):
            PersonaDraft(layers={"llm": {"model": 5}})  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: PersonaDraft(pal_name="Ada"), "takes no 'pal_name' (did you mean persona_name?)"),  # type: ignore[call-arg]
            (lambda: PersonaDraft(system_promt="x"), "takes no 'system_promt' (did you mean system_prompt?)"),  # type: ignore[call-arg]
            (lambda: PersonaDraft(zzz=1), "PersonaDraft() takes no 'zzz'; PersonaDraft.from_dict keeps unknown fields"),  # type: ignore[call-arg]
            (lambda: attrs.evolve(PersonaDraft(), default_face_id="r"), "did you mean default_replica_id?"),  # type: ignore[call-arg]
            (lambda: Persona(pal_id="p1"), "takes no 'pal_id' (did you mean persona_id?)"),  # type: ignore[call-arg]
            (Persona, "Persona() needs persona_id"),
            (lambda: Persona(persona_id=None), "Persona() needs persona_id"),  # type: ignore[arg-type]
            (lambda: PersonaDraft(extra=[1]), "extra must be a mapping, not a list"),
            (lambda: PersonaDraft("Ada"), "positional argument"),  # type: ignore[call-arg]
        ],
    )  # fmt: skip
    def test_what_it_does_not_take_is_a_type_error_that_names_what_it_does(
        self, make: Callable[[], object], message: str
    ) -> None:
        with pytest.raises(TypeError) as caught:
            make()

        assert message in str(caught.value)

    def test_no_extra_is_none(self) -> None:
        assert LlmLayer(extra=None).extra == {}

    def test_fields_are_those_of_attrs(self) -> None:
        names = [field.name for field in attrs.fields(LlmLayer)]

        assert names[2:5] == ["model", "base_url", "api_key"]
        assert attrs.has(LlmLayer)
        assert attrs.fields_dict(Persona)["persona_id"].default is attrs.NOTHING


def secrets_of(record: Record) -> list[Secret]:
    """Every secret of a record's fields, however deep."""
    found: list[Secret] = []
    for name in schema_of(record).names:
        value = getattr(record, name)
        if isinstance(value, Record):
            found += secrets_of(value)
        elif isinstance(value, Secret):
            found.append(value)
        elif isinstance(value, Mapping) and name in schema_of(record).secret_names:
            found += value.values()
    return found


class TestWhatHoldsItself:
    @pytest.mark.parametrize("make", [list, dict])
    def test_it_is_refused(self, make: Callable[[], Any]) -> None:
        loop = make()
        if isinstance(loop, dict):
            loop["a"] = [1, loop]
        else:
            loop.append({"a": loop})

        for read in (
            lambda: Persona.from_dict({"persona_id": "p1", "x": loop}),
            lambda: PersonaDraft(extra={"x": loop}),
            lambda: PersonaDraft(skills=loop),
        ):
            with pytest.raises(InvalidRequestError, match="holds itself"):
                read()

    def test_what_is_held_twice_is_fine(self) -> None:
        twice = [{"a": 1}]

        assert PersonaDraft(skills=[twice, twice]).to_dict() == {"skills": [twice, twice]}

    def test_so_is_what_is_just_large(self) -> None:
        large = [[number] for number in range(100_100)]

        assert PersonaDraft(skills=large).skills == large
