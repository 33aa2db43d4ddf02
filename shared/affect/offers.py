"""What is offered to a learner for each trigger, in twelve languages: a kind text and the next step. Data and one function.

Nothing is said about the learner's feelings as a fact: the text offers, and the learner decides. A crisis has its own help text
(`shared.safety.support`).
"""

from shared.affect.rules import Trigger
from shared.safety.support import help_text

_TEXTS: dict[str, dict[str, tuple[str, str]]] = {
    "frustration": {
        "en": ("This one is hard, and you have stayed with it. Getting stuck is part of learning.", "Shall we take just one small step of it together?"),
        "es": ("Este es difícil y no has abandonado. Atascarse forma parte de aprender.", "¿Damos juntos un solo paso pequeño?"),
        "fr": ("Celui-ci est difficile, et tu as persévéré. Bloquer fait partie de l'apprentissage.", "On en fait ensemble juste une petite étape ?"),
        "de": ("Das hier ist schwer, und du bist drangeblieben. Stecken zu bleiben gehört zum Lernen.", "Sollen wir zusammen nur einen kleinen Schritt davon machen?"),
        "it": ("Questo è difficile, e non hai mollato. Bloccarsi fa parte dell'imparare.", "Facciamo insieme solo un piccolo passo?"),
        "pt": ("Este é difícil, e você não desistiu. Ficar travado faz parte de aprender.", "Vamos dar juntos só um pequeno passo?"),
        "ru": ("Это трудное место, и ты не сдаёшься. Застревать — обычная часть учёбы.", "Сделаем вместе всего один маленький шаг?"),
        "zh": ("这道题不容易，而你一直在坚持。卡住是学习的一部分。", "我们一起先走一小步，好吗？"),
        "ja": ("これは難しいところですが、ここまで粘っていますね。つまずくのも学びの一部です。", "まず小さな一歩だけ、一緒にやってみませんか。"),
        "ko": ("이 부분은 어려운데도 계속 해 왔네요. 막히는 것도 배우는 과정이에요.", "우선 작은 한 걸음만 같이 해 볼까요?"),
        "ar": ("هذه مسألة صعبة، ومع ذلك واصلت المحاولة. التعثّر جزء من التعلّم.", "هل نخطو فيها معًا خطوة صغيرة واحدة فقط؟"),
        "hi": ("यह कठिन है, और आपने हार नहीं मानी। अटकना सीखने का ही हिस्सा है।", "क्या हम साथ मिलकर बस एक छोटा कदम उठाएँ?"),
    },
    "confusion": {
        "en": ("It is fine that this is not clear yet. Perhaps the explanation was not the right one.", "Shall we look at it another way, with an example?"),
        "es": ("Es normal que esto aún no esté claro. Quizá la explicación no era la adecuada.", "¿Lo vemos de otra manera, con un ejemplo?"),
        "fr": ("C'est normal que ce ne soit pas encore clair. L'explication n'était peut-être pas la bonne.", "On le regarde autrement, avec un exemple ?"),
        "de": ("Es ist in Ordnung, dass das noch nicht klar ist. Vielleicht war es nicht die richtige Erklärung.", "Sollen wir es anders ansehen, mit einem Beispiel?"),
        "it": ("Va bene se non è ancora chiaro. Forse la spiegazione non era quella giusta.", "Lo guardiamo in un altro modo, con un esempio?"),
        "pt": ("Tudo bem se ainda não está claro. Talvez a explicação não tenha sido a melhor.", "Vamos ver de outro jeito, com um exemplo?"),
        "ru": ("Это нормально, что пока не всё понятно. Возможно, объяснение было не самым удачным.", "Посмотрим на это иначе, на примере?"),
        "zh": ("现在还不清楚没有关系，也许是刚才的讲法不合适。", "我们换一种方式，用一个例子来看，好吗？"),
        "ja": ("まだはっきりしなくても大丈夫です。説明の仕方が合っていなかったのかもしれません。", "例を使って、別の見方をしてみませんか。"),
        "ko": ("아직 분명하지 않아도 괜찮아요. 설명이 맞지 않았을 수도 있어요.", "예를 들어 다른 방식으로 살펴볼까요?"),
        "ar": ("لا بأس إن لم يتّضح هذا بعد. ربما لم يكن الشرح هو الأنسب.", "هل ننظر إليه بطريقة أخرى، مع مثال؟"),
        "hi": ("अभी यह साफ़ न हो तो कोई बात नहीं। शायद समझाने का तरीका ठीक नहीं था।", "क्या हम इसे एक उदाहरण के साथ दूसरे ढंग से देखें?"),
    },
    "disengagement": {
        "en": ("A short break can do more than another exercise.", "Would you like to stop here for now, or try something different from this topic?"),
        "es": ("Una pausa corta puede ayudar más que otro ejercicio.", "¿Quieres dejarlo aquí por ahora o probar algo distinto de este tema?"),
        "fr": ("Une courte pause peut aider plus qu'un exercice de plus.", "Tu veux t'arrêter là pour l'instant, ou essayer autre chose sur ce thème ?"),
        "de": ("Eine kurze Pause kann mehr bringen als noch eine Aufgabe.", "Möchtest du für jetzt hier aufhören oder etwas anderes zu diesem Thema ausprobieren?"),
        "it": ("Una breve pausa può servire più di un altro esercizio.", "Vuoi fermarti qui per ora o provare qualcosa di diverso su questo tema?"),
        "pt": ("Uma pausa curta pode ajudar mais do que outro exercício.", "Quer parar por aqui por enquanto ou tentar algo diferente deste tema?"),
        "ru": ("Короткий перерыв иногда полезнее ещё одного упражнения.", "Остановимся пока здесь или попробуем что-то другое по этой теме?"),
        "zh": ("短暂休息一下，有时比再做一道题更有用。", "想先到这里，还是换一种方式学这个主题？"),
        "ja": ("短い休憩は、もう一問解くより役に立つことがあります。", "今日はここまでにしますか。それとも、この話題で別のことを試してみますか。"),
        "ko": ("잠깐 쉬는 것이 문제를 하나 더 푸는 것보다 나을 때가 있어요.", "지금은 여기까지 할까요, 아니면 이 주제로 다른 것을 해 볼까요?"),
        "ar": ("استراحة قصيرة قد تفيد أكثر من تمرين آخر.", "هل تودّ التوقّف هنا الآن، أم تجربة شيء مختلف في هذا الموضوع؟"),
        "hi": ("एक छोटा विराम कभी-कभी एक और अभ्यास से ज़्यादा काम आता है।", "अभी यहीं रुकना चाहेंगे, या इसी विषय में कुछ अलग आज़माएँ?"),
    },
}  # fmt: skip
_AFTER_HELP: dict[str, str] = {
    "en": "Talk to someone you trust, or find a helpline at findahelpline.com.",
    "es": "Habla con alguien de confianza o busca una línea de ayuda en findahelpline.com.",
    "fr": "Parle à une personne de confiance, ou trouve une ligne d'écoute sur findahelpline.com.",
    "de": "Sprich mit jemandem, dem du vertraust, oder finde ein Hilfetelefon auf findahelpline.com.",
    "it": "Parla con qualcuno di cui ti fidi o trova una linea di ascolto su findahelpline.com.",
    "pt": "Fale com alguém de confiança ou encontre uma linha de apoio em findahelpline.com.",
    "ru": "Поговори с тем, кому доверяешь, или найди линию помощи на findahelpline.com.",
    "zh": "和你信任的人谈谈，或在 findahelpline.com 寻找求助热线。",
    "ja": "信頼できる人に話すか、findahelpline.com で相談窓口を探してください。",
    "ko": "믿을 수 있는 사람에게 이야기하거나 findahelpline.com에서 상담 전화를 찾아보세요.",
    "ar": "تحدّث إلى شخص تثق به، أو ابحث عن خط مساعدة على findahelpline.com.",
    "hi": "किसी भरोसेमंद व्यक्ति से बात करें, या findahelpline.com पर हेल्पलाइन खोजें।",
}


def offer(trigger: Trigger, language: str) -> tuple[str, str]:
    """(text, next step) for a trigger; in English where the language is none of the twelve."""
    if trigger == "crisis":
        return help_text(language), _AFTER_HELP.get(language, _AFTER_HELP["en"])
    texts = _TEXTS[trigger]
    return texts.get(language, texts["en"])
