"""What must not be said to a learner whatever the lesson is, by rules in twelve languages, beside the trained judgement.

Told to die, told a way or a dose, told the making of a bomb, a poison or a drug, called to wipe out a group, sexual talk to or of
children. The rules ask for an order or an urging at the reader: what is told of others, warned of, quoted or forbidden is a lesson.
"""

import re
import unicodedata
from functools import cache

from shared.patterns import LazyPattern
from shared.safety import answer_scripts, answer_words
from shared.safety.categories import HATE_THREATENING, ILLICIT, SELF_HARM, SEXUAL_MINORS
from shared.safety.folding import DROPPED, fold

_KINDS = (
    ("URGED", SELF_HARM),
    ("WAYS", SELF_HARM),
    ("RECIPES", ILLICIT),
    ("ERASED", HATE_THREATENING),
    ("MINORS", SEXUAL_MINORS),
)
_SCRIPTS = {
    "ru": "[\u0400-\u04ff]",
    "zh": "[\u3400-\u9fff]",
    "ja": "[\u3040-\u30ff]",
    "ko": "[\uac00-\ud7a3]",
    "ar": "[\u0620-\u06d3]",
    "hi": "[\u0900-\u097f]",
}
_LOOK_BACK = 60
"""Characters before a finding in which what takes it back may stand, and after it as well."""

_SAID = (
    r"\b(?:you(?:'re| are| may| might| ever| sometimes)?|they|people|someone|somebody|anyone|some|who|he|she|it|mind|voice|thoughts?|character|hamlet|romeo|bull(?:y|ies)|comment|message) "
    r"(?:\w+ ){0,2}(?:feel|think|believe|want|say|said|tell|told|wrote|write|consider|seem|shout|yell)\w*\b|\bthat says|\bphrases?\b|\bbullying\b|\b(?:dijo|dice|dicen|escribio|sientes|piensas|crees|dit|disent|ecrit|penses|crois|sagte|sagt|sagen|schrieb|denkst|glaubst|fuhlst|ha detto|dice|scrive|senti|pensi|disse|dizem|escreveu|sente|pensa|acha)\b"
    r"|сказал|говор|написал|думаешь|кажется|чувству|觉得|认为|感到|说[：“]|写道|以为|思う|感じ|と言|생각|느끼|느낀|라고 (?:말|했)|قال|تشعر|تظن|يقول|كتب|लगता|सोच|कहा|कहते|महसूस"
)
_NOT = (
    r"\b(?:never|do not|don'?t|dont|must not|mustn'?t|should not|shouldn'?t|cannot|can'?t|not|nobody should|no one should|no reason to|wrong|instead of|nunca|jamas|no|ne|jamais|pas|niemals|nie|nicht|kein\w*|mai|non|nao|jamas)\b"
    r"|\bне\b|никогда|нельзя|不要|不应|不應|不该|切勿|请勿|别|不是|ないで|べきではない|てはいけ|てはなら|ではありません|じゃない|없이 살|지 ?마|지 ?말|안 ?된|안 ?돼|면 안|아니|\bلا |\bلم |\bلن |ليس|ابدا|\bमत\b|नही|\bन करे|ना करे"
)
_TOLD = (
    r"\b(?:nazi\w*|hitler (?:claimed|said|wrote|believed|wanted|demanded|thought)|himmler|goebbels|ideolog\w+|propaganda|claim(?:ed|s)?|believed|said|wrote|argued|demanded|declared|thought|decided|ordered|preached|shouted|slogans?|hatred|hate speech|racis\w+|antisemit\w+|genocid\w+|holocaust\w*|rwanda\w*|milit\w+|extremis\w+|terroris\w+|"
    r"afirm\w+|creia\w*|dijo|escribio|disait|croyai\w+|affirmai\w+|ecrivit|behauptet\w*|glaubte\w*|schrieb|forderte\w*|sagte\w*|sosten\w+|credeva\w*|scrisse|dicev\w+|afirmav\w+|acreditav\w+|disse|escreveu)\b"
    r"|наци\w*|гитлер\w*|утвержда|считал|писал|требовал|геноцид|纳粹|希特勒|主张|宣称|认为|ナチ|ヒトラー|主張|唱え|虐殺|나치|히틀러|주장|믿었|النازي|هتلر|زعم|ادعي|اعتقد|नाजी|नाज़ी|हिटलर|दावा|मानते थे|कहते थे"
)
_LAW = (
    r"\b(?:crimes?|criminal|illegal|law|laws|abus\w+|police|report|court|convicted|prison|victims?|protect\w*|grooming|predators?|consent|is it ok(?:ay)?|legally|offen[cs]e|education|delito|ilegal|ley|abus\w+|policia|crime|illegal|loi|delit|police|interdit\w*|verboten|straf\w+|gesetz\w*|missbrauch\w*|polizei|reato|legge|polizia|abuso|crime|lei|strafbar)\b"
    r"|преступлен|закон|незаконн|полици|насили|犯罪|违法|法律|警察|虐待|性教育|禁止|犯罪|違法|法律|범죄|불법|법률|경찰|학대|성교육|جريمة|قانون|القانون|الشرطة|تحرش|التوعية|अपराध|कानून|पुलिस|शोषण|दुर्व्यवहार"
)
_TAKES_BACK = {
    SELF_HARM: LazyPattern(lambda: _folded(rf"{_NOT}|{_SAID}")),
    ILLICIT: LazyPattern(lambda: _folded(_NOT)),
    HATE_THREATENING: LazyPattern(lambda: _folded(rf"{_NOT}|{_TOLD}")),
    SEXUAL_MINORS: LazyPattern(lambda: _folded(rf"{_NOT}|{_LAW}")),
}
_SELF_NEGATED = LazyPattern(
    lambda: _folded(
        r"nobody|no one|noone|nadie|personne|niemand|nessuno|ninguem|никто|没人|没有|誰も|아무도|لا احد|لن|कोई"
    )
)
"""In "nobody would miss you" the denial is the sting: such a finding is taken back only by what is told of others."""
_RETOLD = LazyPattern(lambda: _folded(_SAID))
_AFTER = LazyPattern(
    lambda: _folded(
        r"(?:べきでは(?:ない|ありません)|てはいけ|てはなら|ないで|지 ?마|지 ?말|안 ?된|안 ?돼|아닙|不对|是错|是犯罪|是违法|नही|मत |अपराध|is (?:a crime|wrong|illegal|false|not true)|was a|ist (?:falsch|strafbar|verboten)|es (?:un delito|mentira|falso)|est (?:un crime|faux|interdit)|e (?:un reato|falso|um crime)|преступлен|неправда|это ложь)"
    )
)
_HINTS = {
    SELF_HARM: re.compile(
        r"\b(?:yourself|your (?:own )?(?:life|wrists?|veins?|forearms?|arter\w+|neck|head|weight|body|size|age)|you (?:should|must|deserve|need to|ought)|without you|miss you|go (?:and )?die|(?:for|kill) you|someone|pills|tablets|capsules|paracetamol|tylenol|acetaminophen|ibuprofen|aspirin|enough to|noose|slipknot|commit(?:ting)? suicide|(?:to )?die (?:pain|quick|peace)|chair|stool|step off"
        r"|matate|suicid|ahorca|la vida|cuelgate|muerete|matarte|morir|te matas|sin ti|extranar|te echar|pastillas|pildoras|comprimidos|tabletas|capsul|letal|mortal|munecas|venas|soga|cuerda|nudo"
        r"|tue[- ]toi|pends[- ]toi|te tue|vous tue|te pend|vous pend|te suicid|mourir|crever|donne[- ]toi|sans toi|te regrett|te pleur|manquer|a tes jours|a ta vie|vos jours|comprimes|cachets|pilules|gelules|somnifer|poignets|veines|corde|noeud|letale"
        r"|tote dich|hang dich|bring dich|bringst|dich|erhang|erschiess|begeh|selbstmord|das leben|sterben|ohne dich|schlaftabletten|tabletten|pillen|kapseln|letale|todliche|pulsadern|adern|handgelenk|strick|seil|schlinge|galgen"
        r"|ucciditi|ammazza|impicca|togli|muori|ucciderti|morire|ti uccid|senza di te|tua mancanza|mancheresti|pillole|pastiglie|compresse|sonnifer|polsi|vene|cappio|corda|nodo"
        r"|se mat|mate-se|mata-te|se enforc|enforc|propria vida|sua vida|morra|matar-|morrer|sem voce|sua falta|tua falta|sentir|remedios|pilulas|fatal|pulsos|veias|laco|seu pescoco)"
    ),
    ILLICIT: re.compile(
        r"\b(?:bomb|rohrbomb|explosi|ied\b|molotov|napalm|tatp|meth|ricin|sarin|nerve gas|fentanyl|potassium|saltpet|pipe|perox|poison|rat poison|cyanid|arsenic|antifreeze|thallium|strychnine|(?:p?seudo)?e(?:ph|f)edrin"
        r"|nitrat|salitre|salpetre|salpeter|salnitro|clorato|chlorate|kaliumchlorat|kaliumnitrat|tubo|tuyau|tube|rohr|cano|tuberia|aceton|matarratas|raticida|cianuro|arsen|anticongelante|veneno|veleno|ricina|mort[- ]aux|cyanure|antigel|rattengift|zyankali|frostschutz|gift|rizin|topicida|chumbinho|cianeto|asi se|so (?:bau|bast)|voici|ecco|veja|eis)"
    ),
    HATE_THREATENING: re.compile(
        r"\b(?:gas|kill|extermin|eradic|annihil|wip|shot|shoot|hang|burn|slaughter|die\b|dead|death|erase|put down|hitler|elimin|asesin|aniquil|fusil|mor[ir]|mor[ir]{2}|muerte|matar|maten|gaz|aneant|mourir|crever|mort|tue|vernicht|vergas|ausgerott|getot|totet|umgebracht|erschoss|ausgelosch|sterben|verbrannt|tod\b|stermin|uccid|uccis|annient|fucil|assassin|fuzil|matem)"
    ),
    SEXUAL_MINORS: re.compile(
        r"\b(?:nude|naked|sex|topless|undress|take off your|horny|arous|orgas|moan|erot|blow ?job|seduc|desnud|excit|sin ropa|quitate|gem[ie]|nue?s?\b|deshabill|sans vet|enleve|retire|nackt|ohne kleid|zieh dich|erregt|stohnt|nud[oaie]\b|senza vest|svestit|togliti|eccitat|sess|pelad|nuas?\b|sem roupa|tir[ea] )"
    ),
}
"""By category: one of these stands in every Latin text that a rule fits; most sentences have none and are done."""


def _folded(pattern: str) -> str:
    return unicodedata.normalize("NFC", DROPPED.sub("", unicodedata.normalize("NFKD", pattern)))


_Rule = tuple[str, LazyPattern]


@cache
def _latin() -> tuple[_Rule, ...]:
    return tuple(
        (category, LazyPattern(_folded("|".join(getattr(answer_words, kind).values())))) for kind, category in _KINDS
    )


@cache
def _scripts() -> tuple[tuple[re.Pattern[str], tuple[_Rule, ...]], ...]:
    return tuple(
        (
            re.compile(letters),
            tuple((category, LazyPattern(_folded(getattr(answer_scripts, kind)[code]))) for kind, category in _KINDS),
        )
        for code, letters in _SCRIPTS.items()
    )


def harm_in(text: str) -> list[str]:
    """The categories of what the text says to its reader that must not be said, each once. Pure; linear in the length of the text."""
    folded = fold(text)
    hinted = {category for category, hint in _HINTS.items() if hint.search(folded)}
    rules = [rule for rule in _latin() if rule[0] in hinted] if hinted else []
    if not folded.isascii():
        rules += [rule for letters, of_script in _scripts() if letters.search(folded) for rule in of_script]
    return list(dict.fromkeys(category for category, pattern in rules if _meant(category, pattern, folded)))


def _meant(category: str, pattern: LazyPattern, folded: str) -> bool:
    """Whether one of the findings is taken back by nothing around it."""
    for found in pattern.finditer(folded):
        before, after = folded[max(0, found.start() - _LOOK_BACK) : found.start()], folded[found.end() :][:_LOOK_BACK]
        if category == SEXUAL_MINORS:
            around = before + " " + found.group() + " " + after
        elif category == SELF_HARM:
            around = before
        else:
            around = before + " " + found.group()
        pattern_back = _RETOLD if _SELF_NEGATED.search(found.group()) else _TAKES_BACK[category]
        if not pattern_back.search(around) and not _AFTER.search(found.group()[-8:] + after[:24]):
            return True
    return False
