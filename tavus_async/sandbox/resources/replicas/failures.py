"""Why a training fails: what Tavus says in each case, under the names that its documentation has for them.

Source: https://docs.tavus.io/sections/errors-and-status-details
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["TRAINING_ERRORS"]

_FILE = "There was an issue processing your training file:"
_VIDEO = "There was an issue processing your training video."
_MP4 = "Please ensure that the training video is a .mp4 file encoded using h.264"

TRAINING_ERRORS: Mapping[str, str] = MappingProxyType(
    {
        "download_link": (
            "There was an issue downloading your video file. Please ensure that the link you provided is correct and "
            "try again"
        ),
        "file_size": (
            "The video file you provided exceeds the maximum file size allowed. Please ensure that the video is less "
            "than 750MB and try again."
        ),
        "video_format": f"{_VIDEO} The video provided is not a .mp4 file. {_MP4}",
        "video_codec": f"{_VIDEO} The video provided is not encoded using h.264. {_MP4}",
        "video_duration": f"{_VIDEO} The video provided does not meet the minimum duration requirement for training",
        "video_fps": (
            f"{_VIDEO} The video provided does not meet the minimum frame rate requirement for a training video. "
            "Please ensure your training video has a frame rate of at least 25fps"
        ),
        "consent_phrase_mismatch": (
            f"{_FILE} Your consent phrase does not match our requirements. Please follow our specified format closely"
        ),
        "face_or_obstruction_detected": (
            f"{_FILE} More than one face detected or obstructions present. Please ensure only your face is visible "
            "and clear"
        ),
        "lighting_change_detected": (
            f"{_FILE} Lighting changes detected. Ensure your face is evenly lit throughout the video"
        ),
        "background_noise_detected": (
            f"{_FILE} Background noise or other voices detected. Please record in a quiet environment with only your "
            "voice"
        ),
        "video_editing_detected": (
            f"{_FILE} Video appears edited or contains cuts. Please submit an unedited, continuous video"
        ),
        "community_guidelines_violation": (
            f"{_FILE} Video violates Community Guidelines. Please review our guidelines and resubmit your video"
        ),
        "image_quality": (
            "There was an error processing your image. The photo is too blurry, poorly lit, or the subject is too "
            "small or unclear to use."
        ),
    }
)
"""The words for each type of error."""
