"""More ways of saying it in English, and in Arabic and Hindi typed in Latin letters: data for `rules`, in the notation of `crisis_latin`.

Besides death and suicide by name: not wanting to be here, to wake or to exist; being a burden; a farewell, a day that is set, things given
away; means at hand and questions for them; heights, rails and roads; injuring oneself; voices; somebody close who does or says it.
"""

from shared.safety.crisis_english import Group

MACROS: dict[str, str] = {
    "n2": r"(?: [\w']+){0,2}",
    "n4": r"(?: [\w']+){0,4}",
    "n8": r"(?: [\w']+){0,8}",
    "dare": r"(?! (?:the |a |an )?(?:paper|onions?|hair|class\w*|grass|bread|cake|wood))",
}

GROUPS: dict[str, tuple[Group, ...]] = {
    "en": (
        (
            "waking drown drowning lighter done sick tired death way heaven cat dog fish pets without",
            (
                r"(?:what'?s|what is|whats) the (?:use|point)<n2> (?:waking|getting) up|\bdrown(?:ing)? my ?self\b|\b(?:done|finished|fed up|sick and tired) with (?:my )?life\b|\b(?:sick|tired) of (?:my )?life\b",
                r"(?:only|last|one)<n2> (?:way out|exit|escape|option|solution|answer)<n8> (?:is )?(?:death|dying|to die)\b|death is<n2> (?:only )?(?:way out|answer|solution|option)|burn(?:ed|t|ing)? my ?self (?:with|using)<n2> (?:lighter|cigarette|iron)",
                r"(?:look after|take care of|feed)<n2> my (?:cat|dog|fish|pets?|brother|sister)<n8> (?:if something happens to me|when i'?m gone)|i (?:won'?t|will not) be coming back\W*$|(?:wanting|wants?|want|wish) to be with<n4> dead\b|(?:world|life) would<n8> without me\b",
            ),
        ),
        (
            "wake exist existed existing here alive around earth planet world live life hope night",
            (
                r"(?:wish|want|wanna|hope|could|would|just)<n4> (?:sleep|asleep)<n2> (?:and )?(?:never|not|don'?t) (?:ever )?(?:have to )?wake|\bi (?:hope|wish|want)<n2> (?:not|never|don'?t|didn'?t)(?: ever| to)? wake up(?! (?:early|late|at))",
                r"\bi(?: \w+){0,2} (?:wish|want|wanna)<n2> (?:did ?n'?t|do not|don'?t|not|never|stop|cease|no longer) (?:to )?exist(?:ed|ing)?\b",
                r"don'?t<n2> (?:want to|wanna|wnat to|wnna|want 2) (?:be here|be on this|be in this world|be alive|be around|live|exist)(?: any ?more| any longer| no more| on this \w+| \w+ on this \w+)",
                r"\b(?:i won'?t|i'?ll not|not gonna|not going to) be alive\b|want out of (?:this |my )?life|tell<n4> i love(?:d)? (?:him|her|them|you)\b.{0,40}(?:won'?t be|be gone|not be) ?(?:here|around|there|alive)?",
                r"(?:my life|no hope|hopeless|worthless|nothing will|nothing ever|pointless)\b.{0,60}want<n4> (?:over|to stop|to end|gone)\b|(?:says?|said|think|feel)(?: \w+)? life (?:is|has) (?:pointless|worthless|no point|not worth)",
                r"(?:tonight|today) (?:is|will be) (?:my|the) last (?:night|day (?:alive|on earth|of my life))|my last night\W*$|my last (?:day|night) (?:alive|on (?:this )?earth)",
            ),
        ),
        (
            "end ending pain suffering burden better easier happier dead died die cry miss notice",
            (
                r"(?:think\w*|thought|wants?|wanted|going|gonna|wanna|ready|plan\w*|decided|will|about|she'?s|he'?s|i'?ll)<n2> end(?:ing)? (?:it all|everything)\b|(?:think\w*|thought|ready|decided|want)<n2> end(?:ing)? it(?: tonight| today| now| soon)?\W*$",
                r"(?:just|only|please|so badly)<n2> (?:make |want |need )?(?:the|this|my|all the) (?:pain|suffering) (?:to )?(?:stop|end|go away)|(?:pain|suffering) to (?:stop|end) (?:forever|for good)",
                r"\b(?:i'?m|i am|being|feel like|such|just|only)<n4> burden (?:to|on|for) (?:my|every\w*|them|him|her|all|you|people|others)\b",
                r"(?:life|lives|every ?one'?s?|everybody|they|them|family|parents|world|all)<n8> (?:better|easier|happier|lighter)(?: off| life)? (?:if (?:i'?m|i am|i was|i were|i)(?: just)? (?:dead|gone|die|died|not here|wasn'?t)|without me)\b",
                r"\bif i (?:was dead|died|die|were dead|am dead)<n2> (?:would|will|they'?d)<n4> (?:cry|care|notice|miss)|(?:no ?one|nobody)<n4> (?:miss|notice|care|cry)<n4> if i(?:'?m| was| were| am)?<n2> (?:gone|dead|died|disappear\w*|die|left)\b",
            ),
        ),
        (
            "goodbye farewell last hear see gave given picked chosen decided razor blade knife gun rope noose hang hanging hung pills painkillers tablets paracetamol meds medication swallowed painful painless pain high note",
            (
                r"this is (?:my )?(?:goodbye|farewell)\b(?! (?:party|song|card|speech))|you(?:'?ll| will)?(?: won'?t| not| never)+ (?:ever )?(?:hear from|see) me (?:again|any ?more)",
                r"gave<n2> (?:away )?(?:my|all my) (?:things|stuff|belongings|clothes|games)\b.{0,30}(?:won'?t|don'?t|not|no longer)<n2> need",
                r"\bi(?:'?ve| have)?(?: already)? (?:picked|chosen|chose|set)<n4> (?:day|date|place|method)<n8> (?:do it|end it|die|jump|kill)\b",
                r"(?:razor|blade|knife|gun|rope|scissors)(?: [\w']+){0,12} (?:on|against) (?:my ?self|me|my (?:wrists?|arms?|throat|neck|skin))\b",
                r"?how<n4> (?:tie|make|knot)<n2> noose|\bhang(?:ing|ed)? my ?self|\bhung my ?self",
                r"how many<n4> (?:do i|should i|would i|can i|must i)(?: have to| need to)? (?:take|swallow|eat)<n2> (?:to|until|and) (?:not|never|die|kill|od|overdose)",
                r"?how high<n8> (?:to die|die from|kill (?:me|you))(?: from| by)?(?: the)?(?: fall)?",
                r"\bi(?:'?ve| have|'?m)?<n4> (?:saving|saved|hoarding|stashing|stashed|collecting|stockpiling)(?: up)?<n4> (?:pills|painkillers|tablets|meds|medication)\b",
                r"\bi(?:'?ve| have)?(?: just)? (?:swallowed|took|taken) (?:a lot of|lots of|loads of|many|too many|all (?:of )?(?:my|the)|a bunch of)<n2> (?:pills|painkillers|tablets|meds|medication|paracetamol)",
                r"(?:least|less|not|without)<n2> (?:painful|pain)<n2> (?:way|method)s?<n2> (?:die|kill|dying|suicide)|(?:way|method)s? to die (?:without|that (?:doesn|does not|don))|kill (?:my ?self|me) without",
                r"?(?:write|writing)<n2> (?:a|my) suicide (?:note|letter)",
            ),
        ),
        (
            "jump jumped jumping tracks train traffic car bus roof bridge stepping cut cutting cuts scars hurt hurting harm harming scratch burn burned head skin legs funeral deserve voice voices sent texted message disappear disappearing herself himself themselves eat",
            (
                r"\b(?:i|i'?m|i'?ve) (?:\w+ )?(?:stood|stand|standing|sat|was|am)<n4> (?:roof|bridge|ledge|edge|tracks|balcony)<n8> jump(?:ed|ing)?\b",
                r"(?:\bi\b|think\w*).{0,80}?\b(?:step(?:ping)?|walk(?:ing)?|jump(?:ing)?|throw(?:ing)? my ?self|run(?:ning)?)<n2> (?:in front of|under)(?: (?:a|the|one|it|that|moving|train|car|bus|truck|traffic)){1,3}\b|train tracks?\b.{0,60}\b(?:step|jump|walk|lie)\w*<n2> (?:in front|down on|onto)",
                r"\bi hope (?:a|some|the) (?:car|bus|truck|train)<n2> (?:hits?|runs?|kills?)<n2> me\b",
                r"(?:can'?t|cannot|couldn'?t) stop (?:cutting|hurting|harming|burning)<dare>|hurting my ?self (?:since|because|for)\b|(?:hate|hated) my ?self\b.{0,40}\b(?:burn|cut|scratch|hit|punch|starve)\w* (?:my|me)",
                r"\bi<n2> (?:scratch|cut|burn|carve|stab|bite)(?:ed|t|d|ing)? (?:my ?self|(?:into )?my (?:own )?(?:skin|legs?|arms?|thighs?|wrists?))<n8> (?:until|till|til|bleed|whenever|every time|on purpose)\b",
                r"\bi<n2> (?:hit|bang|punch|slam|smash)(?:ing)? (?:my ?self|my (?:own )?head|my head)<n8> (?:wall|every ?time|whenever|until|till)\b|(?:don'?t|stopped|not) eat(?:ing)?\b.{0,60}(?:disappear|punish my)",
                r"(?:friend|brother|sister|mum|mom|mother|dad|father|son|daughter|boyfriend|girlfriend|cousin|classmate|boy|girl|guy|kid|someone|roommate)<n8> (?:cuts?|cutting|harms?|harming|burns?|burning|hang|shoot|kill) (?:her|him|them) ?sel(?:f|ves)\b(?! (?:while|cooking|in the (?:book|novel|play|film|movie)))",
                r"show(?:ed|s|n)? me<n2> (?:cuts|scars) (?:on|all over) (?:his|her|their)|(?:friend|brother|sister|boyfriend|girlfriend|she|he) (?:just )?(?:sent|texted|wrote|left)<n4> (?:goodbye|farewell|suicide) (?:message|text|note|letter)",
                r"(?:scared|afraid|worried|fear)<n8> (?:do something to|hurt|harm|kill) (?:her|him|them) ?sel(?:f|ves)|voices?<n8> (?:tell\w*|say\w*)(?: me)?(?: to)? (?:kill|hurt|die|end|jump|cut)\b",
                r"(?:imagine|imagining|picture|picturing|planning)<n2> my (?:own )?(?:funeral|death|suicide)\b|\bi deserve to (?:die|be dead)\b",
                r"?(?:think\w*|want|wanna|wish)<n8> disappear(?:ing)? (?:forever|for good)",
            ),
        ),
    ),
    "latin-typed": (
        (
            "amoot amout a3eesh aeesh hayati marna marne jeena jina khudkushi mar jaunga jaungi suicide jaan nafsi mot",
            (
                r"\b(?:3ayez|3ayz|3ayza|ayez|ayz|3awez|3awz|bdi|badi|abgha|nfsi|nefsi|awez) (?:a?moot|a?mout|amot|mot)\b|(?:m[eiu]?sh|ma|mo) (?:3ayez|3ayz|3ayza|ayez|badi|bdi) (?:a3ee?sh|ae+sh|3ish)|(?:a2tel|aqtol|a2tol|ha2tel|ba2tel) nafsi|zehe2t men hayati",
                r"\b(?:mujhe|mujhko|mai|main|mein|me|ab) (?:\w+ ){0,3}(?:marna|mar jana|marne ka|mar jaunga|mar jaungi|mar jau|marna chahta|marna chahti)\b|jee?na nah?i (?:chaht[ai]|hai)|jee?ne ka (?:mann?|koi (?:matlab|fayda)) nah?i|(?:khudkushi|suicide) (?:kar|karna|karne|karungi|karunga|karlu)|apni jaan (?:le|de)|khud ?ko (?:maar|khatam|mar)",
            ),
        ),
    ),
}
