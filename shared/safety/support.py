"""What is said to somebody in a crisis, in twelve languages: warm, short, with three places to turn to now.

It stands in the place of the answer to the lesson and is never a bare refusal. No telephone numbers are given, because they
differ by country and age badly: findahelpline.com finds the right one and is checked by its makers.
"""

_TEXTS: dict[str, str] = {
    "en": (
        "I'm really glad you wrote this. What you are carrying sounds heavy, and you don't have to carry it alone.\n\n"
        "If you might be in danger right now, please call your local emergency number. "
        "If you can, tell someone you trust today: a parent, a friend, a teacher, a doctor. "
        "At findahelpline.com you can find free, confidential people to talk or text with in your country.\n\n"
        "The lesson can wait. You matter more."
    ),
    "es": (
        "Me alegra mucho que lo hayas escrito. Lo que llevas encima suena muy pesado, y no tienes que llevarlo a solas.\n\n"
        "Si puedes estar en peligro ahora mismo, llama al número de emergencias de tu zona. "
        "Si puedes, cuéntaselo hoy a alguien de confianza: tu familia, una amistad, un profesor, un médico. "
        "En findahelpline.com encontrarás personas de tu país con las que hablar o chatear, gratis y de forma confidencial.\n\n"
        "La lección puede esperar. Tú importas más."
    ),
    "fr": (
        "Merci de l'avoir écrit, c'est important. Ce que tu portes a l'air très lourd, et rien ne t'oblige à le porter sans aide.\n\n"
        "Si tu es peut-être en danger en ce moment, appelle le numéro d'urgence de ton pays. "
        "Si tu le peux, parles-en aujourd'hui à quelqu'un de confiance : un parent, un ami, un enseignant, un médecin. "
        "Sur findahelpline.com, tu trouveras des personnes à qui parler ou écrire dans ton pays, gratuitement et en toute confidentialité.\n\n"
        "La leçon peut attendre. C'est toi qui comptes."
    ),
    "de": (
        "Ich bin sehr froh, dass du das geschrieben hast. Was du mit dir trägst, klingt schwer, und du musst es nicht allein tragen.\n\n"
        "Wenn du gerade in Gefahr sein könntest, ruf bitte den Notruf an deinem Ort an. "
        "Wenn du kannst, erzähl es heute jemandem, dem du vertraust: deinen Eltern, einer Freundin, einem Lehrer, einer Ärztin. "
        "Auf findahelpline.com findest du Menschen in deinem Land, mit denen du kostenlos und vertraulich sprechen oder schreiben kannst.\n\n"
        "Die Lektion kann warten. Du bist wichtiger."
    ),
    "it": (
        "È un bene che tu l'abbia scritto. Quello che porti dentro sembra pesante, e non devi portarlo per conto tuo.\n\n"
        "Se potresti essere in pericolo in questo momento, chiama il numero di emergenza del tuo Paese. "
        "Se ci riesci, parlane oggi con qualcuno di cui ti fidi: un genitore, un'amica, un insegnante, un medico. "
        "Su findahelpline.com trovi persone del tuo Paese con cui parlare o scrivere, gratis e in modo riservato.\n\n"
        "La lezione può aspettare. Tu conti di più."
    ),
    "pt": (
        "Fico muito contente por você ter escrito isso. O que você está carregando parece pesado, e você não precisa carregar isso sem ajuda.\n\n"
        "Se você pode estar em perigo agora, ligue para o número de emergência da sua região. "
        "Se conseguir, conte hoje a alguém em quem você confia: sua família, uma amizade, um professor, um médico. "
        "Em findahelpline.com você encontra pessoas do seu país para conversar ou trocar mensagens, de graça e com sigilo.\n\n"
        "A lição pode esperar. Você é mais importante."
    ),
    "ru": (
        "Хорошо, что ты об этом написал(а). Похоже, тебе сейчас очень тяжело, и ты не обязан(а) справляться с этим в одиночку.\n\n"
        "Если тебе прямо сейчас угрожает опасность, позвони в местную службу экстренной помощи. "
        "Если можешь, расскажи об этом сегодня тому, кому доверяешь: родителям, другу, учителю, врачу. "
        "На сайте findahelpline.com можно найти людей в твоей стране, с которыми можно поговорить или переписываться бесплатно и конфиденциально.\n\n"
        "Урок подождёт. Ты важнее."
    ),
    "zh": (
        "谢谢你愿意把这些写出来。你承受的听起来很沉重，但你不必一个人扛着。\n\n"
        "如果你现在可能有危险，请马上拨打当地的紧急求助电话。"
        "如果可以，今天就告诉一个你信任的人：父母、朋友、老师或医生。"
        "在 findahelpline.com 可以找到你所在国家或地区的求助热线，可以免费、保密地通话或文字聊天。\n\n"
        "功课可以等，你更重要。"
    ),
    "ja": (
        "書いてくれて、本当にありがとうございます。とてもつらいものを抱えているのですね。ひとりで抱えなくて大丈夫です。\n\n"
        "今、命の危険があるかもしれないときは、お住まいの地域の緊急通報番号に電話してください。"
        "できれば今日、信頼できる人に話してみてください。家族、友だち、先生、医師など、だれでもかまいません。"
        "findahelpline.com では、あなたの国で無料・秘密厳守で電話やチャットができる相談先を探せます。\n\n"
        "勉強は待てます。あなたのほうが大切です。"
    ),
    "ko": (
        "이렇게 이야기해 줘서 정말 고마워요. 많이 힘들었을 것 같아요. 혼자 견디지 않아도 괜찮아요.\n\n"
        "지금 위험한 상황일 수 있다면 바로 거주 지역의 긴급 전화번호로 연락해 주세요. "
        "할 수 있다면 오늘 믿을 수 있는 사람에게 말해 보세요. 부모님, 친구, 선생님, 의사 누구든 좋아요. "
        "findahelpline.com에서 무료로, 비밀을 지키며 통화나 채팅으로 상담할 수 있는 곳을 찾을 수 있어요.\n\n"
        "공부는 나중에 해도 돼요. 당신이 더 소중해요."
    ),
    "ar": (
        "يسعدني حقًا أنك كتبت هذا. يبدو أن ما تحمله ثقيل، ولست مضطرًا إلى أن تحمله وحدك.\n\n"
        "إذا كنت في خطر الآن، فاتصل من فضلك برقم الطوارئ في بلدك. "
        "وإن استطعت، فأخبر اليوم شخصًا تثق به: أحد والديك أو صديقًا أو معلمًا أو طبيبًا. "
        "وعلى موقع findahelpline.com تجد في بلدك من يمكنك التحدث إليه أو مراسلته مجانًا وبسرية.\n\n"
        "الدرس يمكن أن ينتظر. أنت أهم."
    ),
    "hi": (
        "अच्छा हुआ कि आपने यह लिखा। आप जो झेल रहे हैं वह बहुत भारी लगता है, और आपको इसे अकेले झेलने की ज़रूरत नहीं है।\n\n"
        "अगर आपको अभी ख़तरा हो सकता है, तो कृपया अपने इलाके के आपातकालीन नंबर पर फ़ोन करें। "
        "हो सके तो आज ही किसी ऐसे व्यक्ति को बताएँ जिस पर आपको भरोसा है: माता-पिता, दोस्त, शिक्षक या डॉक्टर। "
        "findahelpline.com पर आपको अपने देश में ऐसे लोग मिलेंगे जिनसे मुफ़्त और गोपनीय रूप से बात या चैट की जा सकती है।\n\n"
        "पढ़ाई रुक सकती है। आप ज़्यादा अहम हैं।"
    ),
}


def help_text(language: str) -> str:
    """The help text in `language` (one of the twelve codes), in English for any other. Paragraphs part with a blank line."""
    return _TEXTS.get(language, _TEXTS["en"])
