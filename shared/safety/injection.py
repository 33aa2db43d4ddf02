"""Orders to a model that stand in a document, by rules in twelve languages: the floor under the trained judgement.

Three things are looked for: to forget what was said before, to take on another role or mode, to give away the prompt or a secret. A text
about such attacks speaks of them without giving the order; where it quotes one in full it is taken for one.
"""

import re
import unicodedata

from shared.patterns import LazyPattern
from shared.safety.folding import DROPPED, fold

_ORDERS = (
    r"\b(?:ignor\w*|disregard|forget|override|bypass|discard|neglect) (?:all |any |every |the |your |my |these |those |of |everything |and )*"
    r"(?:previous|prior|above|earlier|preceding|former|initial|original|system|existing|past)(?: \w+)? (?:instructions?|directions?|directives?|prompts?|rules|commands?|guidelines|orders|context|conversation)",
    r"\b(?:ignore|disregard|forget) (?:all |everything )?(?:of )?(?:your|the|these|those) (?:instructions|directives|guidelines|rules|programming)|\bforget (?:all|everything) (?:that )?(?:you|we|i)\b",
    r"\b(?:reveal|show|print|repeat|output|display|tell me|give me|leak|disclose|what (?:is|are|was)) (?:me )?(?:all )?(?:of )?(?:your|the) (?:full |entire |hidden |initial |original |exact )?"
    r"(?:system (?:prompt|message|instructions)|hidden (?:prompt|instructions)|secret key|initial (?:prompt|instructions)|prompt verbatim)",
    r"\byou are (?:now )?(?:dan\b|in developer mode|an? (?:unfiltered|unrestricted|uncensored|jailbroken))|\bdo anything now\b|\bdeveloper mode (?:enabled|on|output)|\b(?:enable|enter|activate) (?:developer|god|debug|dan|jailbreak) mode",
    r"\bign\w*r\w* (?:todas? |todos? |tout\w* |tutt\w* |las |os |as |le |les |gli |alle |die )*(?:las |les |le |os |as )?(?:instruccion\w*|instruction\w*|istruzion\w*|instruc\w*|consigne\w*|indicacion\w*|ordres|anweisung\w*|vorherig\w* (?:anweisung|befehl|regel)\w*)",
    r"\b(?:olvid\w+|esquec\w+|oubli\w+|dimentic\w+|vergiss|vergessen sie|descart\w+|desconsider\w+|haz caso omiso de|fai finta|non tenere conto|ne tiens pas compte|ne tenez pas compte|hasz caso)"
    r" (?:\w+['\u2019]? ?){0,4}(?:instru\w+|istruz\w+|consign\w+|regel\w*|anweisung\w*|indicac\w+|anterior\w*|preceden\w*|vorherig\w*|te han dicho|t'a dit|ti hanno detto|detto prima|gesagt)",
    r"\bignor\w* (?:tout|todo|tudo|tutto|alles|all)\b[^.!?]{0,30}(?:dit|dicho|dito|detto|gesagt|anterior\w*|preceden\w*|vorher\w*|said)",
    r"(?:игнорируи|проигнорируи|забудь|не обращаи внимания на|отбрось)\w* (?:\w+ ){0,3}(?:инструкци|указани|правил|команд|сказан|сообщени)",
    r"(?:忽略|无视|無視|忘记|忘掉|不理会|不要理会)[^。！？]{0,10}(?:指令|指示|说明|规则|提示|命令|内容|的话)",
    r"(?:指示|命令|ルール|指令|プロンプト|内容)[^。！？]{0,8}(?:無視|忘れ)|(?:無視|忘れ)て[^。！？]{0,12}(?:指示|命令)",
    r"(?:지시|지침|명령|규칙|프롬프트|내용|말)[^.!?]{0,8}(?:무시|잊)",
    r"(?:تجاهل|انس|انسى|تجاوز|لا تلتزم)\S* (?:\S+ ){0,3}(?:التعليمات|الاوامر|القواعد|الارشادات|التوجيهات|ما قيل|كل ما)",
    r"(?:निर्देश|आदेश|नियम|बात|हिदायत)\S* (?:\S+ ){0,3}(?:अनदेखा|नजरअदाज|भूल|अवहेलना|उपेक्षा)|(?:अनदेखा|भूल)\S* (?:\S+ ){0,3}निर्देश",
)
_PATTERN = LazyPattern(
    lambda: "|".join(
        unicodedata.normalize("NFC", DROPPED.sub("", unicodedata.normalize("NFKD", each))) for each in _ORDERS
    )
)
_SPACE = re.compile(r"\s+")


def gives_orders(text: str) -> bool:
    """Whether the text plainly gives a model such an order. Pure."""
    return _PATTERN.search(_SPACE.sub(" ", fold(text))) is not None
