"""Phrases of suicidal or self-harming intent in English, and Hindi typed in Latin letters, in the notation of `crisis_latin`."""

Group = tuple[str, tuple[str, ...]]

MACROS: dict[str, str] = {
    "i": r"\bi(?:'?m|'?d|'?ve| am| have| had)?",
    "really": r"(?:(?:just|really|only|honestly|genuinely|sometimes|often|always|literally|actually|still|truly|badly|kinda|"
    r"seriously|fucking|also|even|simply|so|do|kind of|desperately|secretly|started|started to|keep|kept|been) ){0,4}",
    "mykin": r"\bmy (?:best |little |big |older |younger |twin )?(?:friend|brother|sister|mom|mum|mother|dad|father|son|"
    r"daughter|boyfriend|girlfriend|classmate|room ?mate|student|cousin|partner|husband|wife)",
}

STUDY = (
    r"\b(?:essay|prevent\w*|prevention|awareness|novel|play|poem|poet|character|article|research|statistics?|statistically|"
    r"rates?|sociology|durkheim|hamlet|romeo|juliet|ophelia|thesis|presentation|documentary|debate|paper|textbook)\b"
)

GROUPS: dict[str, tuple[Group, ...]] = {
    "en": (
        (
            "point sense died notice hurt hurting purpose cutting wrists arms",
            (
                r"(?:don'?t|do not|can'?t|cannot|no longer) see (?:the|any|a) (?:point|sense|reason|purpose) (?:in|of|to) (?:living|live|life|being alive)\b",
                r"(?:no one|nobody|noone) (?:would|will|'d) (?:even )?(?:care|notice|miss me|be sad) if i (?:died|die|killed my ?self|disappear\w*|was (?:dead|gone))",
                r"\bcutting (?:helps|calms|is the only|makes me feel)|\bi (?:<really>)cut (?:again|deeper|deep)\b",
                r"\b(?:hurt|hurting|harm|harming|cut|cutting|burn|burning) my ?self (?:on purpose|intentionally|deliberately|again|every|when(?:ever)? i (?:feel|am|get|fail))",
            ),
        ),
        (
            "kill killing killed kil k1ll",
            (
                r"(?:want(?:ed|ing)?|going|gonna|wanna|plan(?:ning|ned)?|try(?:ing)?|tried|thinking|thought|think|consider(?:ing)?|"
                r"will|should|might|could|gotta|need|ready|decided|wish i could|like|feel like|about|about to|urge to|how|way|ways|"
                r"i'll|i'd|id|just|rather|i)(?: (?:to|of|about|do i|can i|i|just|really|actually))* k(?:i|1)ll?(?:ing|ed)? my ?self",
                r"^\W*k(?:i|1)ll(?:ing)? my ?self\W*(?:$|tonight|today|tomorrow|now|soon)|\bk1ll my ?self",
                r"(?:how (?:to|do (?:i|you)|can (?:i|you))|ways? to|painless\w*|easiest|quickest|best way to|methods?)(?: \w+){0,3} "
                r"kill (?:your ?self|one ?self|me)\b",
                r"\bi (?:<really>)(?:want|wish|hope)(?:ed)? (?:someone|somebody|god|anyone|a car|something)(?: would| to| could)? kills? me",
                r"?<mykin><few>kill(?:ing|ed)? (?:him|her|them) ?sel(?:f|ves)",
            ),
        ),
        ("kms", (r"(?<!\d)(?<!\d\s)\bkms\b(?! (?:per|away|from|to|long|an|h|is|are|in))",)),
        ("unalive unaliving", (r"unaliv(?:e|ing) (?:my ?self|me)\b",)),
        (
            "die dying dead death born",
            (
                r"<i> <really>(?:want(?:ed|ing)?|need|deserve|hope|hoping|ready|wanna|wish|long|praying|trying|plan(?:ning)?|going)"
                r"(?: to| i could| i would| i can)? (?:just |really )?(?:die|be dead)\b",
                r"^\W*(?:just |please |really )*(?:wanna|want to|let me) (?:just )?die\b",
                r"\bi wish i (?:was|were|had been|had never been|was never|were never|wasn't|weren't)(?: never)? (?:dead|born)",
                r"(?:i'?d|i would|i am|i'm|im|be) (?:rather be|better off) dead\b",
                r"painless(?:ly)? (?:death|way to die|ways to die|to die)",
                r"(?:how (?:do|can|could|should|would) i|how to|ways? to|want to|i want it) (?:just )?die (?:painless\w*|quick\w*|peaceful\w*|without pain|"
                r"in my sleep)",
                r"\bi (?:<really>)(?:think|fantasi[sz]e|dream) (?:about|of) (?:my (?:own )?death|dying|being dead)",
                r"?<mykin><few>(?:wants?|wanted) to (?:die|be dead)",
            ),
        ),
        (
            "live living alive exist existing wake life",
            (
                r"(?:don'?t|do not|didn'?t|no longer|never|dont even) (?:really |even )?(?:want|wanna|wish|deserve)(?:ed)?(?: to)? (?:live|be alive|exist|keep living|go on living|continue living)"
                r"(?! (?:in|with|at|near|there|on campus|together|next))",
                r"(?:don'?t|do not) want (?:this|my) life",
                r"(?:don'?t|do not|never) (?:want|wanna|wish)(?: to)?(?: ever)? wake up (?:any ?more|ever|again|tomorrow)|want to (?:never wake|not wake) up",
                r"(?:no|any) (?:reason|point|purpose) (?:to live|to keep living|in living|to be alive|in being alive)|nothing (?:left )?to live for|(?:don'?t|do not|can'?t|cannot|no longer) see (?:the|any|a) (?:point|sense|reason|purpose) (?:in|of|to) (?:living|live|life|being alive|going on living)",
                r"(?:tired|sick|done|fed up) (?:of|with) (?:living|being alive|existing|life itself|my life)",
                r"(?:my )?life (?:is not|isn'?t|isnt|is no longer|is never) worth (?:it|living)|not worth living",
                r"(?:end(?:ing)?|tak(?:e|ing)|finish(?:ing)?) my (?:own )?life",
                r"?<mykin><few>(?:end(?:ing)?|tak(?:e|ing)) (?:his|her|their)(?: own)? li(?:fe|ves)",
            ),
        ),
        (
            "end ending",
            (
                r"(?:want(?:ed)?|going|gonna|wanna|ready|plan(?:ning)?|just|thinking about|i'll|how)(?: to| i)? end(?:ing)? (?:it all|everything|my ?self)\b",
            ),
        ),
        (
            "suicide suicidal sucide suiside su1cide suicidality sewerslide",
            (
                r"(?:\bi\b|i'm|im|i've|feel|feeling|been)(?: [\w']+){0,3} (?:suicidal|sewerslide)\b(?! (?:ideation|behaviou?r) (?:is|in|as|rates))",
                r"(?:how (?:to|do i|can i|should i)|ways? to|i want to|i wanna|going to|gonna|i (?:will|might|should|could)|about to|i'll|tried to|"
                r"trying to|i attempted|thinking (?:of|about)) (?:\w+ )?commit(?:ting)? s(?:uicide|ucide|uiside|u1cide|ewerslide)",
                r"?\b(?:i|i'm|im|i've|my)\b(?: [\w']+){0,5} (?:commit(?:ting)?|attempt(?:ed|ing)?|think(?:ing)? (?:about|of)|thought (?:about|of)|thoughts? of|"
                r"consider(?:ing|ed)?|plan(?:ning|ned)?|tried|contemplat\w+) (?:my )?s(?:uicide|ucide|uiside|u1cide|ewerslide)",
                r"(?:have|having|had|get|getting|my|these|intrusive|dark)(?: \w+){0,2} suicidal (?:thoughts?|urges?|feelings?|tendencies)",
                r"(?:my|a|the) suicide (?:note|letter|plan)(?: to my| for my)|my suicide (?:note|letter|plan|attempt)|writ(?:e|ing) (?:a|my) suicide note(?! for (?:a|the|my) (?:story|play|novel|character|drama))",
                r"(?:painless|easy|easiest|quick|quickest|best|effective) (?:\w+ )?s(?:uicide|ucide|uiside)(?: methods?| ways?)?(?! (?:prevent|aware|squad|hotline|help|rate|stat))|^\W*suicide methods?\W*$",
                r"?<mykin><few>suicid\w+",
            ),
        ),
        (
            "myself cutting wrists wrist harm harming harmed selfharm selfharming overdose overdosing pills hang noose od jump",
            (
                r"\b(?:hurt|hurting|harm|harming|cut|cutting|burn|burning) my ?self (?:on purpose|intentionally|deliberately|again|every|when(?:ever)? i (?:feel|am|get|fail))|\bi (?:<really>|have |wanna |want to |like to |need to |used to |will |did |do )*(?:cut(?:ting)?|burn(?:ed|ing)?|slic(?:e|ed|ing)|harm(?:ed|ing)?|scratch(?:ed)?) my ?self",
                r"(?:want|urge|urges|need|going|gonna|wanna|thinking (?:of|about)|think about|keep|like|started|feel like|stop|way|ways)(?: to)? "
                r"(?:cut(?:ting)?|hurt(?:ing)?|burn(?:ing)?|harm(?:ing)?|hang(?:ing)?|shoot(?:ing)?|drown(?:ing)?|poison(?:ing)?|stab(?:bing)?) my ?self",
                r"(?:cut(?:ting)?|slit(?:ting)?|slic(?:e|ing)) my (?:wrists?|veins?|arms?|thighs?)",
                r"\bi(?:'m|'ve| am| have| do|m)?(?: \w+){0,3} self ?harm(?:ing|ed)?\b",
                r"?\bi(?: [\w']+){0,8} self ?harm(?:ing|ed)?\b",
                r"(?:wish|want|wanna|started|need) to (?:cut|bleed)\W*(?:$|again|for|because|so)|kill(?:ing)? everyone (?:and|including) my ?self",
                r"(?:urges?|want|need|going|started|relapsed)(?: \w+){0,2} self ?harm",
                r"\bi (?:<really>|have |had |am |'m )*(?:relapsed|started|been|am)(?: again)? cutting(?: again| my ?self|$|[.,!])",
                r"(?:want|going|gonna|wanna|tried|trying|plan\w*|thinking (?:of|about)|i'll|i will|i)(?: to| basically| just)? (?:overdos(?:e|ing|ed)|od\b|jump(?:ing)? (?:off (?:a|the) (?:bridge|building|roof|cliff)|in front of))",
                r"how many (?:pills|tablets|sleeping pills|\w+)(?: \w+){0,5} (?:to (?:die|overdose|kill (?:me|my ?self))|would kill me|will kill me)",
                r"(?:tie|make|buy|bought|made) a noose(?: for my ?self)?$",
                r"?<mykin><few>(?:self ?harm\w*|(?:cuts?|cutting|hurts?|hurting|harming) (?:him|her|them) ?sel(?:f|ves))",
            ),
        ),
        (
            "better miss without anymore nobody noone notice care",
            (
                r"(?:everyone|everybody|world|family|they|people|parents|friends|all)(?: \w+){0,3} better (?:off )?without me\b",
                r"(?:no one|nobody|noone) (?:would|will|'d) (?:even )?(?:miss me|notice|care) if i (?:was|were|died|die|killed my ?self|disappear\w*|am)(?: gone| dead)?",
                r"(?:don'?t|do not|can'?t) (?:want to |wanna )(?:be here|be on this (?:earth|planet)|go on) any ?more",
            ),
        ),
    ),
    "hi": (
        (
            "marna mar marne",
            (
                r"\b(?:main?|mujhe|mai)(?: \w+){0,3} mar(?:na|ne ka)(?: \w+)? (?:chaht[ai]|hai|mann|man)\b",
                r"\bmar jaa?na chaht[ai]\b",
            ),
        ),
        ("jeena jina", (r"j(?:ee|i)na nah?in? chaht[ai]",)),
        (
            "suicide khudkushi aatmahatya atmahatya",
            (
                r"(?:suicide|khudkh?ushi|aa?tmahatya) kar(?:na chaht[ai]|ne ka man+|lun?ga|lun?gi| lun?ga| lun?gi|ne wal[ai] (?:hu|hoon))",
            ),
        ),
    ),
}

BENIGN = (
    r"(?:die|kill(?:ing|ed)? my ?self|kms) (?:of |from |with )?(?:laugh\w*|laughter|boredom|embarrassment|cringe|cuteness)",
    r"(?:want|dying|die) to (?:know|see|try|hear|meet)",
    r"kill(?:ing|ed)? my ?self (?:in|on|with) (?:the |a |this |my )?(?:game|minecraft|roblox|fortnite|creative|level|boss|grenade|rocket)",
    r"kill(?:ing|ed)? my ?self (?:laughing|studying|working|at the gym)",
    r"(?:cut|burn(?:ed|t)?|hurt|scratch(?:ed)?) my ?self (?:while |when |by |with )?(?:a |the |my )?(?:shav\w+|cook\w+|chopp?\w+|accident\w*|ironing|iron|stove|oven|paper|glass|"
    r"play\w+|gym|football|soccer|a slice|some slack|off)",
    r"burn(?:ed|t|ing)? my ?self out",
    r"burn(?:ed|t|ing)? my ?self out",
    r"shoot(?:ing)? my ?self in the foot",
)
