"""The bodies that are served and decoded. Written for the benchmarks; of the kinds that accounts hold."""

import json
from typing import Any

ID = "p0f1e2d3c4b5"
"""Of the personas that are served and decoded; the server puts the one that was asked for into its place."""
PARAGRAPH = (
    "You help new colleagues through their first week. Ask what they have tried before you explain anything. "
    "Answer in two or three short sentences, and offer an example when a word is unusual. "
)
OFFICE_TOOL = {
    "type": "function",
    "function": {
        "name": "look_up_office_hours",
        "description": "Looks up when an office is open.",
        "parameters": {
            "type": "object",
            "properties": {
                "office": {"type": "string", "description": "The city of the office, as in Lisbon"},
                "day": {"type": "string", "enum": ["today", "tomorrow", "any"]},
            },
            "required": ["office"],
        },
    },
}


def small(persona_id: str) -> dict[str, Any]:
    """A persona with little in it."""
    return {
        "persona_id": persona_id,
        "persona_name": "Guide",
        "system_prompt": PARAGRAPH,
        "default_replica_id": "r5f0577fc829",
        "created_at": "2026-03-02T09:15:41.120934Z",
        "updated_at": "2026-04-11T17:02:08.554120Z",
    }


def full(persona_id: str) -> dict[str, Any]:
    """A persona with every layer that people use: about 3 kB."""
    return small(persona_id) | {
        "system_prompt": PARAGRAPH * 3,
        "pipeline_mode": "full",
        "context": "The first day is a Monday. " + PARAGRAPH,
        "greeting": "Hello, and welcome!",
        "document_ids": ["d8c1f2b7e6a5", "d0f9e8d7c6b5"],
        "document_tags": ["handbook", "first-week"],
        "objectives_id": "o1f2e3d4c5b6",
        "guardrail_ids": ["g9a8b7c6d5e4"],
        "layers": {
            "llm": {
                "model": "tavus-gpt-oss",
                "speculative_inference": True,
                "tools": [OFFICE_TOOL],
                "extra_body": {"temperature": 0.4, "top_p": 0.9},
            },
            "tts": {
                "tts_engine": "cartesia",
                "tts_model_name": "sonic-3",
                "external_voice_id": "3f9a1c52-7b64-4e0d-9d2a-51c8e7b0aa17",
                "voice_settings": {"speed": 0.9, "emotion": ["positivity:high", "curiosity"]},
                "tts_emotion_control": True,
            },
            "stt": {"stt_engine": "tavus-advanced", "smart_turn_detection": True, "hotwords": "Lisbon, onboarding"},
            "perception": {
                "perception_model": "raven-1",
                "visual_awareness_queries": ["Is anybody else in the room?", "Does the person look lost?"],
                "visual_tool_prompt": "Call look_up_office_hours when the person shows a badge of another office.",
                "visual_tools": [OFFICE_TOOL],
            },
            "conversational_flow": {
                "turn_detection_model": "sparrow-1",
                "turn_taking_patience": "medium",
                "replica_interruptibility": "low",
            },
        },
    }


def long(persona_id: str) -> dict[str, Any]:
    """A persona whose context is a book: about 300 kB."""
    return full(persona_id) | {"context": PARAGRAPH * 1500}


def page(size: int = 100) -> dict[str, Any]:
    """A page of full personas."""
    return {"data": [full(f"p{number:011x}") for number in range(size)], "total_count": size}


def conversation(conversation_id: str) -> dict[str, Any]:
    """A conversation as lists have it."""
    return {
        "conversation_id": conversation_id,
        "conversation_name": "First week, second day",
        "conversation_url": f"https://tavus.daily.co/{conversation_id}",
        "callback_url": "https://onboarding.example/hooks/tavus",
        "status": "ended",
        "replica_id": "r5f0577fc829",
        "persona_id": "p1e2d3c4b5a6",
        "created_at": "2026-03-02T09:15:41.120934Z",
        "updated_at": "2026-03-02T09:41:08.554120Z",
    }


def conversations_page(size: int = 100) -> dict[str, Any]:
    """A page of conversations."""
    return {"data": [conversation(f"c{number:015x}") for number in range(size)], "total_count": size}


def video(video_id: str) -> dict[str, Any]:
    """A video that can be watched."""
    return {
        "video_id": video_id,
        "video_name": "First week, in two minutes",
        "status": "ready",
        "data": {"script": PARAGRAPH * 2},
        "replica_id": "r5f0577fc829",
        "download_url": f"https://stream.example/{video_id}/high.mp4?download={video_id}",
        "stream_url": f"https://stream.example/{video_id}.m3u8",
        "hosted_url": f"https://tavus.video/{video_id}",
        "status_details": "Your request has processed successfully!",
        "generation_progress": "100/100",
        "created_at": "Mon, 02 Mar 2026 09:15:41 GMT",
        "updated_at": "Mon, 02 Mar 2026 09:21:08 GMT",
    }


def videos_page(size: int = 100) -> dict[str, Any]:
    """A page of videos."""
    return {"data": [video(f"v{number:011x}") for number in range(size)], "total_count": size}


def talk(turns: int = 60) -> dict[str, Any]:
    """A conversation with its events, among them the transcript of half an hour."""
    said = [
        {
            "role": "user" if number % 2 else "assistant",
            "content": PARAGRAPH,
            "timestamp": f"2026-03-02T09:{15 + number // 4:02}:{number % 4 * 15:02}.120934Z",
            "seconds_from_start": number * 15.5,
            "duration": 12.25,
            "inference_id": f"83294d9f-8306-491b-a284-{number:012x}",
        }
        for number in range(turns)
    ]
    joined, ended = "2026-03-02T09:15:43.000000Z", "2026-03-02T09:41:08.000000Z"
    events = [
        {"event_type": "system.replica_joined", "timestamp": joined, "properties": {"replica_id": "r5f0577fc829"}},
        {"event_type": "system.shutdown", "timestamp": ended, "properties": {"shutdown_reason": "participant_left"}},
        {"event_type": "application.transcription_ready", "timestamp": ended, "properties": {"transcript": said}},
    ]
    return conversation(ID) | {"shutdown_reason": "participant_left_timeout reached", "events": events}


def encode(body: object) -> bytes:
    """Spell a body as servers do."""
    return json.dumps(body).encode()


SIZES: dict[str, tuple[str, bytes]] = {
    "small": ("a small persona", encode(small(ID))),
    "full": ("a full persona", encode(full(ID))),
    "page": ("a page of 100 full personas", encode(page())),
    "long": ("a persona of 300 kB", encode(long(ID))),
}

OTHERS: dict[str, bytes] = {
    "visit": encode(conversation(ID)),
    "visits": encode(conversations_page()),
    "clip": encode(video(ID)),
    "clips": encode(videos_page()),
    "talk": encode(talk()),
}
