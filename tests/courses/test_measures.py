"""Measures of texts: words and terms, readability, repetition, keywords, structure, verbs, matching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.courses import bloom, duplication, gaps, keywords, matching, readability, structure, words
from shared.language.names import CODES

EASY = {
    "en": ("The cat sat on the mat. It was a hot day. He ran to the sea.", "Institutional considerations necessitate comprehensive methodological deliberation concerning epistemological presuppositions."),
    "de": ("Der Hund ist da. Er ist rot. Wir gehen nun.", "Verwaltungsgerichtliche Zuständigkeitsbestimmungen beeinträchtigen gesellschaftspolitische Entscheidungsfindungsprozesse."),
    "es": ("El sol es rojo. Yo voy al mar. Él no va.", "Las consideraciones metodológicas institucionales condicionan significativamente las deliberaciones epistemológicas contemporáneas."),
    "fr": ("Le chat est là. Il a faim. Il dort.", "Les considérations institutionnelles conditionnent significativement les délibérations épistémologiques contemporaines internationales."),
    "it": ("Il sole è rosso. Io vado al mare. Lui no.", "Le considerazioni istituzionali condizionano significativamente le deliberazioni epistemologiche contemporanee internazionali."),
    "pt": ("O sol é bom. Eu vou ao mar. Ele não vai.", "As considerações institucionais condicionam significativamente as deliberações epistemológicas contemporâneas internacionais."),
    "ru": ("Вот дом. Кот спит. Мы тут.", "Институциональные обстоятельства предопределяют методологическую неоднозначность эпистемологических предположений."),
    "zh": ("天黑了。我回家。你呢？", "在现代社会中由于制度性因素以及方法论上的复杂考虑人们对于认识论前提的讨论往往需要更加全面而深入的分析与比较才能得出结论。"),
    "ja": ("空は青い。犬がいる。楽しい。", "現代社会において制度的な要因と方法論上の複雑な考慮のために認識論的な前提についての議論にはより包括的で深い分析と比較が必要とされることが多い。"),
    "ko": ("하늘이 맑다. 개가 있다. 나는 간다.", "현대 사회에서 제도적인 요인과 방법론상의 복잡한 고려 때문에 인식론적 전제에 대한 논의에는 더욱 포괄적이고 깊은 분석과 비교가 필요한 경우가 많다."),
    "ar": ("هذا بيت. أنا هنا. هو ولد.", "الاعتبارات المؤسسية المعاصرة تستلزم مداولات منهجية شاملة بخصوص الافتراضات المعرفية والاستنتاجات المستخلصة منها"),
    "hi": ("यह घर है। मैं यहाँ हूँ। वह गया।", "संस्थागत परिस्थितियाँ ज्ञानमीमांसात्मक पूर्वधारणाओं के विषय में व्यापक पद्धतिगत विचार-विमर्श आवश्यक बनाती हैं जिनका मूल्यांकन महत्वपूर्ण है"),
}  # fmt: skip


@pytest.mark.parametrize("language", CODES)
def test_short_words_and_sentences_read_easier_in_every_language(language: str) -> None:
    easy, hard = (readability.readability(text, language) for text in EASY[language])
    assert easy is not None
    assert hard is not None
    assert easy.ease > hard.ease + 0.25
    assert (easy.sentences, hard.sentences) == (3, 1)


def test_flesch_is_the_published_formula() -> None:
    found = readability.readability("The cat sat on the mat.", "en")
    assert found is not None
    assert found.value == pytest.approx(206.835 - 1.015 * 6 - 84.6 * 1, abs=0.01)
    german = readability.readability("Die Katze schläft.", "de")
    assert german is not None
    assert german.value == pytest.approx(180 - 3 - 58.5 * 4 / 3, abs=0.01)
    assert readability.readability("...", "en") is None


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("photosynthesis", "en", 5), ("table", "en", 2), ("make", "en", 1), ("walked", "en", 1), ("wanted", "en", 2),
        ("nation", "en", 2), ("radio", "en", 3), ("boxes", "en", 2), ("makes", "en", 1), ("queue", "en", 1),
        ("teatro", "es", 3), ("día", "es", 2), ("tiempo", "es", 2), ("katze", "de", 2), ("table", "fr", 1),
        ("молоко", "ru", 3), ("poeta", "pt", 3),
    ],
)  # fmt: skip
def test_syllables(word: str, language: str, count: int) -> None:
    assert readability.syllables(word, language) == count


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("equations", "equation", "en"), ("Gleichungen", "Gleichung", "de"), ("ecuaciones", "ecuación", "es"),
        ("fonctions", "fonction", "fr"), ("funzioni", "funzione", "it"), ("funções", "função", "pt"),
        ("уравнения", "уравнений", "ru"), ("المعادلات", "معادلات", "ar"), ("방정식을", "방정식은", "ko"),
        ("किताबें", "किताब", "hi"), ("l'équation", "équation", "fr"),
    ],
)  # fmt: skip
def test_forms_of_a_word_are_one_term(first: str, second: str, language: str) -> None:
    assert words.terms(first, language) == words.terms(second, language) != []


def test_abbreviations_and_numbers_end_no_sentence() -> None:
    assert words.sentences("Dr. Smith has 3.5 apples. He eats, e.g. one. Why?") == [
        "Dr. Smith has 3.5 apples.",
        "He eats, e.g. one.",
        "Why?",
    ]
    assert len(words.sentences("一。二！三？")) == 3
    assert len(words.sentences("- one\n- two")) == 2


@pytest.mark.parametrize("language", CODES)
@given(text=st.text(max_size=200))
def test_any_text_can_be_measured(language: str, text: str) -> None:
    found = readability.readability(text, language)
    assert found is None or 0 <= found.ease <= 1
    share, _ = duplication.within(text, language)
    assert 0 <= share <= 1
    assert all(0 < one.score <= 1 for one in keywords.keywords(text, language))
    structure.structure(text)
    assert all(0 <= one.similarity <= 1 for one in matching.match([text], [text, "other"], language))
    for one in gaps.gaps([text], [gaps.Item("i", text)], language):
        assert one.evidence is None or text[one.evidence.start : one.evidence.end] == one.evidence.text


@pytest.mark.parametrize("language", CODES)
def test_a_text_that_is_said_twice_is_found(language: str) -> None:
    text = EASY[language][1]
    assert duplication.within(text, language)[0] == 0
    share, again = duplication.within(f"{text}\n\n{text}\n\n{text}", language)
    assert share > 0.4
    assert again == [text]
    (copy,) = duplication.against(text, {"same": f"{EASY[language][0]}\n\n{text}"}, language)
    assert copy.contained >= 0.9
    assert copy.resemblance < copy.contained or copy.resemblance == 1


def test_texts_of_the_same_subject_are_no_copies() -> None:
    known = {"other": "Light reactions happen in the thylakoids, and they need water."}
    assert duplication.against("Water is needed where light reactions take place in thylakoids.", known, "en") == []


def test_a_phrase_that_comes_again_leads_and_long_ones_do_not() -> None:
    text = "Linear equations matter. A linear equation has one unknown. Linear equations are solved step by step by patient people of good will."
    found = keywords.keywords(text, "en")
    assert found[0].text.lower().startswith("linear equation")
    assert (found[0].score, found[0].count) == (1.0, 2)


def test_structure_is_counted() -> None:
    text = "# Title\n\nFor example this.\n\n- one\n- two\n\n1. three\n\nWhy? See https://a.example/x?y=1 and ![p](p.png)\n\n```\ncode\n```\n$x^2$"
    found = structure.structure(text)
    assert (found.headings, found.list_items, found.examples, found.questions, found.links) == (1, 3, 1, 1, 1)
    assert found.media == ("image", "code", "formula")


@pytest.mark.parametrize(
    ("objective", "language", "level"),
    [
        ("List three causes", "en", 1), ("Be able to explain it", "en", 2), ("Solve it", "en", 3), ("Compare both", "en", 4),
        ("Justify the choice", "en", 5), ("Design a plan", "en", 6), ("Know the causes", "en", None),
        ("Gleichungen lösen", "de", 3), ("Expliquer la photosynthèse", "fr", 2), ("Сравнить два метода", "ru", 4),
        ("比较两种方法", "zh", 4), ("光合成を説明する", "ja", 2), ("방정식을 풀기", "ko", 3), ("تصميم تجربة", "ar", 6),
        ("दोनों की तुलना करना", "hi", 4), ("Resolver equações", "pt", 3), ("Valutare le fonti", "it", 5), ("Crear un plan", "es", 6),
    ],
)  # fmt: skip
def test_verbs_have_levels(objective: str, language: str, level: int | None) -> None:
    assert bloom.level_of(objective, language) == level


def test_a_rare_word_of_a_need_weighs_more_than_a_common_one() -> None:
    passages = ["Solve equations.", "More equations.", "Equations again.", "Logarithms undo powers."]
    found = matching.match(["logarithmic equations", "equations"], passages, "en")
    assert found[0].passage == 3
    assert found[0].state == "partly"
    assert (found[1].similarity, found[1].state) == (1.0, "covered")
    assert matching.match(["the of and"], passages, "en")[0] == matching.Match(None, 0.0)


def test_of_passages_with_the_same_words_the_first_is_the_best() -> None:
    passages = ["Stones are grey.", "Leaves turn light into sugar.", "Leaves turn light into sugar!"]
    assert matching.match(["light into sugar"], passages, "en") == [matching.Match(1, 1.0)]


def test_few_passages_of_a_long_text_are_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    real = matching._Index.pieces

    def pieces(index: matching._Index, place: int) -> frozenset[str]:
        looked.append(place)
        return real(index, place)

    monkeypatch.setattr(matching._Index, "pieces", pieces)
    passages = [f"The equation {place} is linear." for place in range(2_000)]
    (found,) = matching.match(["linear equation 1234"], passages, "en")
    assert (found.passage, found.similarity) == (1234, 1.0)
    assert len(looked) <= matching._COMPARED
