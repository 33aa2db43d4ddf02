"""What somebody in danger tells in passing, in twelve languages: pills already taken, a farewell, harm done to them by others.

Regular expressions in folded form. They ask for the first person and for what makes the sentence one of this kind: two tablets of a
medicine, a last question for today and a teacher who asks hard questions are none.
"""

import re
import unicodedata

from shared.patterns import LazyPattern
from shared.safety.folding import DROPPED

_MANY = r"(?:[1-9]\d{1,2}|ten|fifteen|twenty|thirty|forty|fifty|sixty|all|too many|a lot of|lots of|dozens of)"

_IN_NEED = (
    rf"\bi(?:'ve| have|ve)? (?:just |already )?(?:took|taken|swallowed|downed|ate) (?:\w+ ){{0,2}}?{_MANY} (?:of )?(?:\w+ ){{0,3}}(?:pills|tablets|capsules|paracetamol|tylenol|ibuprofen|painkillers|sleeping pills)\b(?!.{{0,30}}\b(?:per|each|weeks?|days|months?|in total|years?)\b)",
    r"\b(?:goodbye|good bye|farewell|bye)\b.{0,30}\b(?:this is my last (?:message|words?|letter|day|night)|forever,? everyone|i won'?t be here|i'?m leaving this (?:world|life))|\b(?:this is )?my last (?:message|words) (?:to (?:everyone|the world|you all|my (?:family|parents|mom|mum|friends))|ever)|\bmy last message\b.{0,30}\b(?:goodbye|farewell)",
    r"\b(?:(?:me )?acabo de tomar(?:me)?|(?:me )?(?:tome|he tomado|trague|he tragado)) (?:\w+ )?(?:[1-9]\d|veinte|treinta|cuarenta|cincuenta|todas las) (?:\w+ )?(?:pastillas|pildoras|comprimidos|capsulas)",
    r"\b(?:adios|hasta siempre)\b.{0,30}\b(?:mi ultimo mensaje|mis ultimas palabras|mi ultima (?:carta|noche))|\bmi ultimo mensaje\b.{0,20}\badios",
    r"\bj(?:e viens de|'ai|'en ai) (?:\w+ )?(?:prendre|pris|avaler?|avale) (?:\w+ )?(?:[1-9]\d|vingt|trente|quarante|cinquante|tous) (?:\w+ )?(?:comprimes|cachets|pilules|medicaments|gelules)",
    r"\badieu\b.{0,30}\b(?:mon dernier message|mes derniers mots|ma derniere)|\b(?:mon dernier message)\b.{0,20}\badieu|\bau revoir (?:a )?tous\b.{0,20}\bmon dernier message",
    r"\bich (?:habe|hab) (?:\w+ ){0,2}(?:[1-9]\d|zehn|zwanzig|dreissig|vierzig|funfzig|alle) (?:\w+ )?(?:\w*tabletten|pillen|kapseln) (?:genommen|geschluckt)",
    r"\b(?:lebt wohl|leb wohl|tschuss|auf wiedersehen|macht'?s gut)\b.{0,30}\bmeine letzte (?:nachricht|worte|nacht)",
    r"\bho (?:appena )?(?:preso|ingoiato|inghiottito|mandato giu) (?:\w+ )?(?:[1-9]\d|venti|trenta|quaranta|cinquanta|tutte le) (?:\w+ )?(?:pillole|pastiglie|compresse|capsule)",
    r"\b(?:addio|arrivederci)\b.{0,30}\b(?:mio ultimo messaggio|mie ultime parole)|\bmio ultimo messaggio\b.{0,20}\baddio",
    r"\b(?:acabei de tomar|tomei|engoli) (?:\w+ )?(?:[1-9]\d|vinte|trinta|quarenta|cinquenta|todos os) (?:\w+ )?(?:comprimidos|remedios|pilulas|capsulas)",
    r"\b(?:adeus|tchau)\b.{0,30}\b(?:minha ultima mensagem|minhas ultimas palavras)|\bminha ultima mensagem\b.{0,20}\badeus",
    r"\bя (?:\w+ )?(?:выпил\w*|принял\w*|проглотил\w*|съел\w*) (?:\w+ )?(?:[1-9]\d|десять|двадцать|тридцать|сорок|пятьдесят|все|много) (?:\w+ )?(?:таблет\w+|капсул\w*)",
    r"\b(?:прощаите|прощаи|прощаюсь)\b.{0,30}(?:последнее сообщение|последние слова|последнее письмо)|последнее (?:мое )?сообщение.{0,20}прощаите",
    r"我(?:刚|剛|刚刚|已经)?(?:才)?(?:吃|吞|服)(?:了|下)(?:了)?(?:[1-9]\d|二十|三十|四十|五十|十几)(?:片|粒|颗|顆)",
    r"(?:再见|再見|永别|永別|告别)[^。！？]{0,8}[，,。！ ]?[^。！？]{0,6}(?:最后一条(?:消息|信息|短信)|最後一則(?:訊息|消息)|最后的话|最后的消息)",
    r"(?:薬|錠剤|睡眠薬)を[^。！？]{0,4}(?:[1-9]\d|二十|三十|四十|五十)(?:錠|粒|個)[^。！？]{0,6}飲(?:ん(?!でもいい)|み(?:ました|まし))|(?:[1-9]\d|三十)(?:錠|粒)(?:の薬を)?(?:今|さっき)?飲(?:んだ|みました|んでしま)",
    r"(?:さようなら|さよなら)[^！？]{0,10}最後の(?:メッセージ|言葉|連絡)|最後の(?:メッセージ|言葉)[^。！？]{0,6}(?:さようなら|さよなら)",
    r"(?:약|알약|수면제|타이레놀)(?:을|를)? ?(?:방금 |지금 )?(?:[1-9]\d|서른|스무|쉰)\s?(?:알|정|개)[^.!?]{0,8}(?:먹었|삼켰|먹어 ?버렸)|(?:[1-9]\d|서른|쉰)\s?알(?:을)? ?(?:방금 |지금 )?(?:먹었|삼켰)",
    r"(?:안녕히|안녕,? ?(?:모두|여러분)|잘 있어|모두 안녕)[^?]{0,16}(?:마지막 (?:메시지|말|인사|문자))",
    r"(?:تناولت|ابتلعت|اخذت|بلعت|شربت) (?:\w+ )?(?:[1-9]\d|عشرين|ثلاثين|اربعين|خمسين) (?:\w+ )?(?:حبة|حبوب|قرصا?|اقراص|كبسولة)",
    r"(?:وداعا|مع السلامة|الوداع).{0,30}(?:رسالتي الاخيرة|اخر رسالة|كلماتي الاخيرة|اخر كلماتي)",
    r"मैने (?:\S+ ){0,3}(?:[1-9]\d|बीस|तीस|चालीस|पचास) (?:\S+ ){0,2}(?:गोलिया|गोली|टैबलेट)\S* (?:\S+ )?(?:खा|निगल|ले ली)",
    r"(?:अलविदा|विदा).{0,30}(?:आखिरी (?:सदेश|मैसेज|शब्द|बात)|अतिम (?:सदेश|शब्द))",
    # Russian typed in Latin letters
    r"\b(?:ya |ja )?(?:ne )?(?:hochu|khochu|xochu) (?:bolshe )?(?:umeret'?|sdohnut'?|ubit'? sebya|ubit'? sebja|pokonchit'? s soboy)|\b(?:ya |ja )?(?:ne )(?:hochu|khochu|xochu) (?:bol'?she )?(?:zhit'?|jit'?|zit'?)\b|\bpokonchit'? s (?:soboy|soboi|zhizn'?yu)",
)
_KIN = r"(?:dad|daddy|father|stepdad|step ?father|mom|mum|mother|stepmom|step ?mother|parents|uncle|aunt|brother|stepbrother|step ?brother|cousin|grandfather|grandpa|teacher|coach|tutor|priest|boss|neighbou?r|boyfriend|husband|girlfriend|wife|partner|babysitter|foster (?:dad|father|parents))"
_PLAYED = r"(?!.{0,50}\b(?:ball|pillow|game|homework|questions?|work|chess|tennis|tasks?|assignments?|facts?|music|story|heart|deeply|words?|playing|lines?|news|joke)\b)"
_HURT = (
    r"\b(?:someone|somebody|he|she|they|my \w+)(?: is|'s| are| keeps?| kept| has been|'s been)? (?:hurting|hitting|beating|abusing|molesting|raping|touching|hurts?|hits?|beats?|abuses?|rapes?) me (?!with\b)(?:\w+ ){0,3}(?:at home|every (?:night|day)|when (?:nobody|no one|we are alone|i'?m alone|he(?:'s| is)|she(?:'s| is))|at night|again|sexually|badly)\b",
    rf"\bmy {_KIN} (?:\w+ ){{0,2}}?(?:touch(?:es|ed)|hits|beats|hit|molest(?:s|ed)|abuses|abused|rapes|raped|beat|punch(?:es|ed)|gropes|groped|strangled|is (?:hurting|abusing|touching|hitting|beating|molesting)) me\b{_PLAYED}",
    r"\bi (?:was|am|got|have been|am being|'m being|was being|m being)(?: \w+)? (?:raped|molested|(?:sexually|physically) abused|sexually assaulted)\b|\bi(?:'m| am|m) (?:being )?abused\b",
    r"\b(?:alguien|mi (?:padre|padrastro|madre|tio|papa|mama|hermano|novio|marido|profesor\w*|maestr[oa]|entrenador|abuelo|primo)) (?:\w+ )?me (?:hace dano|pega|golpea|maltrata|toca|tocaba|toco|viola|violo|abusa|esta (?:pegando|tocando|haciendo dano))\b(?! (?:jugar|el (?:turno|piano)|la (?:loteria|guitarra|flauta)|leer|hacer)|.{0,30}\b(?:ajedrez|tenis|juego|corazon))|\bme (?:violaron|han violado|violo)\b|\babus(?:a|an|aron|o) de mi\b",
    r"\b(?:quelqu'un|mon (?:pere|beau-pere|oncle|frere|prof\w*|entraineur|copain|mari|cousin|grand-pere|maitre)|ma (?:mere|belle-mere|prof\w*|tante)) (?:\w+ )?(?:me (?:fait du mal|frappe|bat|touche|tape dessus|viole|maltraite|tripote)|m'a (?:violee?|frappee?|touchee?|agressee?)|abuse de moi)\b(?!.{0,30}(?:musique|histoire|au coeur|echecs|tennis|cartes|jeu))|\bj'ai ete (?:violee?|agressee? sexuellement|abusee?)",
    r"\b(?:jemand|mein (?:vater|stiefvater|onkel|bruder|lehrer|trainer|freund|mann|opa|cousin|papa)|meine (?:mutter|stiefmutter|lehrerin|tante|mama)) (?:\w+ )?(?:tut mir (?:\w+ ){0,3}weh|verletzt mich|schlagt mich|missbraucht mich|fasst mich (?:\w+ )?an|beruhrt mich|begrapscht mich|vergewaltigt mich|hat mich (?:\w+ )?(?:vergewaltigt|missbraucht|geschlagen|angefasst))(?!.{0,30}(?:schach|tennis|spiel|emotional|musik))|\bich (?:wurde|werde) (?:\w+ )?(?:vergewaltigt|missbraucht|geschlagen)\b",
    r"\b(?:qualcuno|(?:il )?mio (?:padre|patrigno|zio|fratello|professore|maestro|allenatore|ragazzo|marito|nonno|papa|insegnante|prof)|(?:la )?mia (?:madre|matrigna|professoressa|maestra|insegnante|zia|mamma)) (?:\w+ )?(?:mi (?:fa del male|fa male|picchia|tocca|maltratta|violenta|stupra|abusa|ha (?:violentat\w|stuprat\w|toccat\w|picchiat\w))|abusa di me)\b(?!.{0,30}(?:cuore|musica|scacchi|tennis|gioco))|\bsono stat\w (?:violentat|stuprat|abusat)\w",
    r"\b(?:alguem|(?:o )?meu (?:pai|padrasto|tio|irmao|professor|treinador|namorado|marido|avo|primo)|(?:a )?minha (?:mae|madrasta|professora|tia)) (?:\w+ )?(?:(?:esta |fica )?me (?:machuca(?:ndo)?|bate(?:ndo)?|batendo|toca(?:ndo)?|tocou|maltrata|estupra|estuprou|violenta|abusa|abusou)|me faz mal|abusa de mim|toca em mim)\b(?!.{0,30}(?:coracao|musica|xadrez|tenis|jogo))|\b(?:fui|sou) (?:estuprad|abusad|violentad)\w",
    r"\b(?:кто-?то|меня|мо[ией] (?:отец|отчим|папа|дядя|брат|учитель|тренер|парень|муж|дедушка)|моя (?:мать|мачеха|мама|учительница|тетя)|учитель|отчим|отец) (?:\w+ ){0,3}(?:меня (?:бьет|избивает|трогает|лапает|насилует|обижает|домогается|избил|изнасиловал|трогал)|(?:бьет|избивает|трогает|лапает|насилует|бьют|избивают|насилуют|изнасиловал\w*|домогается|делает мне больно|причиняет мне боль)(?: меня)?)\b(?!.{0,30}(?:шахмат|теннис|игр))",
    r"(?:有人|爸爸|父亲|继父|繼父|妈妈|母亲|叔叔|舅舅|哥哥|老师|老師|教练|男朋友|老公|爷爷)(?:在家里|在家|总是|经常|一直|昨天|老)?(?:伤害我|傷害我|打我(?!电话|的电话|手机)|虐待我|摸我(?!头|的头)|强奸我|强奸了我|性侵我|性侵了我|猥亵我|侵犯我|乱摸我)|我(?:被|遭)[^。！？]{0,6}(?:强奸|性侵|猥亵|虐待|家暴)",
    r"(?:家で)?(?:誰か|父|母|お父さん|お母さん|義父|継父|叔父|おじ|兄|先生|コーチ|彼氏|夫|祖父)(?:が|に|から)[^。！？]{0,10}(?:暴力を(?:振る|ふる|受け)|殴られ|叩かれ|触られ|触ってき|私(?:に|を|の体(?:を|に))(?:触|傷つけ|殴)|体を触|虐待さ|虐待を受け|レイプさ|傷つけられ|傷つけてき|痛めつけ)|(?:レイプ|性的虐待|虐待)され(?:ました|た|てい)",
    r"(?:누군가|아빠|아버지|새아빠|계부|엄마|어머니|삼촌|오빠|형|선생님|코치|남자친구|남편|할아버지)(?:가|이|께서|한테|에게)? ?[^.!?]{0,8}(?:저를|나를|절|날|제 몸을|내 몸을|저한테|나한테) ?[^.!?]{0,8}(?:때려|때리|때렸|만져|만지|만졌|아프게|해치|학대|괴롭|폭행|강간|추행|다치게)|(?:선생님|삼촌|아빠|새아빠|아버지|오빠|코치)(?:이|가|한테|께서)? ?[^.!?]{0,6}(?:맞아요|맞았어요|성추행|성폭행)|(?:성폭행|강간|성추행|학대)(?:을|를)? ?당(?:했|하고)",
    r"(?:شخص ما|احدهم|احد ما|ابي|والدي|امي|زوج امي|عمي|خالي|اخي|معلمي|استاذي|مدربي|زوجي|جدي|المعلم) (?:\w+ ){0,3}?(?:يؤذيني|يوذيني|يضربني|يلمسني|يعتدي علي|يتحرش بي|يغتصبني|تضربني|تؤذيني|ضربني|لمسني|اغتصبني|تحرش بي|اعتدي علي)|(?:يؤذيني|يضربني|يتحرش بي|يعتدي علي) (?:\w+ ){0,2}(?:ابي|والدي|عمي|خالي|اخي|معلمي|زوج امي|في المنزل|في البيت|شخص|احد)|تعرضت (?:ل|الي )?(?:الاغتصاب|اغتصاب|اعتداء|للاغتصاب|للتحرش|للاعتداء)",
    r"(?:कोई|मेरे (?:पिता|पापा|चाचा|मामा|भाई|शिक्षक|टीचर|अध्यापक|कोच|पति|दादा|सौतेले पिता|सर)|मेरी (?:मा|मम्मी|टीचर|शिक्षिका)|मेरा (?:भाई|शिक्षक|टीचर|बॉयफ्रेड|पति|बाप)) (?:\S+ ){0,3}?(?:मुझे (?:\S+ ){0,3}(?:मारते|मारता|मारती|पीटते|पीटता|छूते|छूता|छूती|चोट पहुचा|तकलीफ|नुकसान पहुचा|सताता|सताते)|मेरे साथ (?:\S+ )?(?:बलात्कार|छेडछाड|मारपीट|दुर्व्यवहार|गलत काम|यौन)|मेरा (?:\S+ )?(?:यौन )?(?:शोषण|बलात्कार))|मेरे साथ बलात्कार|मेरा यौन शोषण",
)


def _all(patterns: tuple[str, ...]) -> str:
    return "|".join(
        unicodedata.normalize("NFC", DROPPED.sub("", unicodedata.normalize("NFKD", each))) for each in patterns
    )


_HINT = re.compile(
    r"\b(?:pills|tablets|capsules|paracetamol|tylenol|ibuprofen|painkillers|(?:good ?)?bye|farewell|last (?:message|words)|pastillas|pildoras|comprimidos|capsulas|ultimo mensaje|adios|siempre"
    r"|comprimes|cachets|pilules|medicaments|gelules|adieu|dernier message|\w*tabletten|pillen|kapseln|letzte|pillole|pastiglie|compresse|capsule|addio|arrivederci|ultimo messaggio|remedios|pilulas|adeus|tchau|ultima mensagem"
    r"|[hkx]+ochu|pokonchit'?|hurts?|hurting|hits?|hitting|beats?|beating|abus\w*|molest\w*|rap(?:ing|e[sd]?)|touch\w*|punch\w*|grop\w*|strangled|assaulted|hace dano|haciendo dano|pega\w*|golpea\w*|maltrat\w*|toca\w*|toco|viol\w*"
    r"|fait du mal|frapp\w*|bat|tape|tripote|agress\w*|weh|verletzt|schlagt|missbraucht|fasst|beruhrt|begrapscht|vergewaltigt|geschlagen|angefasst|fa (?:del )?male|picchia\w*|tocc\w*|stupra\w*|machuca\w*|bate\w*|tocou|estupr\w*|mal)\b"
)
"""One of these stands in every Latin text that a rule fits."""
_NEEDS = LazyPattern(lambda: _all(_IN_NEED))
_HARMED = LazyPattern(lambda: _all(_HURT))
_SUPPOSED = LazyPattern(
    lambda: _all(
        (
            r"\b(?:if i|suppose|imagine|what if|story|novel|poem|translate|character|in the (?:book|film|movie|play)|the word|sentence|grammar|wenn ich|si je|si yo|se io|se eu|если бы|如果我|もし)\b|如果我|もし",
        )
    )
)


def in_danger(folded: str) -> str | None:
    """`self_harm` or `abuse` where a folded text tells of it, None else. Linear in its length."""
    if folded.isascii() and _HINT.search(folded) is None:
        return None
    category = "self_harm" if _NEEDS.search(folded) else "abuse" if _HARMED.search(folded) else None
    return None if category is None or _SUPPOSED.search(folded) else category
