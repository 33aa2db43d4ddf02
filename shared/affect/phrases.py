"""How learners say that they are confused, frustrated, bored or curious, in twelve languages: what no data set labels.

Notation: phrases parted by `|`, a space stands for any run of spaces and signs, `*` for the rest of a word. They are matched in folded
form (`shared.safety.folding`), at the beginning of a word in languages that part words. One strong phrase is a clear word.
"""

CONFUSION: dict[str, str] = {
    "en": "don't understand|dont understand|do not understand|didn't understand|don't get it|dont get it|don't get this|i'm lost|im lost|i am lost|confus*|makes no sense|doesn't make sense|doesnt make sense|not clear|unclear|what does this mean|what do you mean|no idea how|i don't follow|how does this even work|still don't see",
    "es": "no entiendo|no lo entiendo|no comprendo|no entendi|me he perdido|estoy perdid*|confus*|confund*|no tiene sentido|no me queda claro|no esta claro|que significa|que quieres decir|ni idea",
    "fr": "ne comprends pas|comprends pas|comprends rien|j'ai pas compris|n'ai pas compris|je suis perdu*|confus*|n'a pas de sens|aucun sens|pas clair|que veut dire|ca veut dire quoi|aucune idee",
    "de": "verstehe nicht|verstehe das nicht|versteh nicht|versteh das nicht|nicht verstanden|verstehe ich nicht|kapier*|keine ahnung|verwirr*|ergibt keinen sinn|macht keinen sinn|nicht klar|unklar|was bedeutet|was heisst das|was meinst du|steh auf dem schlauch|komme nicht mit",
    "it": "non capisco|non ho capito|non ci capisco|mi sono pers*|sono pers*|confus*|non ha senso|non e chiaro|non mi e chiaro|cosa significa|che vuol dire|non ho idea",
    "pt": "nao entendo|nao entendi|nao compreendo|nao percebo|estou perdid*|confus*|nao faz sentido|nao esta claro|nao ficou claro|o que significa|nao faco ideia",
    "ru": "не понимаю|не понял*|непонятно|не понятно|запутал*|путаюсь|не ясно|неясно|нет смысла|что это значит|что значит|понятия не имею|не могу понять",
    "zh": "不懂|不明白|看不懂|听不懂|没看懂|没听懂|搞不懂|弄不懂|不理解|不清楚|困惑|糊涂|什么意思|没有头绪|一头雾水",
    "ja": "わからない|分からない|わかりません|分かりません|わからなく|分からなく|理解でき|意味不明|混乱|どういう意味|さっぱり|ちんぷんかんぷん|納得できない",
    "ko": "이해가 안|이해 안|이해를 못|이해 못|이해할 수 없|모르겠|헷갈|혼란|무슨 뜻|무슨 말|감이 안|어리둥절",
    "ar": "لا افهم|لم افهم|مش فاهم*|مو فاهم*|ما فهمت|لست افهم|محتار*|مرتبك*|غير واضح|مش واضح|لا معني|ما معني|ماذا يعني|ضعت|تائه*",
    "hi": "समझ नही|समझ मे नही|समझ नहीं|समझ में नहीं|नहीं समझ|नही समझ|उलझन|भ्रमित|कन्फ्यूज|स्पष्ट नही|क्या मतलब|samajh nahi|samajh nhi|samajh me nahi|confuse*|पता नही चल",
}
FRUSTRATION: dict[str, str] = {
    "en": "frustrat*|i give up|giving up|this is stupid|i hate this|i hate math*|hate this course|so annoying|annoy*|i'm stuck again|still wrong|keeps failing|nothing works|waste of time|fed up|sick of this|tired of this|i can't do this|i'm too stupid|i'm so dumb|i will never get|useless|tried everything|driving me crazy|ugh*|impossible",
    "es": "frustra*|me rindo|esto es estupido|odio esto|odio las mate*|que rabia|estoy hart*|sigue mal|otra vez mal|no funciona nada|perdida de tiempo|no puedo mas|no puedo con esto|soy tont*|nunca lo voy a|imposible|me desespera",
    "fr": "frustr*|j'abandonne|je laisse tomber|c'est nul|je deteste|j'en ai marre|ras le bol|ca m'enerve|enerv*|toujours faux|encore faux|rien ne marche|perte de temps|je n'y arrive pas|j'y arrive pas|je suis nul*|je suis trop bete|impossible|j'en peux plus",
    "de": "frustri*|ich gebe auf|ich geb auf|ich geb's auf|so ein mist|ich hasse|nervt|genervt|immer noch falsch|schon wieder falsch|nichts funktioniert|zeitverschwendung|keine lust mehr|ich kann das nicht|ich schaff das nicht|ich bin zu dumm|ich bin zu blod|reicht mir|schnauze voll|zum verzweifeln|verzweif*|unmoglich",
    "it": "frustra*|mi arrendo|ci rinuncio|odio questo|odio la mate*|che rabbia|sono stuf*|ancora sbagliat*|non funziona niente|perdita di tempo|non ce la faccio|non ci riesco|sono stupid*|sono scem*|impossibile|mi fa impazzire|che nervi",
    "pt": "frustra*|eu desisto|desisto|odeio isso|odeio mate*|que raiva|estou fart*|de saco cheio|ainda errado|errado de novo|nada funciona|perda de tempo|nao aguento|nao consigo|sou burr*|impossivel|que saco|irrita*",
    "ru": "сдаюсь|бесит|бесят|раздраж*|ненавижу|надоело|достало|опять неправильно|снова неправильно|опять не|ничего не получается|не получается|не выходит|пустая трата|я тупой|я тупая|не могу больше|невозможно|задолбал*|хватит с меня",
    "zh": "放弃|烦死|好烦|太烦|烦人|讨厌|受不了|气死|又错|还是错|老是错|怎么都不对|浪费时间|我太笨|我好笨|做不到|学不会|崩溃|沮丧|没用|太难了",
    "ja": "諦め|あきらめ|もう無理|もうだめ|もう嫌|もういや|イライラ|いらいら|腹が立つ|ムカつく|むかつく|うんざり|また間違|まだ間違|何度やっても|時間の無駄|できない|バカだ|馬鹿だ|大嫌い|難しすぎ|最悪",
    "ko": "포기|짜증|답답|화가 나|화나|싫어|지긋지긋|또 틀|계속 틀|아무리 해도|시간 낭비|못 하겠|못하겠|바보인가|멍청|불가능|미치겠|너무 어려워|지쳤",
    "ar": "محبط*|احباط|استسلم|اكره هذا|اكره الرياضيات|اكره|زهقت|مللت من المحاوله|سئمت|طفح الكيل|خطا مره اخري|لا شيء يعمل|مضيعه للوقت|لا استطيع فعل|لا اقدر|ما اقدر|غبي*|مستحيل|تعبت من|مزعج",
    "hi": "निराश|हार मान|छोड़ देता|छोड देत|नफरत|गुस्सा|तंग आ|परेशान|फिर गलत|फिर से गलत|बार बार गलत|कुछ काम नही|समय की बर्बादी|नही हो पा|नही होता मुझसे|बेवकूफ|असंभव|चिढ़|चिढ|झुंझला|thak gaya|pareshan|haar maan",
}
BOREDOM: dict[str, str] = {
    "en": "bored|boring|so dull|not interested|don't care|dont care|who cares|what's the point|whats the point|no motivation|unmotivated|can't focus|cant focus|can't concentrate|meh|whatever|too easy|do we have to|when is this over|same thing again",
    "es": "aburrid*|me aburr*|aburre|que rollo|no me interesa|me da igual|para que sirve|sin motivacion|no me concentro|no puedo concentrarme|demasiado facil|otra vez lo mismo",
    "fr": "ennuyeu*|je m'ennuie|m'ennuie|chiant*|ca m'interesse pas|ne m'interesse pas|je m'en fiche|m'en fous|a quoi ca sert|pas motive*|arrive pas a me concentrer|trop facile|toujours la meme chose",
    "de": "langweil*|kein interesse|interessiert mich nicht|ist mir egal|mir egal|wozu das|wozu brauche|keine motivation|unmotiviert|kann mich nicht konzentrieren|zu einfach|zu leicht|keinen bock|kein bock|immer das gleiche|immer dasselbe",
    "it": "noios*|mi annoi*|che noia|non mi interessa|non m'interessa|chi se ne frega|a che serve|senza motivazione|non riesco a concentrarmi|troppo facile|sempre la stessa cosa",
    "pt": "chato|chata|entediant*|entediad*|tedio|nao me interessa|tanto faz|nao ligo|para que serve|sem motivacao|nao consigo me concentrar|muito facil|facil demais|sempre a mesma coisa",
    "ru": "скучн*|скука|скукота|неинтересно|не интересно|мне все равно|все равно|зачем это|нет мотивации|не могу сосредоточиться|слишком легко|слишком просто|опять одно и то же|лень",
    "zh": "无聊|好闷|没意思|没兴趣|不感兴趣|无所谓|有什么用|没动力|没有动力|无法集中|集中不了|太简单|又是这个|不想学",
    "ja": "退屈|つまらない|つまんない|飽きた|飽き飽き|興味ない|興味がない|どうでもいい|何の役に|やる気が出|やる気がない|やる気ない|集中できない|簡単すぎ|またこれ|だるい|面倒くさい|めんどくさい",
    "ko": "지루|심심|따분|재미없|재미 없|관심 없|관심없|상관없|무슨 소용|의욕이 없|의욕 없|집중이 안|집중 안|너무 쉬|또 이거|귀찮|하기 싫",
    "ar": "ممل*|ملل|زهق|لا يهمني|غير مهتم*|مش مهتم*|ما الفائده|ما فائده|بلا حافز|لا استطيع التركيز|سهل جدا|نفس الشيء",
    "hi": "बोर हो|बोरिंग|उबाऊ|ऊब|दिलचस्पी नही|रुचि नही|मन नही|परवाह नही|क्या फायदा|ध्यान नही लग|बहुत आसान|फिर वही|bore ho|boring",
}
CURIOSITY: dict[str, str] = {
    "en": "i wonder|i'm curious|curious|how come|what if|why is it that|tell me more|want to know more|interesting|fascinating|could you explain why|is it also true",
    "es": "me pregunto|tengo curiosidad|curios*|que pasaria si|y si|cuentame mas|quiero saber mas|interesante|fascinante|por que sera",
    "fr": "je me demande|curieu*|et si|que se passerait|dis m'en plus|en savoir plus|interessant*|fascinant*|pourquoi est ce que",
    "de": "ich frage mich|neugierig|was ware wenn|was passiert wenn|erzahl mir mehr|mehr wissen|mehr daruber|interessant|spannend|faszinier*|wieso eigentlich|warum eigentlich",
    "it": "mi chiedo|sono curios*|curios*|e se|cosa succederebbe|dimmi di piu|saperne di piu|interessante|affascinante|come mai",
    "pt": "eu me pergunto|me pergunto|curios*|e se|o que aconteceria|me conte mais|saber mais|interessante|fascinante|por que sera",
    "ru": "интересно|любопытно|а что если|а если|расскажи подробнее|хочу узнать|увлекательно|почему так",
    "zh": "好奇|想知道|如果.{0,6}会怎|为什么会|有意思|有趣|想了解更多|多讲讲",
    "ja": "気になる|気になり|知りたい|面白い|おもしろい|興味深い|興味がある|もしも|もっと教えて|なぜだろう|不思議",
    "ko": "궁금|만약에|더 알고 싶|흥미|재미있|재밌|신기|왜 그럴까",
    "ar": "اتساءل|فضول|ماذا لو|اخبرني المزيد|اريد ان اعرف|مثير للاهتمام|ممتع|يا تري",
    "hi": "जिज्ञासा|जानना चाह|उत्सुक|क्या होगा अगर|और बताइए|और बताओ|दिलचस्प|रोचक|सोच रहा था|ऐसा क्यो",
}
THANKS: dict[str, str] = {
    "en": "thank*|thanks|got it|makes sense now|i see now|perfect|now i understand",
    "es": "gracias|ya entiendo|ahora entiendo|perfecto|entendido",
    "fr": "merci|j'ai compris|parfait|je comprends maintenant|compris",
    "de": "danke*|verstanden|jetzt verstehe|alles klar|perfekt|jetzt ist es klar",
    "it": "grazie|ho capito|perfetto|ora capisco|adesso capisco",
    "pt": "obrigad*|entendi|perfeito|agora entendo|agora sim",
    "ru": "спасибо|понял|поняла|ясно|теперь понятно|понятно",
    "zh": "谢谢|明白了|懂了|原来如此|知道了",
    "ja": "ありがとう|わかりました|分かりました|わかった|分かった|なるほど|理解できた",
    "ko": "감사|고마|알겠|이해했|이해됐|아하",
    "ar": "شكرا|فهمت|الان افهم|واضح الان|تمام",
    "hi": "धन्यवाद|शुक्रिया|समझ गया|समझ गई|समझ आ गया|dhanyavad|samajh gaya|samajh gayi",
}
URGENT: dict[str, str] = {
    "en": "urgent*|asap|deadline|due today|due tonight|due tomorrow|exam tomorrow|exam today|test tomorrow|right now|immediately|please help|help me|i need help|as soon as possible|running out of time|can't submit|cannot submit|can't access|cannot access|can't log|cannot log|can't open|unable to|doesn't work|not working|error|broken|anyone know|did anyone|is anyone|where can i|how do i|please fix|missing",
    "es": "urgente*|cuanto antes|fecha limite|para hoy|para manana|examen manana|ahora mismo|ayuda por favor|ayudame|necesito ayuda|no puedo entregar|no puedo acceder|no funciona|error",
    "fr": "urgent*|au plus vite|date limite|pour aujourd'hui|pour demain|examen demain|tout de suite|aidez moi|aide moi|besoin d'aide|impossible d'acceder|ne marche pas|ne fonctionne pas|erreur",
    "de": "dringend*|so schnell wie moglich|abgabe|bis heute|bis morgen|klausur morgen|morgen klausur|prufung morgen|sofort|hilfe bitte|bitte hilf|hilf mir|brauche hilfe|kann nicht abgeben|funktioniert nicht|geht nicht|fehler",
    "it": "urgent*|al piu presto|scadenza|per oggi|per domani|esame domani|subito|aiutami|aiuto|ho bisogno di aiuto|non riesco ad accedere|non funziona|errore",
    "pt": "urgente*|o mais rapido|prazo|para hoje|para amanha|prova amanha|agora mesmo|me ajuda|me ajude|socorro|preciso de ajuda|nao consigo enviar|nao consigo acessar|nao funciona|erro",
    "ru": "срочно|как можно скорее|дедлайн|сегодня сдавать|завтра сдавать|завтра экзамен|экзамен завтра|прямо сейчас|помогите|помоги|нужна помощь|не могу отправить|не могу войти|не работает|ошибка",
    "zh": "紧急|急|尽快|截止|今天交|明天交|明天考试|马上|帮帮我|救命|需要帮助|请帮|提交不了|打不开|登录不了|不能用|报错|错误",
    "ja": "緊急|至急|急いで|締め切り|締切|今日まで|明日まで|明日試験|明日テスト|今すぐ|助けて|手伝って|提出できない|ログインできない|開けない|動かない|エラー",
    "ko": "급해|급합|긴급|빨리|마감|오늘까지|내일까지|내일 시험|지금 당장|도와주|도와줘|도움이 필요|제출이 안|접속이 안|안 열|작동 안|작동하지|오류|에러",
    "ar": "عاجل*|ضروري|باسرع وقت|الموعد النهائي|تسليم اليوم|امتحان غدا|الامتحان غدا|الان فورا|حالا|ساعدوني|ساعدني|احتاج مساعده|لا استطيع الدخول|لا استطيع التسليم|لا يعمل|خطا في",
    "hi": "जरूरी|तुरंत|जल्दी|अंतिम तिथि|आज जमा|कल जमा|कल परीक्षा|परीक्षा कल|अभी के अभी|मदद कर|मदद चाहिए|जमा नही हो|लॉगिन नही|काम नही कर|नही खुल|एरर|त्रुटि|jaldi|urgent",
}
