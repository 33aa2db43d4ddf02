"""What is kept of animations. Times are Unix seconds."""

from typing import ClassVar, Literal

from shared.stored.document import Document

RenderState = Literal["none", "unavailable", "queued", "done", "failed"]
"""`none`: no video was asked for; `unavailable`: this installation makes none."""


class Animation(Document):
    """One animation: its scene, and everything made of it when it was made. At most some 250 KB.

    Written once, and three times more where a video is made of it. Kept for CONVERSATION_RETENTION_DAYS (`expires_at`: 500
    animations/s in all).
    """

    collection: ClassVar[str] = "animations"

    user_id: str
    created_at: float
    language: str
    title: str
    scene: str
    """The scene's JSON text: as one string, because the parts of a stored object would be indexed one by one."""
    source: str
    still: str
    text: str
    quality: str = ""
    """The quality's JSON text; empty: it was not measured."""
    model: str
    provider: str
    degraded: bool
    render: RenderState = "none"
    tries: int = 0
    """How often somebody began to render it, whatever became of them."""
    note: str = ""
    """Why there is no video."""


class AnimationVideo(Document):
    """An animation's video, under the animation's id. Written once, in one commit with the word that it is there."""

    collection: ClassVar[str] = "animation_videos"

    user_id: str
    created_at: float
    height: int
    """Lines of the picture."""
    mp4: str
    """Base64; `shared.animation.rendering.LARGEST` bytes of it at most, so that it fits into one document."""
