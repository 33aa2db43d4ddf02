"""Why an item is shown, in the learner's language. Data and one pure function."""

from collections.abc import Mapping
from typing import Final

from shared.feed.ranking import Placed
from shared.language.names import is_rtl

KEYS: Final = ("goal", "need", "fit", "taste", "format", "time", "quality", "popular", "fresh", "explore")

_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
"""First strong isolate and its end: a Latin word or a number inside Arabic leaves the sentence's order as it is."""

# In the order of KEYS; {what} is one of the item's own topics or skills, {minutes} a whole number.
_PHRASES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Matches your goal: {what}", "Practises what you have not mastered yet", "The right level for you",
           "Close to what you opened lately", "In a form you like", "Fits your time: {minutes} min", "High quality",
           "Popular with learners", "New", "Something different to try"),
    "es": ("Encaja con tu meta: {what}", "Practica lo que aún no dominas", "El nivel adecuado para ti",
           "Parecido a lo que abriste hace poco", "En un formato que te gusta", "Cabe en tu tiempo: {minutes} min",
           "De alta calidad", "Popular entre estudiantes", "Nuevo", "Algo distinto para probar"),
    "fr": ("Correspond à ton objectif : {what}", "Entraîne ce que tu ne maîtrises pas encore", "Le bon niveau pour toi",
           "Proche de ce que tu as ouvert récemment", "Dans un format que tu aimes", "Tient dans ton temps : {minutes} min",
           "De grande qualité", "Apprécié des apprenants", "Nouveau", "Quelque chose de différent à essayer"),
    "de": ("Passt zu deinem Ziel: {what}", "Übt, was du noch nicht sicher kannst", "Das richtige Niveau für dich",
           "Ähnlich wie zuletzt Geöffnetes", "In einer Form, die du magst", "Passt in deine Zeit: {minutes} Min.",
           "Hohe Qualität", "Bei Lernenden beliebt", "Neu", "Mal etwas anderes"),
    "it": ("In linea con il tuo obiettivo: {what}", "Allena ciò che non padroneggi ancora", "Il livello giusto per te",
           "Simile a ciò che hai aperto di recente", "In un formato che ti piace", "Rientra nel tuo tempo: {minutes} min",
           "Di alta qualità", "Popolare tra chi studia", "Nuovo", "Qualcosa di diverso da provare"),
    "pt": ("Combina com o seu objetivo: {what}", "Pratica o que você ainda não domina", "O nível certo para você",
           "Parecido com o que você abriu há pouco", "Em um formato de que você gosta", "Cabe no seu tempo: {minutes} min",
           "Alta qualidade", "Popular entre estudantes", "Novo", "Algo diferente para experimentar"),
    "ru": ("Подходит к вашей цели: {what}", "Тренирует то, что пока не освоено", "Подходящий для вас уровень",
           "Похоже на открытое недавно", "В удобной для вас форме", "Укладывается в ваше время: {minutes} мин",
           "Высокое качество", "Популярно у учащихся", "Новое", "Попробуйте что-то другое"),
    "zh": ("符合你的目标：{what}", "练习你尚未掌握的内容", "难度适合你", "与你最近打开的内容相近", "你喜欢的形式",
           "在你的时间之内：{minutes} 分钟", "质量高", "受学习者欢迎", "最新内容", "换个新内容试试"),
    "ja": ("あなたの目標に合っています：{what}", "まだ身についていない内容を練習できます", "あなたに合ったレベルです",
           "最近開いた内容に近いものです", "お好みの形式です", "使える時間に収まります：{minutes}分", "質の高い内容です",
           "学習者に人気です", "新着です", "いつもと違うものを試してみましょう"),
    "ko": ("목표에 맞아요: {what}", "아직 익히지 못한 것을 연습해요", "나에게 알맞은 수준이에요", "최근에 연 것과 비슷해요",
           "좋아하는 형식이에요", "주어진 시간 안에 할 수 있어요: {minutes}분", "품질이 높아요", "학습자에게 인기가 있어요",
           "새로 나왔어요", "색다른 것을 시도해 보세요"),
    "ar": ("يناسب هدفك: {what}", "يدرّبك على ما لم تتقنه بعد", "مستوى مناسب لك", "قريب ممّا فتحته مؤخرًا", "بالشكل الذي تفضّله",
           "يناسب وقتك: {minutes} دقيقة", "جودة عالية", "رائج بين المتعلمين", "جديد", "شيء مختلف للتجربة"),
    "hi": ("आपके लक्ष्य से मेल खाता है: {what}", "जो अभी पक्का नहीं हुआ, उसका अभ्यास", "आपके लिए सही स्तर",
           "हाल में खोली गई सामग्री जैसा", "आपकी पसंद के रूप में", "आपके समय में पूरा होगा: {minutes} मिनट", "उच्च गुणवत्ता",
           "शिक्षार्थियों में लोकप्रिय", "नया", "कुछ अलग आज़माएँ"),
}  # fmt: skip


def reasons(placed: Placed, language: str) -> list[str]:
    """The reasons for an item, strongest first; English in a language there are no phrases for."""
    phrases = _PHRASES.get(language, _PHRASES["en"])
    what, minutes = placed.goal, str(round(placed.item.minutes or 0))
    if is_rtl(language):
        what, minutes = (f"{_ISOLATE}{text}{_END_ISOLATE}" for text in (what, minutes))
    # Replaced, not formatted: an item's own words may hold braces.
    return [
        phrases[KEYS.index(reason)].replace("{minutes}", minutes).replace("{what}", what) for reason in placed.reasons
    ]
