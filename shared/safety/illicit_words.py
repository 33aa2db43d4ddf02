"""The plainest ways to ask for help with serious harm, in twelve languages: data for `shared.safety.illicit`.

Each entry is (asks, makes, weapons, harms): regular expressions in folded form (`shared.safety.folding`). `asks` is how somebody asks
for a way to do it themselves, `makes` and `weapons` stand near each other in either order, `harms` is one of violence against a person,
or of sexual interest in children. How something works, who made it and when is no such question and fits no `asks`.
"""

_PERSON = (
    r"(?:some ?(?:one|body)|any ?(?:one|body)|people|children|kids|him|her|them|(?:an?|my|your|our|his|their|two|some|the(?! (?:\w+ )?boss)) (?:\w+ ){0,2}"
    r"(?:person|human|wom[ae]n|m[ae]n|girls?|boys?|child(?:ren)?|kids?|baby|politician|mayor|president|cop|police officer|teacher|stranger|student"
    r"|wife|husband|spouse|girlfriend|boyfriend|ex|mother|father|mom|dad|parents|brother|sister|son|daughter|boss|neighbou?rs?|classmates?|roommate"
    r"|friend|colleague|coworker|landlord|cashier|customer|grandmother|grandfather|grandma|grandpa|uncle|aunt|cousin)s?\b)"
)
_DIRECT = (
    r"(?:how (?:do|can|could|should|would|might) (?:i|we|you|one|somebody|someone)(?: best| easily)?|how to|ways? (?:to|of)|i (?:want|need|plan|would like|am going) to"
    r"|help me(?: to)?|teach me(?: how)? to|(?:instructions?|tutorial|guide|steps|tips|plan|manual) (?:to|for|on|on how to|for how to|how to)|show me how to|tell me how to)"
)
ENGLISH = (
    r"how (?:can|do|could|should|would|might|to)|(?:best|easiest|good|quickest|safest)? ?ways? (?:to|of|for)|(?:instructions?|tutorial|guide|steps|recipe|tips|plan|manual)"
    r" (?:for|to|on|how)|teach me|show me|help me|tell me|explain how|step ?by ?step|i (?:want|need|plan|am going|would like) to|where can i",
    r"mak(?:e|ing)|build(?:ing)?|construct(?:ing)?|assembl(?:e|ing)|creat(?:e|ing)|synthesi[sz](?:e|ing)|cook(?:ing)?|produc(?:e|ing)|manufactur(?:e|ing)|brew(?:ing)?",
    r"(?:pipe|nail|dirty|car|fertili[sz]er|homemade|home-made|petrol|letter|suicide|nuclear|time|c4|pressure cooker) bombs?|a bomb|(?<!bath )(?<!seed )bombs?(?! calorimeter)"
    r"|explosive(?:s| device)|\bieds?\b|molotov|napalm|nerve (?:gas|agent)|sarin|\bricin\b|mustard gas|chemical weapons?|biological weapons?|anthrax|thermite grenade"
    r"|hand grenades?|crystal meth|methamphetamine|\bmeth\b|fentanyl|crack cocaine|\bmdma\b|\blsd\b|heroin|ghost guns?|untraceable (?:gun|firearm)s?|ransomware|keylogger",
    rf"{_DIRECT} (?:\w+ly )?(?:kill|murder|beat up|stalk|blackmail|extort|rob|strangl\w*|suffocat\w*|poison|stab|assassinat\w*|tortur\w*|rape|drug|kidnap|lynch|behead|choke|dismember|throttle|slaughter) {_PERSON}"
    rf"|{_DIRECT} (?:\w+ly )?(?:killing|murdering|poisoning|stabbing|torturing|raping|kidnapping|drugging) {_PERSON}|get(?:ting)? away with (?:murder|rape)"
    rf"|(?:hide|dispose of|get rid of|chop up) (?:a |the )?(?:dead |human )?(?:body|corpse)"
    r"|commit(?:ting)? (?:an? )?(?:murder|arson|robbery|burglary|genocide|perjury|identity theft|terroris\w+|(?:\w+ )?(?:account |card |tax |insurance )?fraud)"
    r"|plan(?:ning)? (?:an? )?(?:\w+ )?(?:murder|assassination|massacre|terrorist attack|bombing|(?:mass|school) shooting|robbery|kidnapping|genocide)"
    r"|(?:buy|get|sell|score|deal|smuggle|order)(?:ing)? (?:\w+ ){0,4}?(?:meth|cocaine|coke(?= (?:on|from|for|and|online|\?))|heroin|fentanyl|ghost guns?|(?:illegal|unregistered|unlicensed) (?:guns?|firearms?|weapons?|drugs))"
    r"|(?:hack|break)(?:ing)? into (?:\w+(?:'s)? ){0,4}(?:accounts?|phones?|e-?mails?|house|home|network|computers?|bank\w*|systems?|servers?|car)\b"
    r"|steal(?:ing)? (?:\w+(?:'s)? ){0,3}(?:identit(?:y|ies)|credit cards?|passwords?|car\b|money|wallet|from (?:an? |the )?(?:shop|store|grocery|bank|people|someone|my))"
    r"|launder(?:ing)? money|counterfeit(?:ing)? (?:money|bills|documents)|forg(?:e|ing) (?:an? |the )?(?:\w+ )?(?:signature|passport|documents?|prescription|checks?)"
    r"|make (?:someone|somebody|my \w+|a person)(?:'s \w+)? (?:overdose|disappear forever)|make (?:someone|somebody)(?:.s \w+)? explode"
    r"|(?:sexual|nude|naked|erotic|sexy|explicit)\W+(?:\w+\W+){0,5}(?:children|minors?|child|kids?|underage|preteens?|toddlers?)|child porn\w*|groom (?:a |an )?(?:child|minor|kid|underage|teen)\w*",
)

_OTHERS: dict[str, tuple[str, str, str, str]] = {
    "es": (
        r"como (?:puedo|se|podria|debo|hago|hacer|fabricar|construir|matar|envenenar|preparar)|instrucciones|paso a paso|ensename|dime como|quiero|ayudame a|manera de|forma de",
        r"hacer|hago|hace|fabric\w+|constru\w+|prepar\w+|arm(?:ar|o)|cocin\w+|sintetiz\w+",
        r"bombas?(?! de (?:agua|bano|calor|vacio|sodio))\b|explosivos?|coctel molotov|metanfetamina|gas sarin|gas mostaza|granadas? de mano|armas? quimicas?|ricina",
        r"(?:matar|asesinar|envenenar|estrangular|apunalar|secuestrar|violar|torturar) a (?:alguien|mi|una? (?:persona|nin[oa]|mujer|hombre)|gente)|pornografia infantil",
    ),
    "fr": (
        r"comment (?:puis|peut|dois|je|on|faire|fabriquer|construire|tuer|empoisonner|preparer)|instructions|etape par etape|explique[- ]moi comment|je veux|aide[- ]moi|facon de|moyen de",
        r"faire|fais|fabriqu\w+|constru\w+|prepar\w+|synthetis\w+|cuisin\w+",
        r"bombes?(?! (?:de bain|calorimetrique))\b|explosifs?|cocktail molotov|methamphetamine|gaz sarin|gaz moutarde|grenades? a main|armes? chimiques?|ricine",
        r"(?:tuer|assassiner|empoisonner|etrangler|poignarder|kidnapper|enlever|violer|torturer) (?:quelqu'un|des gens|m(?:on|a|es) \w+|une? (?:personne|enfant|femme|homme))|pornographie (?:infantile|enfantine)|pedopornographi\w+",
    ),
    "de": (
        r"wie (?:kann|baue?|man|macht?|mache|stelle?|stellt|koche|bringe?|bringt|vergifte|tote|konnte|soll)|anleitung|schritt fur schritt|zeig mir|erklar mir, wie|ich (?:will|mochte)|hilf mir",
        r"bau(?:e|en|t)\b|mach(?:e|en|t)\b|herstell\w+|stell\w*|koch(?:e|en|t)\b|bastel\w+|zusammenbau\w+",
        r"(?<!bade)bomben?\b|rohrbomben?|sprengsatz|sprengstoff\w*|molotow\w*|crystal meth|methamphetamin|sarin|senfgas|handgranaten?|chemiewaffen?|nervengift|rizin",
        r"(?:jemanden|einen menschen|menschen|leute|mein(?:e|en)? (?:\w+ )?(?:frau|mann|freund\w*|chef\w*|lehrer\w*|nachbar\w*|mutter|vater|eltern|bruder|schwester|mitschuler\w*))"
        r" (?:\w+ ){0,3}(?:um(?:zu)?bringen|toten|ermorden|vergiften|erwurgen|erstechen|entfuhren|vergewaltigen|foltern|umbringe)|kinderporn\w+",
    ),
    "it": (
        r"come (?:posso|si|potrei|devo|faccio|fare|fabbricare|costruire|uccidere|avvelenare|preparare)|istruzioni|passo (?:dopo|per) passo|insegnami|dimmi come|voglio|aiutami a|modo (?:di|per)",
        r"fare|faccio|fa\b|fabbric\w+|costru\w+|prepar\w+|sintetizz\w+|cucin\w+",
        r"bomb[ae](?! (?:da bagno|calorimetric\w))\b|esplosiv[oi]|molotov|metanfetamina|gas sarin|gas mostarda|iprite|bombe? a mano|armi? chimic\w+|ricina",
        r"(?:uccidere|ammazzare|assassinare|avvelenare|strangolare|accoltellare|rapire|stuprare|violentare|torturare) (?:qualcuno|delle persone|(?:il |la )?mi[oa] \w+|un[a']? ?(?:persona|bambin[oa]|donna|uomo))|pornografia (?:infantile|minorile)|pedopornografi\w+",
    ),
    "pt": (
        r"como (?:posso|se|eu|poderia|devo|faco|fazer|fabricar|construir|matar|envenenar|preparar)|instrucoes|passo a passo|me ensine|ensina-me|diga como|quero|me ajude a|ajuda-me a|maneira de|jeito de",
        r"fazer|faco|faz\b|fabric\w+|constru\w+|prepar\w+|mont(?:ar|o)|sintetiz\w+|cozinh\w+",
        r"bombas?(?! (?:de (?:agua|banho|calor|vacuo|sodio|chocolate)|calorimetrica))\b|explosivos?|coquetel molotov|metanfetamina|gas sarin|gas mostarda|granadas? de mao|armas? quimicas?|ricina",
        r"(?:matar|assassinar|envenenar|estrangular|esfaquear|sequestrar|estuprar|violar|torturar) (?:alguem|pessoas|(?:o |a )?me?u? ?(?:meu|minha)? ?\w+ ?(?:chefe|esposa|marido|vizinho)|uma? (?:pessoa|crianca|mulher|homem))|pornografia infantil",
    ),
    "ru": (
        r"как (?:мне |можно |я могу |лучше )?(?:\w+ ){0,2}(?:сделать|сделаю|собрать|изготовить|приготовить|сварить|создать|убить|отравить|задушить|похитить|построить)|инструкци\w+|пошагов\w+|научи меня|хочу|помоги мне",
        r"сдела\w+|собра\w+|изготов\w+|приготов\w+|свари\w+|созда\w+|построи\w+",
        r"бомб[уыа]\b|взрывчатк\w+|взрывное устроиство|коктеиль молотова|метамфетамин\w*|зарин\w*|горчичныи газ|гранат[уы]\b|химическое оружие|рицин\w*",
        r"(?:убить|отравить|задушить|зарезать|похитить|изнасиловать|пытать) (?:кого-?\s?(?:то|нибудь)|человека|людеи|сво\w+ \w+|мо\w+ \w+|ребенка|женщину|мужчину)|детск\w+ порн\w+",
    ),
    "zh": (
        r"(?:如何|怎么|怎样|怎麼|怎樣)(?!.{0,4}(?:爆炸|发明|發明))|教我|告诉我|步骤|教程|方法|我想",
        r"制作|製作|制造|製造|做|造|合成|组装|自制|自製",
        r"(?<!原子)(?<!氢)炸弹|(?<!原子)炸彈|炸药|炸藥|燃烧瓶|冰毒|甲基苯丙胺|沙林|芥子气|手榴弹|化学武器|神经毒剂|蓖麻毒素",
        r"(?:杀死|殺死|谋杀|毒死|勒死|绑架|强奸|強姦|折磨)(?:一个人|一個人|别人|某人|他人|人|我的?\w{0,3})|杀人|殺人|儿童色情|兒童色情",
    ),
    "ja": (
        r"(?:どうやって|どうすれば|どのように|方法|作り方|やり方|手順|教えて|したい)",
        r"作|製造|組み立て|合成|自作",
        r"(?<!原子)爆弾|爆発物|火炎瓶|覚醒剤|メタンフェタミン|サリン|マスタードガス|手榴弾|化学兵器|リシン",
        r"(?:人|誰か|妻|夫|上司|先生|友達|隣人|親)を(?:\w{0,4})(?:殺|毒殺|絞殺|誘拐|レイプ|強姦|拷問)|児童ポルノ",
    ),
    "ko": (
        r"어떻게|방법|만드는 법|하는 법|알려|가르쳐|싶어|하려면",
        r"만들|제조|제작|조립|합성",
        r"(?<!원자)폭탄|폭발물|화염병|필로폰|메스암페타민|사린|겨자 ?가스|수류탄|화학 ?무기|리신 독",
        r"(?:사람|누군가|누구|아내|남편|상사|선생님|친구|이웃|부모)(?:을|를) ?(?:\w{0,4} )?(?:죽이|살해|독살|교살|납치|강간|고문)|아동 ?(?:포르노|음란물)",
    ),
    "ar": (
        r"كيف (?:يمكنني|يمكن|اصنع|نصنع|يصنع|اقتل|اسمم|احضر|ابني|استطيع|اقوم)|طريقة|خطوات|علمني|اريد|تعليمات|ساعدني",
        r"صنع|اصنع|صناعة|تصنيع|تحضير|احضر|ابني|بناء|تركيب|اعداد",
        r"قنبلة(?! ذرية)|قنابل|متفجرات|عبوة ناسفة|مولوتوف|الميثامفيتامين|ميثامفيتامين|السارين|غاز الخردل|قنبلة يدوية|اسلحة كيميائية|سلاح كيميائي|الريسين",
        r"(?:قتل|اقتل|تسميم|اسمم|خنق|اخنق|خطف|اختطاف|اغتصاب|تعذيب) (?:شخص|احد|انسان|الناس|زوج\w*|جار\w*|مدير\w*|طفل|معلم\w*)|مواد اباحية للاطفال|اباحية الاطفال",
    ),
    "hi": (
        r"कैसे|तरीका|तरीके|विधि|सिखाओ|बताओ|चाहता|चाहती|निर्देश",
        r"बना|तैयार|निर्माण",
        r"(?<!परमाणु )बम\b|विस्फोटक|मोलोटोव|मेथ\b|मेथामफेटामाइन|सरीन|मस्टर्ड गैस|हथगोला|रासायनिक हथियार|राइसिन",
        r"(?:किसी|आदमी|इसान|पत्नी|पति|बॉस|शिक्षक|पड़ोसी|लोगो|व्यक्ति) (?:को|का|की) (?:\S+ ){0,2}(?:मार|हत्या|जहर|अपहरण|बलात्कार|यातना)|बाल पोर्न\S*",
    ),
}
GROUPS = {"en": ENGLISH, **_OTHERS}

PLAIN = (
    # Programs that do harm
    r"\b(?:write|create|code|program|develop|build|make|give|generate|need|want)(?: me| us)?(?: (?:a|an|some|the|your|own|simple|working|python|new))* (?:ransomware|malware|keylogger|spyware|rootkit|botnet|computer worm|trojan(?: horse)? (?:program|virus|that)|(?:computer )?virus (?:that|which|to) (?:\w+ ){0,2}(?:encrypts?|steals?|deletes?|destroys?|infects?|spreads?))\b(?! (?:scanner|detect\w*|protection|report|essay|quiz|analysis|lesson|awareness|policy|prevention|classif\w*))"
    r"|\b(?:escribe\w*|crea\w*|programa|desarrolla|haz(?:me)?|ecri[st]\w*|cree[rz]?|programme[rz]?|developpe[rz]?|schreibe?n?|erstelle?n?|programmiere?n?|entwickle|scrivi\w*|sviluppa|programma|escrev\w*|crie|desenvolva|faca)(?:[- ](?:me|mir|moi|mi))?(?: (?:un|una|um|uma|une|ein|eine|einen|mir|me|programa|software|logiciel|programme|virus))* (?:ransomware|malware|rancongiciel|maliciel|malveillant|malicioso|malevolo|schadsoftware|schadprogramm|trojaner|keylogger|spyware|(?:virus|programm\w*),? (?:que|qui|che|der|das) (?:\w+ )?(?:cifr|chiffr|cript|encript|verschlussel|dateien))(?!-?(?:schutz|essay|analys))"
    r"|\b(?:напиши\w*|создаи\w*|разработаи\w*|сделаи\w*) (?:мне )?(?:\w+ )?(?:вирус|вредонос\w+|шифровальщик|троян|кеилоггер|вымогател\w+)(?!\w* (?:сочинен|реферат))"
    r"|(?:写|編写|编写|做|制作|开发|创建)(?:一个|一個|个|一段)?[^。！？]{0,10}(?:勒索软件|勒索軟體|恶意软件|惡意軟體|木马(?:程序|病毒)|键盘记录器|加密文件的病毒)(?![^。！？]{0,6}(?:作文|文章|报告|防|检测))"
    r"|(?:マルウェア|ランサムウェア|キーロガー|トロイの木馬|コンピュータウイルス)を(?:書いて|作って|作成して|開発して|プログラム)"
    r"|(?:악성 ?코드|악성 ?소프트웨어|랜섬웨어|키로거|컴퓨터 바이러스)(?:를|을)? ?(?:작성해|만들어|짜|개발해|코딩해)"
    r"|(?:اكتب|صمم|انشئ|برمج|طور) (?:لي )?(?:برنامجا? |برنامج )?(?:خبيثا?|فيروسا?|برامج الفدية|فدية|حصان طروادة)(?! (?:مقال|تقرير))"
    r"|(?:मैलवेयर|रैनसमवेयर|कीलॉगर|कप्यूटर वायरस) (?:लिख|बना)(?:ो|ओ|ए|िए|इए| दो| कर)"
    # A way named without a question
    r"|\b(?:(?:pipe |nail |homemade )?bomb|explosives?|tnt|tatp|napalm|methamphetamine|meth|ricin|sarin|nerve gas) (?:recipe|making (?:guide|instructions)|instructions)\b|\brecipe (?:for|of) (?:an? )?(?:(?:pipe |nail |homemade )?bombs?|explosives?|tnt|tatp|napalm|meth(?:amphetamine)?|ricin|sarin)\b(?! calorimeter)"
    r"|\b(?:receta|instrucciones|receita|instrucoes|ricetta|istruzioni|recette|instructions|rezept|anleitung) (?:\w+ ){0,3}?(?:(?:una|uma|une|de|d'une|di|fur eine?) )?(?:bombas?|bombes?|bombe|rohrbombe|explosivos?|esplosivi|sprengstoff|metanfetamina|methamphetamine|molotov)\b(?! (?:de (?:bain|bano|banho|agua|chocolate)|da bagno|calor))"
    r"|\b(?:рецепт|инструкция|схема) (?:\w+ )?(?:бомбы|взрывчатки|метамфетамина|напалма|рицина)"
    r"|(?:폭탄|폭발물|화염병|필로폰|사린 ?가스|사제 ?폭탄) ?(?:을|를)? ?(?:만드는|만들기|제조|제작|제조하는|제작하는) ?(?:법|방법|과정|레시피)?(?=[ .?!~]*(?:$|알려|가르쳐|설명|뭐|좀))"
)
"""What asks by its form alone: a program that does harm to be written, the recipe of a weapon or a drug."""
ELSEWHERE = (
    r"minecraft|fortnite|\bgta\b|call of duty|cluedo|\bsims\b|skyrim|chess|poker|monopoly|zelda|pokemon|\brpg\b|dungeons? (?:and|&) dragons|halo\b|hitman|team fortress|among us|overwatch|roblox"
    r"|\bgames?\b|gaming|\bmovies?\b|\bfilms?\b|\bnovels?\b|fiction\w*|\bplay\b|theat(?:re|er)|\btv\b|tv show|screenplay|\bstory\b|\bbook\b|shakespeare|hamlet|macbeth|opera"
    r"|python|linux|process\b|videospiel|\bspiel\w*|videojuego|\bjuego|\bjeux?\b|\bgioc\w+|\bjogo|\bpelicula|\broman[zo]?\b|\bromanzo|\bfilme?\b|игр[еуы]|фильм|роман|游戏|遊戲|电影|小说|ゲーム|映画|小説|게임|영화|소설|لعبة|فيلم|رواية|गेम|खेल|फिल्म|उपन्यास"
    r"|(?:protect|defend|prevent|stop|save|rescue)\w* (?:\w+ ){0,4}(?:from|against)|prevention|schutz|prevenir|prevention|verhindern"
)
"""Worlds in which nobody is hurt, and the wish that nobody be: words that take the plainness away."""
