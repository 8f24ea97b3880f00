"""Bodies of webhooks to events, against the JSON parser alone.

What an event tells is read when it is asked for; so there is a column with its identity and its transcript read, too.
"""

import gc
import json
import statistics
from typing import Any

from benchmarks.decode import Decode, compare
from benchmarks.figures import Line, Part, Scale, Table, pin, ratios
from tavus_async import webhooks

ENVELOPE = {
    "conversation_id": "c1f0a2b3c4d5e6f7",
    "webhook_url": "https://app.example/hooks/tavus?token=zvGN3uyrN0o9tT4Cw2rQ5dLkq8Yb1sXe7fHjPaMiUwE",
    "timestamp": "2026-08-11T23:05:01.482911Z",
}
SPEECH = "Well, to be honest, that is something that I have been thinking about for quite a while by now. "


def turn(number: int) -> dict[str, Any]:
    """Make the item of a transcript."""
    return {
        "role": ("assistant", "user")[number % 2],
        "content": SPEECH * (1 + number % 3),
        "timestamp": 1786505572.3161497 + 7 * number,
        "seconds_from_start": 3.1 + 7 * number,
        "duration": 2.4,
        "inference_id": f"83294d9f-8306-491b-a284-{number:012x}",
    }


def transcript(turns: int) -> dict[str, Any]:
    """Make the callback with a transcript."""
    told = {"replica_id": "r90bbd427f71", "transcript": [turn(number) for number in range(turns)]}
    kinds = {"event_type": "application.transcription_ready", "message_type": "application"}
    return {"properties": told, **ENVELOPE, **kinds}


BODIES: dict[str, dict[str, Any]] = {
    "the end of a conversation": {
        "properties": {"replica_id": "r90bbd427f71", "shutdown_reason": "participant_left_timeout reached"},
        **ENVELOPE,
        "event_type": "system.shutdown",
        "message_type": "system",
    },
    "an utterance in the call": {
        "message_type": "conversation",
        "event_type": "conversation.utterance",
        "seq": 128,
        "timestamp": 1786505572.3161497,
        "conversation_id": "c1f0a2b3c4d5e6f7",
        "inference_id": "83294d9f-8306-491b-a284-791f56c8383f",
        "turn_idx": 7,
        "properties": {"role": "pal", "speech": SPEECH},
    },
    "a video": {
        "created_at": "2026-08-28 15:27:40.824457",
        "data": {"script": SPEECH},
        "download_url": "https://stream.example/EXAMPLE/high.mp4?download=1e30440cf9",
        "error_details": None,
        "generation_progress": "100/100",
        "hosted_url": "https://videos.example/video/1e30440cf9",
        "replica_id": "r90bbd427f71",
        "status": "ready",
        "status_details": "Your request has processed successfully!",
        "stream_url": "https://stream.example/EXAMPLE.m3u8",
        "updated_at": "2026-08-28 15:29:19.802670",
        "video_id": "1e30440cf9",
        "video_name": "A video",
    },
    "a transcript of 10 turns": transcript(10),
    "a transcript of 400 turns": transcript(400),
}


def parse_and_read(body: bytes) -> object:
    """Parse a body, and ask for what a receiver and its handler ask for."""
    event = webhooks.parse(body)
    return event.identity, event.transcript if isinstance(event, webhooks.TranscriptionReady) else None


def run(scale: Scale) -> Part:
    """Run this part."""
    pin(0)
    gc.collect()
    gc.freeze()  # what is loaded by now, so that no collection of it falls into somebody's round
    decoders: dict[str, Decode] = {"parse": webhooks.parse, "parse and read": parse_and_read, "json": json.loads}
    lines: list[Line] = []
    rows: list[list[str | float]] = []
    for words, value in BODIES.items():
        body = json.dumps(value).encode()
        found = compare(decoders, body, scale(15, 3))
        time = ratios(found["parse"], found["json"])
        figure = f"webhooks.parse, {words}: time"
        lines.append(Line.of(time, figure=figure, against="json.loads", unit="×", goal=2.0, better="lower"))
        rows.append([f"{words} ({len(body):,} bytes)", *(round(statistics.median(each), 1) for each in found.values())])
    columns = ["µs to read", "webhooks.parse", "identity and transcript read, too", "json.loads, untyped"]
    return Part(lines=lines, table=Table(columns, rows))
