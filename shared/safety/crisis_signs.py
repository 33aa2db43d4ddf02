"""Signs of a crisis that name neither death nor suicide, in twelve languages: data and its matching, beside `crisis_latin` and its like.

Nine things people say: not wanting to wake up, no point in being alive, cutting oneself, others better off without me, jumping from a
height, having swallowed a box of pills, how many are deadly, a letter of
farewell, somebody close who wants to die. Patterns are in folded form. A sentence of a physics task or of
a kitchen is left out by asking for the first person and for what makes the sentence one of this kind.
"""

import re
import unicodedata

from shared.patterns import LazyPattern
from shared.safety.folding import DROPPED

_LATIN = (
    # English
    r"\b(?:no|isnt any|isn't any|not any|dont see (?:a|any|the)|don't see (?:a|any|the)) (?:point|reason|sense|use) (?:in|to|for|of) (?:me |my )?(?:being (?:alive|here|on this)|liv(?:e|ing)|exist\w*|carry\w* on living|stay\w* alive)",
    r"\bi(?:'ve| have|'m| am|ve|m)? (?:\w+ )?(?:cut|cutting|slit|slash(?:ed|ing)?) (?:up )?(?:my (?:own )?)(?:arms?|wrists?|legs?|thighs?|skin)\b(?!.{0,40}\b(?:cook|kitchen|accident|glass|fell|paper|mistake|shav))",
    r"\bbe (?:so much |much |a lot |all )?(?:happier|better(?: off)?|relieved|fine) (?:without me\b|if i (?:was|were|am|just )?\w{0,6} ?(?:gone|dead|died|disappeared|vanished|wasnt|wasn't|werent|weren't|not (?:here|around|alive)))",
    r"\b(?:i(?:'m| am|m)? (?:\w+ ){0,2}|thinking (?:of|about) |want to |wanna |going to |gonna |feel like )(?:jump(?:ing)?|throw(?:ing)? myself) (?:off|from|out of|in front of|under) (?:the|a|my|this|that) (?:\w+ )?(?:bridge|roof\w*|building|balcony|window|train|cliff|tower|bus)\b",
    r"\bi(?:'ve| have|ve)? (?:just |already )?(?:took|taken|swallowed|downed) (?:\w+ ){0,3}(?:bottle|box|pack|packet|handful|bunch|all) (?:of )?(?:my |the |sleeping )*(?:pills|tablets|medication|medicine|painkillers|paracetamol|ibuprofen|antidepressants)",
    # Spanish
    r"\bno quiero (?:volver a )?despertar(?:me)?(?: (?:manana|mas|nunca|nunca mas))?\s*(?:$|[.!,;])|\bojala no (?:me )?despert\w+",
    r"\bno (?:tiene|veo|le veo) (?:ningun )?sentido (?:a )?(?:que (?:yo )?(?:siga|viva)|a? ?(?:mi vida|seguir viv\w+|vivir))",
    r"\bme (?:\w+ ){0,2}cort(?:e|ar|o|ado|aba) (?:\w+ )?(?:los|las) (?:brazos?|munecas?|piernas?|venas)",
    r"\b(?:estar|vivir|ser)(?:i?an|ia|a|an) (?:mucho )?(?:mejor|mas felic?e?s?) (?:sin mi\b|si (?:yo )?(?:no (?:estuviera|existiera)|me muer\w+|muriera))",
    r"\b(?:quiero|voy a|pienso en|ganas de|pensado en) (?:tirarme|saltar|lanzarme|arrojarme) (?:\w+ ){0,2}(?:ventana|puente|azotea|techo|tejado|balcon|edificio|tren|metro)",
    r"\bme (?:tome|he tomado|trague|he tragado) (?:\w+ ){0,3}(?:caja|frasco|bote|blister|monton|todas) (?:\w+ ){0,2}(?:pastillas|medicamentos|somniferos)",
    r"\bmi (?:mejor )?\w+ (?:me )?(?:dice|dijo|ha dicho) que (?:se )?quiere (?:matar|suicidar|morir)(?:se)?",
    # French
    r"\bje (?:ne )?(?:veux|voudrais|souhaite) (?:plus|pas|plus jamais) (?:jamais )?me reveiller(?: demain)?\s*(?:$|[.!,;])|\bj'aimerais ne (?:plus|pas) me reveiller",
    r"\b(?:ca ne sert a rien|il n'y a aucune raison|a quoi bon|pas de raison|plus de raison) (?:que je (?:vive|continue)|de vivre|vivre)|\bma vie (?:ne sert|n'a (?:plus )?(?:aucun|de) sens)",
    r"\bje (?:me suis|me) (?:\w+ ){0,2}(?:coupee?|taillade\w*|scarifie\w*|coupe) (?:\w+ )?(?:les|le) (?:bras|poignets?|veines|jambes|cuisses)|\bje me scarifie",
    r"\b(?:serait|seraient|irait|sera|seront) (?:bien |tous |beaucoup )?(?:mieux|plus heureux) (?:sans moi\b|si je (?:n'etais pas|mourais|disparaissais))",
    r"\b(?:envie de|je vais|je veux|je pense a) (?:me jeter|sauter|me lancer) (?:\w+ ){0,2}(?:fenetre|pont|toit|balcon|train|metro|immeuble)|\bme jeter (?:par la fenetre|sous (?:un|le) (?:train|metro))",
    r"\bj'ai (?:avale|pris) (?:toute? )?(?:une |la |ma )?(?:boite|plaquette|flacon|tout\w* les) (?:entiere )?(?:de |mes )?(?:\w+ )?(?:medicaments|cachets|comprimes|somniferes|pilules)",
    # German
    r"\bich (?:will|mochte|mag) (?:\w+ ){0,2}(?:nicht mehr|nie mehr|nie wieder|gar nicht mehr) aufwachen",
    r"\b(?:keinen sinn|keinen grund|sinnlos|kein(?:en)? zweck)(?:,)? (?:\w+ )?(?:dass ich (?:noch )?(?:lebe|da bin|weiterlebe)|(?:noch |weiter ?)?zu leben|am leben zu)",
    r"\bich (?:habe|hab|tu|will) (?:mich|mir) (?:\w+ ){0,3}(?:geritzt|ritzen|aufgeschnitten|selbst verletzt)|\bich ritze mich|\bhabe? mir (?:\w+ ){0,2}(?:die arme|den arm|die handgelenke) \w*geschnitten",
    r"\bohne mich (?:ware|waren|geht|ginge|hatte|hatten) (?:\w+ ){0,4}(?:besser|glucklicher)|\b(?:besser|glucklicher) (?:dran )?ohne mich\b",
    r"\bich (?:will|mochte|werde|wurde am liebsten) (?:\w+ ){0,2}(?:vo[mn]|aus) (?:de[mr]|einer|einem)? ?(?:\w+ )?(?:dach|brucke|balkon|hochhaus|fenster) (?:zu )?springen|\bmich vor (?:den|einen) zug",
    r"\bich habe? (?:gerade |eben )?(?:eine |die |alle )?(?:ganze |volle )?(?:packung|schachtel|dose|alle) ?(?:\w+ )?(?:tabletten|pillen|schlaftabletten|medikamente) (?:geschluckt|genommen)",
    # Italian
    r"\bnon voglio (?:piu )?(?:svegliarmi|risvegliarmi)(?: (?:domani|piu|mai piu))?\s*(?:$|[.!,;])|\bvorrei non svegliarmi",
    r"\bnon ha (?:piu )?(?:nessun )?senso (?:che io (?:viva|continui)|(?:la mia vita|vivere|continuare a vivere))|\bla mia vita non ha (?:piu )?senso",
    r"\bmi (?:sono )?tagli(?:at[oa]|o) (?:\w+ ){0,3}(?:le braccia|i polsi|le gambe|le vene|il braccio)",
    r"\b(?:starebber?o?|sarebber?o?|starebbe|sarebbe) (?:tutti )?(?:molto )?(?:meglio|piu felici?e?) (?:senza di me\b|se (?:io )?non ci fossi|se morissi)",
    r"\b(?:voglio|vorrei|penso di|sto per) (?:buttarmi|gettarmi|lanciarmi|saltare) (?:\w+ ){0,2}(?:finestra|ponte|tetto|balcone|treno|palazzo)",
    r"\bho (?:preso|ingoiato|mandato giu) (?:\w+ ){0,2}(?:un'|un |una |tutta |tutte )?(?:intera )?(?:\w+ )?(?:scatola|confezione|flacone|tutte) (?:\w+ ){0,2}(?:pillole|pastiglie|medicine|compresse|sonniferi)|\bun'intera scatola di (?:pillole|pastiglie|sonniferi|medicine)",
    r"\bmi[oa] \w+ (?:mi )?(?:dice|ha detto) che (?:vuole|vorrebbe) (?:uccidersi|suicidarsi|ammazzarsi|morire)",
    # Portuguese
    r"\bnao quero (?:mais )?acordar(?: (?:amanha|mais|nunca mais))?\s*(?:$|[.!,;])|\bqueria nao acordar",
    r"\bnao (?:faz|vejo|tem) (?:nenhum |mais )?sentido (?:em |eu )?(?:continuar viv\w+|viver|eu viver|estar viv\w+)|\bminha vida nao (?:faz|tem) (?:mais )?sentido",
    r"\bme (?:cortei|corto|cortando)\b(?!.{0,30}(?:cozinh|papel|faca de|sem querer|acident))(?: (?:de novo|outra vez|nos? |os |as )|\s*$)|\bcort(?:ei|o) (?:os |meus |as )(?:meus |minhas )?(?:pulsos|bracos|pernas)",
    r"\b(?:estariam|ficariam|seriam|estaria|ficaria) (?:\w+ )?(?:melhor|mais feliz\w*) (?:sem mim\b|se eu (?:nao existisse|morresse|sumisse))",
    r"\b(?:quero|vou|penso em|vontade de) (?:me jogar|me atirar|pular|saltar) (?:\w+ ){0,2}(?:janela|ponte|predio|telhado|sacada|trem|varanda)",
    r"\b(?:tomei|engoli) (?:\w+ ){0,2}(?:caixa|cartela|frasco|todos os) (?:inteir[oa] )?(?:de )?(?:\w+ )?(?:remedios|comprimidos|pilulas)",
    # A letter of farewell; how many pills
    r"\b(?:wrote|written|writing|write) (?:\w+ ){0,2}(?:suicide (?:note|letter)|(?:goodbye|farewell) (?:note|letter)s? (?:to|for) (?:my (?:family|parents|mom|mum|dad|friends)|everyone))",
    r"\b(?:escrito|escribi|escribo) (?:\w+ ){0,2}(?:carta|nota) de (?:despedida|suicidio)|\becrit (?:\w+ ){0,2}(?:lettre|mot) d'adieu|\bma lettre d'adieu|\babschiedsbrief(?:e)? (?:\w+ ){0,2}geschrieben"
    r"|\bscritto (?:\w+ ){0,3}lettera d'addio|\b(?:escrevi|escrito|escrevendo) (?:\w+ ){0,2}carta de (?:despedida|suicidio)",
    r"\bhow many (?:\w+ )?(?:pills|tablets|paracetamol|ibuprofen) (?:\w+ ){0,4}(?:deadly|lethal|fatal|kill (?:me|you|myself|yourself)|to die)",
    r"\bcuantas (?:pastillas|pildoras) (?:\w+ ){0,4}(?:mortal\w*|letal\w*|morir)|\bcombien de (?:somniferes|comprimes|cachets|medicaments) (?:\S+ ){0,5}(?:mortel\w*|mourir)"
    r"|\bwie viele (?:\w*tabletten|pillen) (?:\w+ ){0,5}(?:todlich|sterben|umbring\w+)|\bquant[ei] (?:sonniferi|pillole|pastiglie) (?:\w+ ){0,4}(?:mortali|letali|morire)"
    r"|\bquantos (?:comprimidos|remedios) (?:\w+ ){0,4}(?:mortais|letais|morrer)",
)
_OTHERS = (
    # Russian
    r"не хочу (?:\w+ ){0,2}(?:просыпаться|проснуться)(?! рано)|лучше бы (?:я )?не просну",
    r"(?:незачем|нет смысла|не вижу смысла|зачем мне) (?:больше |дальше )?(?:жить|живу)|нет причин жить",
    r"(?:реза\w+|порезал\w*|режу) (?:себе |снова )?(?:себе )?(?:руки|вены|запястья|ноги)|режу себя",
    r"(?:всем|родителям|семье|маме) (?:\w+ ){0,2}(?:лучше|легче|проще) без меня|без меня (?:всем )?(?:\w+ )?(?:лучше|легче)",
    r"(?:хочу|хочется|собираюсь|думаю) (?:\w+ )?(?:спрыгнуть|прыгнуть|выброситься|броситься) (?:с |из |под )",
    r"(?:выпил\w*|проглотил\w*|наглотал\w*) (?:\w+ ){0,2}(?:пачку|упаковку|горсть|все|много)? ?(?:таблеток|таблетки|снотворного)",
    # Chinese
    r"不想(?:再)?(?:醒来|醒過來|醒过来|活)|再也不想醒",
    r"(?:活着|活著|我的人生|我活)[^。！？]{0,4}(?:没有意义|沒有意義|没意思|没意义|有什么意义)",
    r"我?[^。！？]{0,4}(?:又|再|在|想)?(?:割|划)(?:了|自己的?|破)?(?:自己的?)?(?:手腕|手臂|胳膊|腕)",
    r"(?:没有|沒有|少了)我[^。！？]{0,8}(?:更好|更开心|更開心|更幸福|轻松)|我(?:消失|死)了?[^。！？]{0,6}(?:更好|更开心)",
    r"我?(?:想|要)[^。！？]{0,4}从?[^。！？]{0,6}跳(?:下去|楼|樓|桥)",
    r"我?(?:吃|吞)(?:了|下)[^。！？]{0,4}(?:整|一大|很多|全部)[^。！？]{0,3}(?:安眠药|药|藥片|药片)",
    # Japanese
    r"(?:もう|明日|二度と|このまま)[^。！？]{0,6}目(?:が|を)覚(?:めなければ|めたくな|まさな|めないで)",
    r"生き(?:て(?:い)?る|る)(?:意味|価値|理由)[^。！？]{0,3}(?:な|わからない|分からない)",
    r"(?:自分の)?(?:命|人生)を[^。！？]{0,4}(?:終わら|絶)|命を断",
    r"(?:腕|手首|手くび|足)を[^。！？]{0,4}切って(?:しまった|しまう|いる|る)|リストカット|自傷",
    r"(?:私|僕|俺|自分)が(?:い|居)ない(?:方|ほう)が[^。！？]{0,8}(?:幸せ|いい|良い|楽)|(?:私|僕|俺)なんていな",
    r"(?:屋上|ビル|橋|窓|電車)[^。！？]{0,4}(?:から|に)?(?:飛び降り|飛び込)(?:たい|ようと|そう)",
    r"(?:薬|睡眠薬|錠剤)を[^。！？]{0,6}(?:全部|大量に|一箱|一瓶|たくさん)[^。！？]{0,4}(?:飲ん|飲み)",
    # Korean
    r"눈을 (?:뜨고 싶지 않|안 떴으면|뜨기 싫)|(?:내일|아침에?|다시는?) ?(?:일어나고|깨어나고|깨고) 싶지 않",
    r"(?:살아 ?(?:있을|갈)|살|사는) (?:이유|의미|가치)가? ?(?:없|모르)|왜 사는지",
    r"(?:손목|팔|허벅지)을? ?(?:또 )?(?:그었|긋고|그어|베었|칼로)|자해",
    r"(?:내가|나만|저만|제가) ?(?:없으면|없어지면|사라지면|죽으면) [^.!?]{0,14}(?:행복|편|나을|좋을|좋아)",
    r"(?:옥상|다리|건물|창문|베란다)에서 ?(?:뛰어내리|떨어지|투신)[^.!?]{0,3}(?:고 싶|려고|ㄹ래|ㄹ까|싶)|뛰어내리고 싶",
    r"(?:약|수면제|알약)을? ?[^.!?]{0,6}(?:한 ?통|다|전부|한꺼번에|모두|많이) ?(?:다 )?(?:먹었|삼켰)",
    # Arabic
    r"لا (?:اريد|اود|اتمنى) ان (?:استيقظ|اصحو)(?! (?:مبكر|باكر))(?: (?:غدا|ابدا|مجددا|بعد الان))?\s*(?:$|[.!،](?! ?مبكر))",
    r"لا (?:معنى|فائدة|قيمة|داعي) (?:ل|من )?(?:حياتي|وجودي|بقائي)",
    r"(?:جرحت|قطعت|اجرح|اقطع|شطبت) (?:يدي|ذراعي|معصمي|نفسي|جسدي)(?!.{0,25}(?:المطبخ|اطبخ|بالخطا))",
    r"(?:افضل|اسعد|احسن|مرتاح\w*) (?:حالا )?(?:بدوني|من دوني|لو مت|بغيابي|من غيري)",
    r"(?:اريد|افكر|ارغب|سوف|ساقوم)[^.!؟]{0,6} (?:ان )?(?:ارمي نفسي|اقفز|القي بنفسي|القاء نفسي|رمي نفسي|القفز) (?:من|تحت|امام)",
    r"(?:ابتلعت|تناولت|اخذت|شربت) (?:\w+ )?(?:علبة|شريط|كل|جميع|كمية) (?:\w+ ){0,2}(?:الحبوب|حبوب|الادوية|الدواء)",
    # Hindi
    r"(?:उठना|जागना) (?:ही )?नही चाहत(?!.{0,12}जल्दी)",
    r"(?:जान|प्राण) (?:देने|दे दू|देना|ले लू)|(?:जीने|जीवन|जिदगी) (?:का|मे) (?:कोई |अब कोई )?(?:मतलब|अर्थ|फायदा|मकसद) नही",
    r"(?:अपना|अपनी|अपने) (?:हाथ|कलाई|नस|हाथो|बाह)\S* (?:को )?(?:फिर )?(?:काट|काटी|काटता|काटती)",
    r"मेरे (?:बिना|बगैर) (?:\S+ ){0,3}(?:खुश|बेहतर|सुखी|अच्छे)",
    r"(?:छत|पुल|खिडकी|इमारत)\S* (?:से|पर से) (?:नीचे )?(?:कूद|छलाग)|ट्रेन के (?:आगे|सामने|नीचे) (?:कूद|आ)",
    r"(?:पूरी|सारी|बहुत सारी|ढेर) (?:\S+ ){0,3}(?:गोलिया|गोली|दवा|दवाए)\S* (?:\S+ )?(?:खा|निगल)",
    # A letter of farewell; how many pills
    r"(?:написал\w*|пишу) (?:\w+ ){0,2}(?:прощальн\w+|предсмертн\w+) (?:письм|записк)|сколько (?:\w+ )?(?:снотворного|таблеток) (?:\w+ ){0,3}(?:умереть|смертельн)",
    r"写(?:好|完)?了?[^。！？]{0,4}(?:遗书|遺書)|(?:遗书|遺書)(?:我)?(?:已经)?写好|吃多少[^。！？]{0,6}(?:安眠药|药|片)[^。！？]{0,4}(?:会死|能死|致死)",
    r"遺書を(?:もう)?書|(?:睡眠薬|薬)を?(?:何錠|何個|いくつ|どれくらい)[^。！？]{0,8}死",
    r"유서를? ?(?:이미 |다 )?(?:썼|써|쓰고|남겼)|(?:수면제|약)을?를? ?(?:몇|얼마나)[^.!?]{0,8}죽",
    r"(?:كتبت|اكتب) (?:\w+ )?(?:رسالة|رسائل) (?:ال)?(?:وداع|انتحار)|كم (?:حبة|حبوب) (?:\S+ ){0,4}(?:للموت|تقتل|قاتلة|مميتة)",
    r"(?:आखिरी|अतिम|सुसाइड|विदाई) (?:चिट्ठी|पत्र|नोट|खत)\S* (?:\S+ )?लिख|कितनी (?:\S+ ){0,3}(?:गोलिया|गोलियो)\S* (?:\S+ ){0,3}(?:मौत|मर)",
)


def _all(patterns: tuple[str, ...]) -> str:
    return "|".join(
        unicodedata.normalize("NFC", DROPPED.sub("", unicodedata.normalize("NFKD", each))) for each in patterns
    )


_LATIN_PATTERN = LazyPattern(lambda: _all(_LATIN))
_OTHER_PATTERN = LazyPattern(lambda: _all(_OTHERS))
_LATIN_HINT = re.compile(
    r"\b(?:point|reason|sense|use|cut|cutting|slit|slash\w*|without me|better|happier|relieved|fine|jump\w*|throw\w*|took|taken|swallowed|downed"
    r"|despert\w+|sentido|cort\w+|sin mi|mejor|felic\w*|tirarme|saltar|lanzarme|arrojarme|tome|tomado|trague|tragado|dice|dijo|dicho"
    r"|reveiller|sert|raison|bon|vie|coupe\w*|taillad\w*|scarifi\w*|mieux|heureux|jeter|sauter|lancer|avale|pris"
    r"|aufwachen|sinn|grund|sinnlos|zweck|geritzt|ritze\w*|\w*geschnitten|verletzt|mich|springen|geschluckt|genommen"
    r"|\w*svegliarmi|senso|tagli\w*|meglio|felici?|buttarmi|gettarmi|lanciarmi|saltare|preso|ingoiato|scatola|detto"
    r"|wrote|write|writing|written|many|cuantas|combien|viele|quant[eio]s?|escrit\w*|escrib\w+|escrevi|ecrit|lettre|\w*brief\w*|lettera|carta|nota|acordar|melhor|feliz\w*|jogar|atirar|pular|tomei|engoli)\b"
)


def shown(folded: str) -> bool:
    """Whether a folded text says one of them. Linear in its length."""
    if _LATIN_HINT.search(folded) and _LATIN_PATTERN.search(folded):
        return True
    return not folded.isascii() and _OTHER_PATTERN.search(folded) is not None
