"""A scene without any model: the learner's own words as a titled list. It says itself that it is no animation of them. Pure."""

import re
import unicodedata

from shared.animation.actions import Appear, Step
from shared.animation.scene import Scene
from shared.animation.things import Line, Text
from shared.animation.values import JOINERS

MOST_LINES = 5
_TITLE, _LINE = 48, 64
_ENDS = re.compile(r"[.!?;:,。！？；：，、।؟،]+\s*")
_NOTICES = {
    "en": "A plain picture of your words: nobody can animate them right now.",
    "es": "Una imagen sencilla con tus palabras: ahora mismo no se pueden animar.",
    "fr": "Une simple image avec vos mots : impossible de les animer pour le moment.",
    "de": "Ein einfaches Bild mit deinen Worten: Animieren geht gerade nicht.",
    "it": "Una semplice immagine con le tue parole: ora non è possibile animarle.",
    "pt": "Uma imagem simples com as suas palavras: agora não é possível animá-las.",
    "ru": "Простая картинка с вашими словами: сейчас анимировать их нельзя.",
    "zh": "这是用你的文字做成的简单图片：现在无法制作动画。",
    "ja": "あなたの言葉をそのまま並べた画像です。今はアニメーションにできません。",
    "ko": "입력한 말을 그대로 담은 그림입니다. 지금은 애니메이션을 만들 수 없습니다.",
    "ar": "صورة بسيطة بكلماتك: لا يمكن تحريكها الآن.",
    "hi": "यह आपके शब्दों का सादा चित्र है: अभी इन्हें एनिमेट नहीं किया जा सकता।",
}


def notice(language: str) -> str:
    """One sentence that says what this is, in the learner's language (English where it is none of the twelve)."""
    return _NOTICES.get(language, _NOTICES["en"])


def plain(prompt: str, language: str) -> Scene:
    """The scene: the beginning of the words as its title, below it what they say, a line at a time."""
    words = _readable(prompt)
    parts = [part.strip() for part in _ENDS.split(words) if _visible(part)][:MOST_LINES]
    title = _cut(parts[0] if parts else words, _TITLE) if _visible(words) else "Lyo"
    shown = [_cut(part, _LINE) for part in (parts[1:] if len(parts) > 1 and parts[0] == title else parts)] or [title]
    objects: list[Text | Line] = [
        Text(kind="text", id="title", text=title, x=0.0, y=3.1, size="medium", colour="yellow"),
        Line(kind="line", id="rule", x=-6.0, y=2.6, to_x=6.0, to_y=2.6, colour="grey"),
    ]
    steps = [Step(seconds=4.0, caption=notice(language), actions=[_create("title"), _create("rule")])]
    for number, part in enumerate(shown):
        name = f"line_{number}"
        objects.append(Text(kind="text", id=name, text=part, x=0.0, y=1.9 - number, size="small"))
        steps.append(Step(seconds=2.5, caption=notice(language), actions=[_create(name)]))
    return Scene(title=title, description=notice(language), objects=[*objects], steps=steps)


def _create(name: str) -> Appear:
    return Appear(kind="create", target=name)


def _readable(text: str) -> str:
    """The text without anything that a scene may not hold; line breaks end a part."""
    kept = (
        character if character in JOINERS or unicodedata.category(character)[0] != "C" else " "
        for character in re.sub("[\r\n\u2028\u2029]+", " ; ", text)
    )
    return " ".join("".join(kept).split())


def _visible(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    end = most - 1
    while end > most // 2 and unicodedata.category(text[end])[0] == "M":
        end -= 1  # a mark stays with its letter
    return text[:end].rstrip() + "…"
