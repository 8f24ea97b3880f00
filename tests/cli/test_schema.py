"""What the command line reads off the class of a record."""

from tavus_async.cli.schema import field_names, is_link, is_text, spellings
from tavus_async.models import Document, Persona, Replica, Video


def test_fields_are_those_of_a_body() -> None:
    assert "persona_id" in field_names(Persona)
    assert not {"extra", "_wire_names"} & set(field_names(Persona))


def test_a_field_has_its_own_name_first_and_then_those_since_the_rename() -> None:
    assert spellings(Replica, "replica_name") == ("replica_name", "face_name")
    assert spellings(Video, "video_name") == ("video_name",)


def test_links_and_texts_are_told_from_others() -> None:
    assert [name for name in ("document_url", "document_name", "tags") if is_link(Document, name)] == ["document_url"]
    assert [name for name in ("document_name", "tags", "progress", "none") if is_text(Document, name)] == [
        "document_name"
    ]
    assert is_text(Replica, "face_name")
