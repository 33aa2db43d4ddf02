r"""Phrases of suicidal or self-harming intent in Spanish, French, German, Italian and Portuguese: data for `rules`.

Each group has trigger words, at least one of which stands in every text its patterns fit; only then are they tried.
A blank in a pattern stands for one to five separators, ` ?` for up to five, `<name>` for an entry of MACROS, a leading `?` marks a pattern that
does not count in a text that is about a topic to study (STUDY). Patterns are written folded (`folding`): lower case,
without accents. BENIGN are idioms that are taken out of a text before it is judged.
"""

from shared.safety.crisis_english import Group

MACROS: dict[str, str] = {
    "few": r"(?: [\w']+){0,8}? ",
    "se": r"(?:quiero|quisiera|voy a|deseo|pienso|ganas de|intente|he intentado|podria|pensando en|pensado en|pienso en|"
    r"formas de|maneras de|como|gustaria|necesito|planeo)",
    "sp": r"(?:quero|queria|vou|penso em|pensando em|pensado em|vontade de|pensei em|preciso|gostaria de|como|jeito de|"
    r"tentei|planejo|desejo|devia)",
    "fr": r"(?:veux|voudrais|voulais|vais|pense a|pensais a|pense|envie de|essaye de|essaie de|tente de|tentee? de|essayer de|moyen de|comment|"
    r"facon de|devrais|aimerais|souhaite|prefererais)",
    "it": r"(?:voglio|vorrei|volevo|sto per|penso di|pensato di|pensando di|voglia di|devo|potrei|come|modo per|modi per|desidero|provato a)",
    "de": r"\b(?:ich (?:(?:will|mochte|wollte|wurde|konnte|werde|muss|mag|habe|versuche|einfach|nur|so|gerne?|am liebsten|wirklich|echt|"
    r"manchmal|oft|jetzt|heute|bald|auch|schon|endlich|immer|versucht|hatte lust) ){0,6}|"
    r"(?:will|mochte|wollte|wurde|konnte|werde|muss|mag) ich (?:(?:einfach|nur|so|gerne?|am liebsten|wirklich|echt|oft|jetzt|heute|bald|"
    r"auch|schon|endlich|immer|manchmal) ){0,5})",
}

STUDY = (
    r"\b(?:ensayo|preven\w*|novela|obra|poema|personaje|articulo|investigacion|estadisticas?|tesis|trabajo|"
    r"dissertation|roman|poeme|personnage|expose|recherche|statistiques?|redaction|"
    r"aufsatz|referat|pravention|gedicht|figur|drama|hausarbeit|statistik|werther|"
    r"tema|saggio|romanzo|personaggio|ricerca|statistiche|tesina|redacao|romance|personagem|pesquisa|estatisticas)\b"
)

GROUPS: dict[str, tuple[Group, ...]] = {
    "es": (
        (
            "cortarme muerta muerto desaparecer vivir vida existir despertar",
            (
                r"(?:quiero|ganas de|necesito|voy a|volvi a|volver a) cortarme(?! (?:el pelo|las unas|el cabello|el flequillo))",
                r"\b(?:no|sin) (?:le )?(?:encuentro|veo|tiene)(?: \w+)? sentido (?:a|de|en)? ?(?:vivir|la vida|mi vida)|(?:quisiera|quiero|deseo) no (?:existir|despertar)",
                r"desearia (?:\w+ )?estar muert[oa]|(?:quiero|quisiera) desaparecer(?: del mundo|\W*$)",
            ),
        ),
        ("matarme", (r"<se>(?: \w+)? matarme\b", r"matarme a mi mism")),
        (
            "matar mato matarse",
            (
                r"\bme (?:quiero|quisiera|voy a|deseo|intente|gustaria) matar\b",
                r"(?:me mato|mejor me mato)\W*$",
                r"?\bmi<few>(?:quiere|queria|intento) matarse",
            ),
        ),
        (
            "suicidarme suicido suicidar suicidarse suicide suicida suicidas suicidio suicidarse suicidare suicidaria suicidandome",
            (
                r"suicidarme|\bme (?:quiero|voy a|quisiera|intente|deberia) suicidar\b|\bme suicid(?:o|are|aria)\b",
                r"(?:como|formas? de|maneras? de|metodos? (?:de|para)|quiero) suicidarse\b(?! (?:romeo|julieta))",
                r"(?:tengo|tenido|teniendo|tuve|mis|siento)(?: \w+){0,2} (?:pensamientos?|ideas|ganas|impulsos) (?:suicidas?|de suicid\w+)",
                r"\b(?:soy|me siento|estoy) (?:muy )?suicida\b",
                r"?(?:pienso|pensando|pensado|pense)(?: \w+)? en el suicidio",
                r"?\bmi (?:mejor )?(?:amig[oa]|herman[oa]|prim[oa]|novi[oa]|hij[oa]|madre|padre|mama|papa|companer[oa])<few>suicid\w+",
            ),
        ),
        (
            "morir morirme muerto muerta morirse nacido",
            (
                r"(?<!no\s)(?:\bquiero|quisiera|deseo|me gustaria|prefiero|merezco|ganas de|ojala|espero|necesito) (?:\w+ )?morir(?:me)?\b",
                r"\bme (?:quiero|quisiera) (?:\w+ )?morir\b",
                r"(?:quiero|quisiera|deseo|preferiria|gustaria) (?:\w+ )?estar muert[oa]|(?:ojala|mejor) (?:estuviera|estaria|estoy) muert[oa]|estaria mejor muert[oa]",
                r"(?:ojala|desearia|quisiera) no haber nacido|nunca haber nacido",
                r"?\bmi (?:mejor )?(?:amig[oa]|herman[oa]|novi[oa]|hij[oa])<few>(?:quiere|queria) morir(?:se)?",
            ),
        ),
        (
            "vida vivir viviendo existir",
            (
                r"quitarme la vida|\bme (?:quiero|voy a|quisiera) quitar la vida|(?:acabar|terminar) con mi (?:propia )?vida|poner(?:le)? fin a mi (?:propia )?vida",
                r"\bno (?:quiero|deseo|tengo (?:mas )?ganas de|puedo)(?: mas)? (?:seguir )?(?:vivir|viviendo|existir)(?! (?:en|con|aqui|alli|junt))",
                r"cansad[oa] de (?:vivir|la vida|mi vida)|(?:razones?|motivos?|ganas) (?:para|de) vivir\W*$|sin (?:ganas|razon(?:es)?|motivos?) (?:de|para) vivir",
                r"mi vida no (?:tiene sentido|vale)",
            ),
        ),
        (
            "cortarme corto cortado venas autolesionarme autolesiono autolesion lastimarme dano ahorcarme colgarme tirarme desaparecer sin",
            (
                r"cortarme (?:las venas|los brazos|las munecas|la piel)|\bme (?:corto|he cortado) (?:las venas|los brazos|las munecas|la piel|a proposito)|cortarme a proposito",
                r"autolesionarme|\bme (?:he )?autolesion(?:o|ado|e)\b|lastimarme a mi mism|(?:quiero|ganas de|voy a|necesito) (?:hacerme dano|lastimarme)",
                r"<se> (?:ahorcarme|colgarme|tirarme (?:de un|del|por la|por el|al (?:tren|metro)|desde))",
                r"<se>(?: \w+)? desaparecer para siempre|estarian mejor sin mi\b",
            ),
        ),
    ),
    "fr": (
        (
            "scarifie disparaitre vie coupe",
            (
                r"(?:veux|voudrais|envie de)(?: \w+)? disparaitre(?: pour (?:toujours|de bon)|\W*$)|\bme coupe (?:les bras|la peau|expres)",
                r"(?:la|ma) vie ne vaut (?:pas|plus|rien)|ma vie n'a (?:plus|pas|aucun)(?: de| aucun)? sens",
                r"\b(?:mon|ma) (?:meilleure? )?(?:amie?|frere|soeur|copine?|fils|fille)(?: \w+){0,2} se (?:scarifie|mutile)",
            ),
        ),
        (
            "tuer",
            (
                r"<fr>(?: (?:juste|vraiment|seulement))? me tuer\b",
                r"\bme tuer moi meme",
                r"?\b(?:mon|ma) (?:meilleure? )?(?:amie?|frere|soeur|copine?|fils|fille|cousine?|mere|pere|camarade)<few>se tuer",
            ),
        ),
        (
            "suicider suicide suicidaire suicidaires suicidee suicides",
            (
                r"\bme suicider\b|\bme suis (?:deja )?suicidee?|<fr>(?: \w+)? se suicider\b|methodes? (?:de suicide|pour se suicider)",
                r"(?:j'ai|j ai|mes|avoir|ai|des)(?: \w+){0,4} (?:pensees|idees|envies|pulsions) (?:suicidaires|de suicide)(?! (?:chez|dans|des?))",
                r"\bje (?:suis|me sens)(?: \w+)? suicidaire",
                r"?\bje (?:pense|songe)(?: \w+)? au suicide",
                r"?\b(?:mon|ma) (?:meilleure? )?(?:amie?|frere|soeur|copine?|fils|fille|cousine?|mere|pere|camarade)<few>(?:se suicider|suicidaire|suicide\b)",
            ),
        ),
        (
            "mourir crever morte mort nee ne",
            (
                r"(?:\bje (?:\w+ )?(?:veux|voudrais|souhaite|prefere|desire)|envie de|j'aimerais|merite de|j'ai juste envie de)(?: (?:juste|vraiment|simplement|seulement))? (?:mourir|crever)\b",
                r"(?:veux|voudrais|aimerais|prefererais|preferais)(?: \w+)? etre morte?\b|serais mieux morte?\b",
                r"(?:aurais|voudrais) (?:prefere |aime )?(?:ne )?jamais (?:\w+ )?(?:nee?\b|etre nee?\b)",
            ),
        ),
        (
            "jours vie vivre exister finir",
            (
                r"(?:mettre )?fin a (?:mes jours|ma (?:propre )?vie)",
                r"(?:veux|voudrais|vais|envie d)(?: \w+|')? ?en finir(?: avec (?:la|ma) vie| une bonne fois| pour de bon|\W*$)",
                r"(?:veux|ai|peux|supporte)(?: plus| pas)+(?: \w+)?(?: envie de| de)? (?:vivre|exister)(?! (?:a|en|dans|avec|ici|chez|ensemble)\b)",
                r"(?:fatiguee?|marre|lasse?|degoutee?) de (?:vivre|la vie|ma vie)\b|(?:aucune|plus de|pas de) (?:raison|raisons) de vivre",
            ),
        ),
        (
            "scarifier scarifie veines mutile mutiler automutile automutiler mal pendre jeter balle",
            (
                r"\bme scarifi(?:e|er)\b|(?:me )?(?:couper|coupe|tailler|ouvrir) les veines|\bm'automutil(?:e|er)\b|\bme mutil(?:e|er)\b",
                r"(?:envie de|veux|besoin de|vais) me (?:faire (?:du )?mal|blesser|couper|pendre|noyer)\b|me fais du mal",
                r"<fr>(?: \w+)? me (?:jeter (?:sous|du|par|d'un)|tirer une balle(?! dans le pied))",
            ),
        ),
    ),
    "de": (
        (
            "leben lebens schneide ritzt verletze",
            (
                r"\bkeine? (?:lust|kraft|bock|energie)(?: mehr)?,? (?:zu|zum|am) leben\b|\bmein leben (?:hat|macht|ist)(?: \w+)? (?:keinen sinn|sinnlos|nichts wert)",
                r"\bich (?:verletze|schneide) mich(?: \w+)?,? (?:wenn ich|weil ich|absichtlich|immer wieder)|\bich schneide mich (?:oft|wieder|selbst)",
                r"\bmeine? (?:beste[rn]? )?(?:freund(?:in)?|bruder|schwester|tochter|sohn)(?: \w+){0,3} ritzt sich|ritzt sich (?:die arme|seit|wieder)",
            ),
        ),
        (
            "umbringen umzubringen bringe bring umbringe umgebracht",
            (
                r"<de>mich (?:\w+ ){0,3}umbringen\b",
                r"\bmich (?:selbst|selber) (?:\w+ )?um(?:bringe\w*|zubringen)|(?:daran|versuch\w*|plane|vor|lust),?(?: \w+)? mich (?:selbst )?umzubringen|mich umzubringen",
                r"\bich bringe? mich (?:\w+ ){0,2}um\b|\bich mich umbringe\b",
                r"?\bmeine? (?:beste[rn]? )?(?:freund(?:in)?|bruder|schwester|mutter|vater|sohn|tochter)<few>(?:sich|selbst) (?:\w+ )?umbring\w*",
            ),
        ),
        (
            "sterben sterbe tot geboren gestorben",
            (
                r"\bich (?:will|mochte|wollte|wurde|mag|verdiene es|habe lust)(?: (?:einfach|nur|so|gerne?|am liebsten|wirklich|echt|jetzt|manchmal|bald|auch|endlich|oft|lieber|zu))* (?:sterben|tot sein)\b",
                r"(?:will|mochte|wollte) (?:ich )?(?:einfach |nur |lieber |am liebsten )*(?:sterben|tot sein)\W*$|\bich (?:\w+ ){0,2}(?:sterben|tot sein) (?:will|mochte)\b",
                r"(?:ware|war)(?: ich)? (?:\w+ )?(?:lieber |besser |doch |einfach )*tot\b(?=.{0,40})|ich (?:ware|war) (?:\w+ )?tot\b|wunsch(?:te|e) (?:mir )?,?(?: \w+){0,3} (?:tot|nie geboren)",
                r"wie (?:kann ich|sterbe ich|man) (?:\w+ )?(?:schmerzlos|schnell) (?:sterben)?",
            ),
        ),
        (
            "leben lebensmude lebenswillen weiterleben",
            (
                r"(?:will|mochte|kann|mag) (?:ich )?(?:\w+ )?nicht (?:mehr |langer )(?:weiter ?)?(?:leben|weiterleben)\b(?! (?:in|bei|mit)\b)|nicht mehr (?:weiter ?)?leben (?:will|mochte|kann)",
                r"\bmir (?:\w+ ){0,2}das leben (?:zu )?nehm\w*|meinem leben ein ende|mein leben (?:zu )?beenden",
                r"\bich (?:bin|habe)(?: \w+){0,2} (?:lebensmude|keinen lebenswillen)|kein(?:en)? (?:grund|sinn)(?: mehr)?,? zu leben|(?:mude|satt) zu leben",
            ),
        ),
        (
            "selbstmord suizid selbstmordgedanken suizidgedanken suizidal selbstmordgefahrdet",
            (
                r"\b(?:ich|habe|hab|meine|mit)(?: \w+){0,5} (?:selbstmord|suizid)gedanken",
                r"\bich (?:\w+ ){0,3}(?:suizidal|selbstmordgefahrdet)",
                r"\b(?:ich|wie)(?: \w+){0,3} (?:selbstmord|suizid)(?: \w+)? (?:begehe\w*|zu begehen|mache\w*)",
                r"?\bich(?: \w+){0,4} an (?:selbstmord|suizid)\b",
                r"?\bmeine? (?:beste[rn]? )?(?:freund(?:in)?|bruder|schwester|mutter|vater|sohn|tochter)<few>(?:selbstmord|suizid)\w*",
            ),
        ),
        (
            "ritze ritzen verletzen verletze antun pulsadern aufhangen erhangen erschiessen zug ritz",
            (
                r"\bich ritze? mich\b|\bmich (?:wieder |zu |selbst )*ritzen\b|\bich (?:\w+ )?(?:wieder )?mich (?:geritzt|ritze)\b",
                r"\bmich (?:selbst|selber)(?: \w+){0,2} (?:zu )?(?:verletz\w*|schneid\w*)|ich verletze mich (?:selbst|absichtlich)|\bmir (?:\w+ ){0,2}(?:was|etwas) (?:an(?:zu)?tun)\b",
                r"(?:pulsadern|adern) (?:auf)?(?:zu)?schneid\w*|<de>mich (?:\w+ ){0,2}(?:aufhangen|erhangen|erschiessen|vor (?:den|einen) zug (?:werfen|schmeissen))",
            ),
        ),
    ),
    "it": (
        (
            "vivere vita sparire male taglia",
            (
                r"\bnon (?:ha|vedo|trovo)(?: piu)? (?:senso|il senso|un senso)(?: di| nel| a| della)? (?:vivere|vita|mia vita)|la mia vita non ha (?:piu )?senso",
                r"(?:voglio|vorrei) sparire(?: per sempre|\W*$)|\bmi faccio (?:del )?male (?:apposta|da sol[oa])|\bmi faccio del male\b(?! (?:giocando|correndo|a calcio))",
                r"\b(?:mia|mio) (?:sorella|fratello|amic[oa]|figli[oa])(?: \w+){0,2} si taglia(?! (?:i capelli|le unghie))",
            ),
        ),
        (
            "uccidermi ammazzarmi uccidere ammazzare uccido ammazzo",
            (
                r"<it>(?: \w+)? (?:uccidermi|ammazzarmi)\b",
                r"\bmi (?:voglio|vorrei) (?:uccidere|ammazzare)\b",
                r"\bmi (?:uccido|ammazzo)\W*$",
            ),
        ),
        (
            "suicidarmi suicidare suicido suicidi suicidio suicidarsi suicida suicidari",
            (
                r"suicidarmi|\bmi (?:voglio|vorrei) suicidare|\bmi suicido\b|(?:come|modi per|modo per|metodi per) suicidarsi\b",
                r"(?:\bho|miei|avuto|avere|dei)(?: \w+){0,3} (?:pensieri|istinti|tendenze) (?:suicidi|suicidari|suicide|di suicidio)",
                r"?\bpens(?:o|ato|ando)(?: \w+)? al suicidio",
                r"?\b(?:mio|mia|la mia|il mio) (?:miglior[ei]? )?(?:amic[oa]|fratello|sorella|cugin[oa]|ragazz[oa]|figli[oa]|madre|padre)<few>suicid\w+",
            ),
        ),
        (
            "morire morta morto nato nata",
            (
                r"(?:voglio|vorrei|desidero|preferirei|preferisco|merito di|voglia di|spero di)(?: (?:solo|soltanto|davvero|solamente))? (?:morire|essere mort[oa])\b",
                r"(?:vorrei|meglio se)(?: \w+){0,2} (?:non essere mai nat[oa]|fossi mort[oa])|(?:starei|sarei) meglio mort[oa]",
            ),
        ),
        (
            "vita finita vivere esistere",
            (
                r"togliermi la vita|(?:fine alla|finire la|porre fine alla) mia vita|(?:voglio|vorrei|penso di) farla finita",
                r"\bnon (?:voglio|ho|posso|riesco a)(?: piu| \w+ )*(?:piu )?(?:voglia di |motivi per |ragioni per )?(?:vivere|esistere)(?: piu)?(?! (?:a|in|con|qui)\b)",
                r"stanc[oa] di (?:vivere|questa vita)|senza voglia di vivere",
            ),
        ),
        (
            "taglio tagliarmi vene male impiccarmi buttarmi autolesionismo autolesiono",
            (
                r"\bmi taglio (?:le vene|i polsi|le braccia|da sol[oa]|la pelle|apposta)|tagliarmi (?:le vene|i polsi|le braccia)|(?:voglio|voglia di|bisogno di|vorrei|continuo a) (?:tagliarmi|farmi (?:del )?male)\b",
                r"\bmi autolesiono|(?:pratico|faccio|miei?|mio) (?:\w+ )?autolesionismo|<it>(?: \w+)? (?:impiccarmi|buttarmi (?:sotto|dal|dalla|giu))",
            ),
        ),
    ),
    "pt": (
        (
            "viver vida sumir desaparecer morto morta matar",
            (
                r"\bnao (?:vejo|tem|ha|faz|encontro)(?: mais)? sentido(?: em| na| de)?(?: minha)? (?:viver|vida)|minha vida nao (?:tem|faz) (?:mais )?sentido",
                r"(?:quero|queria|vontade de) (?:sumir|desaparecer) (?:para|pra) sempre|seria melhor se eu (?:estivesse mort[oa]|morresse|nao existisse)",
                r"?\b(?:meu|minha) (?:melhor )?(?:amig[oa]|irma|irmao|prim[oa]|namorad[oa]|filh[oa]|mae|pai|colega)<few>(?:se matar|quer morrer)\b",
            ),
        ),
        ("matar", (r"<sp>(?: \w+)? me matar\b", r"<sp>(?: \w+)? matar me\b|\bquero me (?:mesm[oa] )?matar\b")),
        (
            "suicidar suicido suicidas suicida suicidio suicidei",
            (
                r"\bme suicid(?:ar|o|ei)\b|suicidar me\b|(?:como|formas? de|jeitos? de|metodos? de) se suicidar\b",
                r"(?:tenho|meus|tive|tendo|ter)(?: \w+){0,3} (?:pensamentos?|ideias?|tendencias) (?:suicidas?|de suicidio)|\b(?:sou|estou) suicida\b",
                r"?\bpens(?:o|ando|ei|ado)(?: \w+)? em (?:cometer )?suicidio|(?:quero|vou) cometer suicidio",
                r"?\b(?:meu|minha) (?:melhor )?(?:amig[oa]|irma|irmao|prim[oa]|namorad[oa]|filh[oa]|mae|pai|colega)<few>suicid\w+",
            ),
        ),
        (
            "morrer morto morta nascido",
            (
                r"(?:quero|queria|vontade de|gostaria de|mereco|prefiro|preferia|espero|desejo)(?: (?:so|apenas|realmente|muito|simplesmente))? morrer\b",
                r"(?:queria|gostaria de|preferia) estar mort[oa]|estaria melhor mort[oa]|(?:queria|preferia) (?:nunca|nao) ter nascido",
            ),
        ),
        (
            "vida viver existir",
            (
                r"(?:tirar|acabar com|terminar com|por fim a)(?: a)? minha (?:propria )?vida|(?:quero|vou|queria|como) tirar a propria vida",
                r"\bnao (?:quero|aguento|consigo|tenho vontade de|suporto)(?: mais)? (?:viver|existir)(?: mais)?(?! (?:em|com|aqui|no|na)\b)",
                r"cansad[oa] de viver|sem (?:vontade|motivos?|razao|razoes) (?:de|para|pra) viver|nao tenho (?:mais )?(?:motivos?|razao|vontade) (?:de|para|pra) viver",
            ),
        ),
        (
            "corto cortar pulsos machucar automutilar automutilo automutilacao enforcar jogar machuco",
            (
                r"\bme corto\b(?! (?:barbeando|cozinhando))|(?:vontade de|quero|preciso|voltei a) (?:me (?:cortar|machucar)|(?:cortar|machucar) me)\b|cortar os (?:meus )?pulsos",
                r"\bme (?:auto)?mutil(?:o|ar)\b|\bme automutil\w+|<sp> (?:me (?:enforcar|jogar (?:da|de|do|na frente))|enforcar me)",
            ),
        ),
    ),
}

BENIGN = (
    r"morir(?:me)? de (?:la )?(?:risa|verguenza|pena|ganas|hambre|calor|frio|sueno|amor|aburrimiento|ternura)",
    r"matar(?:me)? (?:estudiando|trabajando)",
    r"(?:mourir|crever) de (?:rire|honte|faim|chaud|froid|ennui|soif|sommeil)|mourir moins bete|tuer (?:au travail|a la tache)",
    r"sterben vor \w+|vor (?:lachen|scham|langeweile|hunger|peinlichkeit|neugier) (?:\w+ )?sterben",
    r"morire (?:dal|dalle|di) (?:ridere|risate|vergogna|fame|noia|caldo|freddo|sonno|sete)|ammazz(?:o|armi|are) di (?:lavoro|studio|risate|fatica)",
    r"morrer de (?:tanto )?(?:rir|vergonha|fome|sono|saudades?|calor|frio|tedio|amores?|rindo)|matar de (?:rir|estudar|trabalhar)",
)
