"""Words by which a writer speaks of themselves, in twelve languages: data for `shared.safety.personal`.

Latin and Cyrillic words are compared whole, in folded form (`shared.safety.folding`). Verb forms are listed where the
pronoun is usually left out.
"""

_WORDS = """
me my mine myself we us our ours ourselves im ive i'm i've i'd i'll we're we've we'll we'd lemme imma
yo mi mis mio mia mios mias conmigo nosotros nosotras nuestro nuestra nuestros nuestras estoy tengo quiero necesito
    soy puedo entiendo vivo hago estudio debo creo siento estaba tuve hice comprendo quisiera sufro llamo
je j'ai moi mon ma mes mien mienne miens nous notre nos suis veux peux dois comprends
ich mir mich mein meine meinen meinem meiner meines uns unser unsere unseren unserem unserer bin habe hab muss brauche
    verstehe mochte heisse wohne
io miei mie noi nostro nostra nostri nostre ho voglio devo posso capisco studio abito chiamo vorrei sto faccio penso
eu meu meus minha minhas comigo nosso nossa nossos nossas estou tenho quero preciso sou entendo moro estudo gostaria
    consigo sinto
я меня мне мной мною мои моя мое моего моеи моему моим моих моими мою моем мы нас нам нами наш наша наше наши нашего
    нашеи нашу нашим наших хочу могу понимаю знаю думаю живу учусь должен должна умею боюсь чувствую помню нужно
mera meri mujhe mujhko humara hamara hamari
"""
WORDS = frozenset(_WORDS.split())
"""`mein` is German and romanised Hindi alike; й is written и because folding takes its mark away."""

ELIDED = frozenset(("j", "m"))
"""French before an apostrophe: j'ai, m'appelle."""

ELSEWHERE: dict[str, frozenset[str]] = {
    "i": frozenset({"it"}),
    "mes": frozenset({"es", "pt"}),
    "ma": frozenset({"it"}),
    "nos": frozenset({"pt"}),
    "eu": frozenset({"fr", "de", "it", "es", "en"}),
    "mine": frozenset({"fr"}),
    "us": frozenset({"fr", "es", "it"}),
    "mie": frozenset({"de"}),
    "studio": frozenset({"en", "de", "fr"}),
    "estudio": frozenset({"pt"}),
    "vivo": frozenset({"en", "fr", "de"}),
    "creo": frozenset({"it"}),
    "ho": frozenset({"en", "de", "es", "fr", "pt"}),
    "mi": frozenset({"en", "fr", "de"}),
    "mon": frozenset({"en", "de"}),
}
"""Words that mean something else in these languages: they do not count in a text guessed to be in one of them."""

CHINESE = "我 俺 咱 本人 吾 人家"
JAPANESE = (
    "私 僕 俺 わたし わたくし あたし ぼく おれ オレ ボク ワタシ 自分 うちの 我が 我々 したい たいです たいんで たいのです "
    "分からない わからない 分かりません わかりません できない できません 困って 困り 悩んで"
)
KOREAN_ANYWHERE = "제가 저는 저도 저의 저를 저에게 저한테 저희 내가 나는 나도 나의 나를 나에게 나한테 우리 모르겠"
KOREAN_ALONE = "나 저 제 내 난 전 날 절 내게 제게"
ARABIC = """انا اني انني نحن عندي لدي لي معي مني نفسي بي علي اسمي عمري امي ابي والدي والدتي اخي اختي صديقي صديقتي مدرستي معلمي
    معلمتي استاذي واجبي بيتي عائلتي حياتي كتابي درسي دروسي امتحاني صفي جامعتي مشكلتي هاتفي بريدي رقمي عنواني لغتي فهمي
    اريد احتاج افهم استطيع اعرف ادرس احب اشعر اعيش اسكن اعاني احاول ابحث اتعلم اظن اعتقد ارجو اود كنت لست
    لدينا عندنا لنا معنا مدرستنا معلمنا درسنا عايز عاوز ابغى بدي مش فاهم فاهمة"""
HINDI = """मैं मैंने मुझे मुझको मुझसे मुझमें मुझपर मेरा मेरी मेरे हम हमें हमने हमको हमसे हमारा हमारी हमारे अपना अपनी अपने हूँ हूं
    चाहता चाहती करूँ करूं सकूँ सकूं"""
