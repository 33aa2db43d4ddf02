"""More ways of saying it in Spanish, French, German, Italian and Portuguese: data for `rules`, in the notation of `crisis_latin`; what they
are about is said in `crisis_ways_english`, whose macros they use."""

from shared.safety.crisis_english import Group

GROUPS: dict[str, tuple[Group, ...]] = {
    "es": (
        (
            "levantarme ahogarme vida salida muerte mechero encendedor gato perro muerto volver cielo mundo",
            (
                r"para que (?:me )?(?:levantar\w*|despertar\w*)<n4> si (?:nada|ya)|\bahogarme\b(?! en (?:deberes|trabajo|un vaso))|hart[oa] de (?:la|mi|esta) vida|cansad[oa] de (?:la|mi|esta) vida",
                r"(?:unica|ultima) (?:salida|solucion|opcion|escapatoria)<n8> (?:muerte|morir)|me queme<n4> (?:mechero|encendedor|cigarro|cigarrillo)|(?:cuidar|cuides|cuida)<n2> (?:mi|a mi) (?:gato|perro|hermano|hermana)<n8> (?:no voy a volver|si me pasa algo)|estar con su<n2> muert[oa]|mundo seguiria<n2> sin mi",
            ),
        ),
        (
            "despertar aqui mundo esperanza noche existir existiera existo dormirme dormir vivir viva vivo vida qiero kiero desvivir esperanzas estare razon",
            (
                r"(?:ojala|quiero|quisiera|desearia|gustaria|pudiera)<n4> (?:dormirme|dormir|quedarme dormid[oa])<n2> (?:no|nunca) (?:despertar\w*|volver a despertar\w*)|dormir\w* y no despertar",
                r"\b(?:ya )?no (?:quiero|qiero|kiero|deseo) (?:\w+ )?(?:estar (?:aqui|vivo|viva)(?: mas)?(?=\W*$| en este mundo)|seguir aqui\W*$|vivir|existir)(?! (?:en|con|sin|cerca|lejos)\b)|no quiero estar (?:mas )?en este mundo",
                r"(?:ojala|quisiera|desearia) (?:\w+ )?no (?:existiera|existir|haber existido)|(?:hart[oa]|cansad[oa]) de (?:estar viv[oa]|existir|seguir viviendo)|no<n2> (?:ninguna|ni una) razon (?:para|de) (?:seguir )?(?:vivi\w+|estar)",
                r"(?:no (?:me )?queda|sin|perdi(?:do)?(?: toda)?)<n2> esperanzas?\b.{0,80}(?:acab|termin|morir|fin\b)|salir de esta vida|no estare viv[oa]|ya no estare\W*$|para (?:el|entonces|ese)<n4> no estare viv|me quiero desvivir",
                r"esta noche es (?:la|mi) ultima(?: noche)?\W*$|mi ultima noche\W*$|mi vida no vale nada|(?:dice|dijo|creo|siento) que la vida no (?:tiene sentido|vale)",
            ),
        ),
        (
            "acabar acabe pare dolor carga estorbo mejor muriera muero muriese muerto muerta lloraria llorarian notaria extranaria menos falta mate mato nacido adios despedida cuchilla navaja pistola cuerda nudo pastillas analgesicos paracetamol somniferos paracetamoles altura nota carta elegi elegido regalado regale suicidio",
            (
                r"(?:quiero|voy a|va a|quiere|pienso en|pensando en|decidi\w*)<n2> (?:acabar|terminar) con (?:todo\b|mi vida|esta vida)|quiero que (?:todo )?(?:esto )?(?:se )?(?:acabe|termine)(?: todo| ya)?\W*$",
                r"(?:solo|solamente) quiero que (?:el|este|mi) (?:dolor|sufrimiento) (?:pare|termine|acabe|desaparezca)|(?:dolor|sufrimiento) (?:pare|termine|acabe) para siempre",
                r"\b(?:soy|solo soy|sere)<n2> (?:una carga|un estorbo) para\b|(?:mejor|preferible) (?:si|que) (?:me )?(?:muriera|muriese|muero|muriese|no existiera|estuviera muert[oa])|viv\w+<n2> mejor sin mi\b|(?:mejor|felices|facil) (?:sin mi\b|si me muero)",
                r"si me (?:muriera|muero|muriese)<n4> (?:llorar\w*|import\w*|notar\w*|echar\w*)|nadie<n2> (?:notaria|lloraria|extranaria|echaria de menos|echara de menos|se enteraria)<n2> si",
                r"esto es un adios|es mi despedida|no volveran? a (?:saber de|ver)me?|no (?:volveran|volveras|van) a saber (?:mas )?de mi|(?:regale|regalado)<n2> (?:mis|todas mis) cosas|(?:elegi|elegido|escogi)<n4> (?:dia|lugar|fecha)<n8> (?:hacer|hare|matarme|morir)",
                r"(?:cuchilla|navaja|cuchillo|pistola|cuerda)<n8> (?:conmigo|contra mi|en mis? (?:brazos?|munecas?|piel|cuello))",
                r"?(?:como|hacer)<n4> nudo<n4> (?:ahorcar\w*|colgar\w*|horca)",
                r"cuant[oa]s?<n2> (?:tengo que|debo|hay que|necesito)(?: \w+)? (?:tomar\w*|tragar\w*)? ?(?:para )(?:no despertar|morir\w*|matar\w*)",
                r"?de que altura<n4> (?:morir\w*|matar\w*)",
                r"(?:guardando|juntando|acumulando|coleccionando|guarde)<n4> (?:pastillas|analgesicos|medicamentos|somniferos|medicinas)|me (?:trague|tome|he tomado|he tragado) (?:muchas?|un monton de|todas las|demasiadas)<n2> (?:pastillas|medicamentos|paracetamol\w*)",
                r"(?:forma|manera|modo|metodo)s?<n2> (?:menos dolorosa|indolora|sin dolor|rapida) (?:de|para) (?:morir|matar|suicid)\w*|(?:matarme|morir) sin (?:dolor|sufrir)",
                r"?(?:escribir|redactar)<n2> (?:nota|carta) (?:de suicidio|suicida)",
                r"(?:voz|voces)<n8> (?:dicen?|diciendo|pide\w*)(?: que)? (?:me |que me )?(?:mate|muera|corte|tire|haga dano)",
            ),
        ),
        (
            "vias tren coche azotea puente salto saltar venas cortarme corta corto cortes quemo quema arano golpeo cabeza dano funeral entierro merezco desaparecer desapareciendo atropelle cuerpo mensaje intento miedo temo",
            (
                r"(?:estuve|estaba|estoy|subi)<n4> (?:azotea|puente|tejado|techo|balcon|borde)<n4> (?:salt\w+|tir\w+)|\b(?:vias|tren)\b.{0,40}pienso en (?:ponerme|tirarme|saltar|lanzarme)|(?:tirarme|ponerme|lanzarme) (?:al|delante del|debajo del) (?:tren|metro)",
                r"ojala(?: \w+)? me (?:atropell\w+|mat\w+)|(?:abrirme|cortarme) las venas|no (?:puedo|consigo) (?:dejar|parar) de (?:cortarme|hacerme dano|lastimarme)|me hago dano (?:desde|cuando|porque|a mi mism)",
                r"(?:me odio|odio mi cuerpo)\b.{0,50}(?:quem|cort|golp|aran|castig)\w*|me (?:corto|quemo|arano|golpeo|pego)<n8> (?:sangr\w+|sentir|cada vez|cuando|pared|a proposito)(?!.{0,20}(?:cocin|afeit))|no como<n4> desaparec\w+",
                r"\b(?:amig[oa]|herman[oa]|novi[oa]|companer[oa]|prim[oa]|hij[oa]|chic[oa])<n8> (?:se corta\b(?! el pelo)|los cortes (?:de|en) sus?|se hace dano|se lastima|se autolesiona)",
                r"\b(?:amig[oa]|herman[oa]|novi[oa]|companer[oa])<n8> (?:mensaje|carta|nota) de despedida|(?:miedo|temo)<n4> que (?:mi|se)<n4> (?:haga (?:algo|dano)|mate|suicide)\b|intento (?:matarse|suicidarse|ahorcarse)",
                r"imagino<n2> (?:mi )?(?:propio )?(?:funeral|entierro)|merezco (?:morir|estar muert)",
                r"?(?:pienso|pensar|pensando|dejo de pensar)<n4> desaparecer (?:para siempre|del todo)",
            ),
        ),
    ),
    "fr": (
        (
            "lever noyer vie issue mort briquet chat chien reviendrai rejoindre monde",
            (
                r"a quoi bon<n2> (?:lever|reveiller|continuer)|\bme noyer\b|(?:fini|marre|assez|ras le bol) (?:avec|de) (?:la|ma|cette) vie|(?:seule|derniere) (?:issue|solution|sortie|option)<n8> (?:mort|mourir)",
                r"me suis<n2> brulee?<n4> (?:briquet|cigarette)|(?:garder|occuper|nourrir)<n2> mon (?:chat|chien|petit frere)<n8> (?:arrive quelque chose|reviendrai pas)|(?:ne )?reviendrai (?:pas|plus)\W*$|(?:rejoindre|retrouver) (?:son|sa|mon|ma) \w+ morte?\b|monde<n4> (?:bien |tres bien )?sans moi",
            ),
        ),
        (
            "reveiller exister vivre vie terre monde espoir nuit la monde m'endormir endormir serai finisse",
            (
                r"(?:aimerais|voudrais|veux|envie de|pouvoir)<n2> (?:m'endormir|dormir)<n2> (?:et )?(?:ne )?(?:jamais|plus|pas)<n2> reveiller",
                r"\bje ?(?:ne )?(?:veux|voudrais) (?:plus|pas) (?:etre la\W|etre (?:sur cette terre|en vie|ici\W*$|de ce monde)|vivre\W*$|exister)|\bjveux (?:plus|pas) (?:vivre|etre la)|sur cette terre\W*$",
                r"(?:aimerais|voudrais|prefererais) ne (?:pas|plus) exister|(?:marre|fatiguee?|assez|lasse) d'(?:etre en vie|exister)|(?:aucune|pas de|plus de|pas une) raison<n2> (?:de )?(?:continuer (?:a )?)?(?:de )?vivre",
                r"(?:plus|pas|aucun)(?: d)?'? ?espoir\b.{0,80}(?:fini|arret|mour|crever)\w*|sortir de cette vie|(?:ne )?serai plus (?:en vie|de ce monde)|demain je ne serai plus(?: la)?\b",
                r"(?:ce soir|cette nuit)<n4> (?:ma|la) derniere(?: nuit| soiree)?\W*$|(?:ma|la) vie ne (?:sert a rien|vaut rien)|(?:dit|pense|crois)<n2> que? ?la vie ne (?:sert|vaut)|ma derniere nuit",
            ),
        ),
        (
            "finir arrete fardeau poids mourais meure mort morte mourir remarquerait pleureraient manquerais adieu entendrez lame couteau noeud comprimes cachets medicaments antidouleurs paracetamol somniferes hauteur lettre choisi donne voix tuer tue douloureuse indolore souffrir air mieux souffrance douleur pendre l'air",
            (
                r"(?:veux|vais|va|veut|envie d|pense a|penser a|decide d|besoin d)'? ?(?:en finir)\b(?! avec (?:ce|cet|cette|les|mes|mon) (?:devoir|exercice|exo|chapitre|cours)\w*)|me foutre en l'air",
                r"(?:juste|seulement|veux)<n2> que (?:la|cette|ma|toute cette) (?:douleur|souffrance)<n2> s'(?:arrete|en aille)|plus d'espoir\b.{0,60}que ca (?:finisse|s'arrete)",
                r"\bje (?:ne )?suis<n4> (?:un (?:poids|fardeau)|une charge) pour\b|(?:mieux|plus simple|plus facile|plus heureux) (?:si (?:j'etais morte?|je mourais|jetais morte?)|que je meure|sans moi\b)",
                r"si je (?:mourais|meurs|disparaissais)<n4> (?:pleurer\w*|remarquer\w*|manquer\w*)|personne<n2> (?:remarquerait|pleurerait|verrait)<n2> si je|(?:ne )?manquerais a personne",
                r"c'est un adieu|n'entendrez? plus (?:jamais )?parler de moi|donne<n2> (?:toutes )?mes affaires\b.{0,30}plus|(?:choisi|fixe)<n4> (?:jour|endroit|date|lieu)<n8> (?:ferai|le faire|mourir|sauter)",
                r"(?:lame|couteau|rasoir|cutter|corde|pistolet)<n8> sur (?:moi|mes? (?:bras|poignets?|peau))",
                r"?(?:comment|faire)<n4> n(?:oe|œ)ud<n4> pendre|\bme pendre\b",
                r"combien (?:de|d')<n4> (?:pour|avant de) (?:ne (?:pas|plus) se? ?reveiller|mourir|se tuer|me tuer)",
                r"?de quelle hauteur<n8> mourir|ne (?:pas|plus) se reveiller\W*$",
                r"(?:mets de cote|garde|accumule|cache|stocke|collectionne)<n4> (?:medicaments|antidouleurs|cachets|comprimes|somniferes)|(?:avale|pris) (?:plein|beaucoup|trop|tous?|toutes)<n2> (?:cachets|medicaments|comprimes)",
                r"(?:facon|maniere|moyen|methode)s?<n2> (?:la )?(?:moins douloureuse|indolore|sans (?:douleur|souffrir)) (?:de|pour) (?:mourir|se tuer)|(?:me tuer|mourir) sans (?:souffrir|douleur|avoir mal)|me tuer\W*$|\bje me tue\W*$|\bje me tue,? (?:je|c'est) ",
                r"\b(?:jvais|je vais|jveux|je veux) me (?:tuer|buter|foutre)\b",
                r"?(?:ecrire|rediger|aide moi)<n4> lettre de suicide|voix<n8> (?:dit|disent|demande)<n2> (?:de )?(?:me )?(?:tuer|mourir|sauter|couper)",
            ),
        ),
        (
            "rails train toit voiture couper coupe coupures brule griffe tape cogne tete enterrement funerailles merite disparaitre blesse mutile coupent corps ami amie frere soeur copain copine mere pere garcon fille message fasse",
            (
                r"(?:etais|suis|monte|debout)<n4> (?:toit|pont|rebord|balcon|bord)<n4> (?:failli|sauter)|(?:rails|voie|quai)\b.{0,40}(?:pense a|envie de) (?:me (?:mettre|jeter)|sauter)|me (?:jeter|mettre) (?:devant|sous) (?:le|un) (?:train|metro)",
                r"(?:espere|aimerais|faudrait) qu'une (?:voiture|camion)<n2> (?:me )?(?:renvers\w*|ecras\w*|percut\w*)|m'ouvrir les veines|(?:arriv\w*|peux)<n4> arreter de me (?:couper|faire (?:du )?mal|mutiler)",
                r"(?:me deteste|deteste mon corps|me hais)\b.{0,50}\b(?:brule|coupe|frappe|griffe|punis)\b|je me (?:coupe|brule|griffe|tape|cogne|frappe)<n8> (?:sang|sentir|mur|chaque|expres|quand)\b(?!.{0,20}cuisin)|mange (?:plus|pas|rien)<n4> disparaitre",
                r"\b(?:ami|amie|frere|soeur|copine|copain|fille|fils|garcon|cousine?)<n8> (?:se coupe\b(?! les cheveux)|(?:coupures|cicatrices|entailles) sur (?:ses|les) bras|se fait (?:du )?mal|veut mourir|voulait mourir)",
                r"\b(?:ami|amie|frere|soeur|copine|copain)<n8> (?:message|lettre|mot) d'adieu|(?:peur|crains)<n4> que (?:ma|mon|elle|il)<n4> se (?:fasse|tue|suicide)\b",
                r"imagine<n2> (?:mon )?(?:propre )?(?:enterrement|funerailles)|(?:je|merite) merite de mourir|\bmerite de mourir",
                r"?(?:pense|penser|envie)<n4> disparaitre pour (?:toujours|de bon)",
            ),
        ),
    ),
    "de": (
        (
            "aufstehen ertranken leben ausweg tod feuerzeug zigarette katze hund komme himmel welt",
            (
                r"wozu<n2> (?:jeden morgen )?(?:aufstehen|aufwachen)|\bmich<n8> ertranken\b|fertig mit (?:dem|meinem) leben|(?:satt|leid|mude)<n2> (?:das|dieses|mein) leben|(?:das|dieses|mein) leben (?:satt|leid)",
                r"(?:einzige[rn]?|letzte[rn]?) (?:ausweg|losung|weg)<n8> (?:tod|sterben)|mich<n2> mit (?:dem |einem |einer |der )?(?:feuerzeug|zigarette)<n2> verbrannt|(?:katze|hund)<n8> (?:mir<n4> passiert|komme nicht (?:wieder|mehr|zuruck))|zu (?:ihrem|seinem|meinem|meiner) toten|welt<n4> ohne mich weiter",
            ),
        ),
        (
            "aufwachen aufzuwachen welt leben lebe lebens weiterleben weiterzuleben gabe nacht mer dasein hoffnung da existieren erde",
            (
                r"(?:einschlafen|schlafen)<n2> (?:und )?(?:nie|nicht)<n2> (?:mehr |wieder )?aufwachen|(?:nie|nicht) (?:mehr|wieder) aufzuwachen",
                r"\bich (?:will|mochte|mag)<n2> (?:nicht|nich|nimmer|ned|net) (?:mehr|mer|meer|langer)(?: (?:hier|so|weiter|einfach|lange))? (?:da ?sein|leben|existieren|auf (?:der|dieser) (?:welt|erde)|hier sein\W*$)",
                r"wunsch(?:te|e)<n2> (?:es )?(?:gabe mich nicht|ich (?:existierte|ware) nicht|dass es mich nicht)|(?:satt|leid|mude)<n2> am leben zu sein|kein(?:en)? (?:grund|sinn)<n2> (?:weiter ?zu ?leben|mehr zu leben|am leben)",
                r"keine(?:rlei)? hoffnung\b.{0,80}(?:vorbei|ende|sterb|aufhor)\w*|(?:raus|weg) aus diesem leben|lebe ich (?:eh |sowieso |dann )?(?:nicht|nimmer) mehr|morgen bin ich nicht mehr (?:da|am leben|hier)\W*$",
                r"(?:heute|das)(?: nacht)? ist meine letzte nacht|meine letzte nacht\W*$|(?:sagt|denke|finde)<n2> das leben (?:ist|hat) (?:sinnlos|keinen sinn)|mein leben ist nichts wert",
            ),
        ),
        (
            "ende schluss schmerz schmerzen last belastung sterbe sterben tot besser leichter weinen vermissen merken abschied abschiedsbrief abschiedsnachricht rasierklinge klinge messer strick galgen paracetamol tabletten schmerztabletten schlaftabletten hohe ausgesucht verschenkt stimme umbringen bringe bring umzubringen umbringe kugel suizid selbstmord gehts schmerzlose",
            (
                r"(?:will|mochte|werde)<n2> (?:allem|mir|meinem leben|dem) ein ende|(?:denke|will|dass|macht?)<n8> schluss<n2> mit (?:allem|(?:dem|ihrem|seinem|meinem) leben)|schluss zu machen mit (?:allem|dem leben)",
                r"(?:nur|einfach)<n2> dass (?:der|dieser|mein|das) (?:schmerz|leid|leiden)<n4> (?:aufhort|endet|vorbei)|ich (?:bin|werd\w*)<n4> (?:nur |bloss )?(?:eine )?(?:last|belastung) (?:fur|\w*$)|\bbin<n4> nur eine (?:last|belastung)",
                r"(?:besser|leichter|glucklicher|gut|gehts besser|geht's besser)(?: dran)?,? wenn ich (?:\w+ )?(?:sterbe|tot bin|weg bin|nicht mehr (?:da )?bin)|ohne mich<n4> (?:leichter|besser)|(?:besser|leichter) ohne mich",
                r"wenn ich (?:sterbe|sterben wurde|tot ware|weg ware|tot bin)<n8> (?:weinen|vermissen|merken|interessieren)|(?:keiner|niemand)<n2> (?:merken|vermissen|weinen|interessieren)<n4> (?:tot|weg|sterb)\w*|vermissen,? wenn ich weg",
                r"(?:das|dies) ist (?:ein|mein) abschied|hort nie (?:wieder|mehr)(?: was| etwas)? von mir|meine sachen verschenkt|(?:tag|ort|datum)<n4> (?:schon |bereits )?ausgesucht<n8> (?:mache|tue|sterbe|springe)\b",
                r"(?:rasierklinge|klinge|messer|pistole|strick)<n8> (?:bei mir|an mir|gegen mich|auf mich)",
                r"?(?:wie|einen)<n4> (?:strick|galgenknoten|schlinge)<n4> erhang\w*|mir die kugel geben",
                r"(?:wie ?viele)<n4> (?:muss|soll|sollte|brauche) (?:ich|man)<n4> (?:nicht mehr|nie mehr|sterben|tot|umzubringen)",
                r"?aus welcher hohe<n8> sterben",
                r"(?:sammle|sammel|horte|spare|hebe|verstecke)<n8> (?:tabletten|schmerztabletten|schlaftabletten|pillen|medikamente)|habe?<n2> (?:ganz |so |zu )?(?:viele|alle)<n2> (?:tabletten|pillen|schlaftabletten|schmerztabletten) (?:geschluckt|genommen)",
                r"(?:schmerzlose\w*|am wenigsten schmerzhafte\w*|schnellste) (?:art|weg|methode|moglichkeit) (?:zu )?(?:sterben|sich umzubringen)",
                r"?(?:schreiben|hilf mir)<n8> (?:abschiedsbrief|selbstmordbrief)<n4> (?:selbstmord|suizid|tod)\b|ich denke<n4> (?:oft|viel|standig|immer) an (?:suizid|selbstmord|den tod)",
                r"(?:bring|bringe) (?:ich )?mich (?:heute )?um\b(?! (?:wenn|mit) (?:wir|du))|ich bring mich um|stimme<n8> (?:mich umbringen|soll mich|sterben|springen)",
                r"ich will<n4> (?:nur noch |nur |endlich )sterben\b|bruder<n4> versucht sich umzubringen|(?:bruder|schwester|freund|freundin|mutter|vater)<n4> (?:hat|wollte|will)<n2> versucht,? sich (?:umzubringen|zu erhangen|das leben)",
            ),
        ),
        (
            "gleise zug dach brucke auto ritzen ritze schneide schneiden schnitte verbrenne kratze schlage kopf beerdigung verdiene verschwinden verschwinde korper freund freundin bruder schwester mutter vater junge madchen antut haut",
            (
                r"(?:stand|stehe|sass|war)<n2> ich<n4> (?:dach|brucke|kante|balkon)<n4> (?:gesprungen|springen)|ich (?:stand|war)<n4> (?:dach|brucke)<n4> (?:gesprungen|springen)|gleise\b.{0,40}(?:mich vor|stell|spring|leg)\w*|mich vor (?:den|einen) zug",
                r"(?:hoffentlich|wunschte)<n2> (?:uberfahrt|uberfahre|erfasst) mich|(?:kann|schaffe)<n4> (?:nicht )?aufhoren,? mich zu (?:ritzen|schneiden|verletzen)",
                r"(?:hasse mich|hasse meinen korper)\b.{0,50}\b(?:verbrenn|schneid|ritz|schlag|kratz)\w*|ich (?:schneide|ritze|verbrenne|kratze) (?:mich|mir)<n8> (?:fuhlen|blutig|blut|haut|wenn|jedes mal|absichtlich)|(?:schneide|kratze) (?:ich )?(?:mich|mir)<n4> (?:um (?:etwas|was) zu (?:fuhlen|spuren)|blutig)|(?:schlage|hau|haue)<n2> (?:mir )?(?:meinen |den )?kopf (?:gegen|an) (?:die|eine) wand",
                r"ich esse (?:nichts|nicht)<n4> verschwind\w*|(?:freund|freundin|bruder|schwester|junge|madchen|tochter|sohn)<n8> (?:ritzt sich|schnitte an (?:seinen|ihren|den) armen|narben an (?:seinen|ihren))|(?:freund|freundin|bruder|schwester)<n4> (?:abschiedsnachricht|abschiedsbrief)",
                r"(?:angst|furchte|sorge)<n4> dass<n4> sich (?:etwas |was )?(?:antut|umbringt)|stelle mir<n4> (?:meine )?(?:eigene )?beerdigung vor|verdiene es,? zu sterben",
                r"?denke<n4> (?:fur immer zu verschwinden|verschwinden)|mich mit \w+ (?:die beine|die arme) blutig",
            ),
        ),
    ),
    "it": (
        (
            "alzarmi annegarmi vita via uscita morte accendino gatto cane tornero morto cielo mondo",
            (
                r"a che serve (?:alzarmi|svegliarmi|continuare)|\bannegarmi\b|(?:chiuso con|stufo della|stufa della|stanco della|stanca della) (?:la )?(?:mia )?vita|(?:unica|ultima) (?:via d'uscita|uscita|soluzione|via)<n4> (?:morte|morire)",
                r"(?:mi sono )?bruciat[oa]<n4> (?:accendino|sigaretta)|(?:mio )?(?:gatto|cane)<n8> (?:mi succede|non tornero)|non tornero(?: piu)?\W*$|(?:stare|essere) con (?:suo|sua|mio|mia)<n2> mort[oa]|mondo<n4> avanti<n2> senza di me",
            ),
        ),
        (
            "domani svegliarmi risvegliarmi esistere viva vivo vivere vita mondo terra qui speranza notte stanotte finisca finito addormentarmi",
            (
                r"(?:vorrei|voglio|potessi)<n2> (?:addormentarmi|dormire)<n2> (?:e )?(?:non|mai)<n2> (?:svegliarmi|risvegliarmi)|non svegliarmi (?:mai )?piu",
                r"\bn(?:on|n) voglio (?:piu )?(?:stare qui\W|stare (?:al|a questo) mondo|essere (?:viv[oa]|qui\W*$)|vivere\W*$|vivere piu|esistere)|su questa terra\W*$|vorrei non esistere",
                r"(?:stanc[oa]|stuf[oa]) di (?:essere viv[oa]|esistere|vivere)|(?:nessun|non ho|senza) (?:piu )?(?:motivo|motivi|ragione|ragioni)<n2> (?:per|di) (?:continuare a )?vivere",
                r"(?:piu|nessuna|senza) speranza\b.{0,80}(?:finit|finisc|morir|mett)\w*|uscire da questa vita|non saro piu viv[oa]|(?:domani|presto) non ci saro piu|voglio che (?:sia tutto finito|finisca tutto|tutto finisca)|vita<n4> voglio che finisca",
                r"(?:stanotte|questa|oggi)<n2> e la mia ultima(?: notte)?|la mia ultima notte\W*$|(?:dice|penso|credo) che la vita non (?:serve|ha senso|vale)|la mia vita non vale",
            ),
        ),
        (
            "finita peso dolore morissi morta morto morire piangerebbero accorgerebbe mancherei addio lametta coltello nodo pastiglie pillole antidolorifici paracetamolo sonniferi altezza lettera scelto regalato voce uccidermi ammazzo uccido doloroso mezzo togliermi togliere uccidersi suicidio impiccarsi",
            (
                r"(?:vuole|voglio|penso di|pensa di|penso a|pensato di|deciso di)<n2> (?:farla finita|finirla(?: qui)?\b)|(?:togliermi|mi voglio togliere) di mezzo|voglio (?:solo|soltanto) che (?:il|questo|tutto il) (?:dolore|male)<n2> (?:smetta|finisca|passi)",
                r"\bsono<n4> un (?:peso|ostacolo) per\b|(?:meglio|felici|vivrebbero meglio|piu facile) (?:se (?:morissi|fossi mort[oa]|non ci fossi)|senza di me)",
                r"se (?:io )?(?:morissi|muoio|sparissi|fossi mort[oa])<n4> (?:pianger\w*|accorger\w*|mancher\w*|import\w*)|nessuno<n2> (?:accorgerebbe|piangerebbe)|non mancherei a nessuno",
                r"(?:questo|questa) e (?:un|il mio) addio|(?:non avrete|non avrai) piu (?:mie notizie|notizie)|(?:regalato|dato via)<n2> (?:tutte )?le mie cose|(?:scelto|deciso)<n4> (?:giorno|posto|luogo|data)<n8> (?:faro|farlo|morire)",
                r"(?:lametta|coltello|pistola|corda)<n8> su di me",
                r"?(?:come|fare|fa)<n4> nodo<n4> impicc\w*|quant[oaie]<n4> (?:devo|dovrei|bisogna)<n2> (?:prendere )?(?:per|e) (?:non (?:svegliar\w+)|morire|uccider\w+)",
                r"?da che altezza<n8> morire",
                r"(?:metto|mettendo|tengo|raccolgo|conservo|nascondo)<n4> (?:antidolorifici|pillole|pastiglie|sonniferi|medicine)|ho (?:ingoiato|preso) (?:tante|troppe|tutte le|un sacco di|molte)<n2> (?:pastiglie|pillole|medicine|compresse)",
                r"(?:modo|metodo|maniera)<n2> (?:meno doloroso|indolore|senza dolore|piu veloce) (?:di|per) (?:morire|uccider\w+|suicid\w+)|(?:uccidermi|morire) senza (?:dolore|soffrire)",
                r"?(?:scrivere|aiutami)<n4> lettera (?:di suicidio|d'addio prima)",
                r"\bmi (?:ammazzo|uccido)\b(?! (?:di|dalle|dal)\b)|voc[ei]<n8> (?:dice|dicono|ordina)<n2> (?:di )?(?:uccidermi|ammazzarmi|morire|tagliarmi|buttarmi|farla)|tentato il suicidio|(?:provato|tentato) (?:a|di) (?:uccidersi|ammazzarsi|suicidarsi|impiccar\w+)",
            ),
        ),
        (
            "binari treno tetto macchina auto tagliarmi taglia taglio tagli brucio graffio sbatto testa funerale merito sparire corpo amica amico fratello sorella ragazzo ragazza madre padre faccia messaggio braccia",
            (
                r"(?:ero|sono|stavo|salit[oa])<n4> (?:tetto|ponte|bordo|balcone|cornicione)<n4> salt\w+|binari\b.{0,40}(?:mettermi|buttarmi|saltare|gettarmi)|(?:mettermi|buttarmi|gettarmi) (?:davanti al|sotto al|sotto il|sotto un) (?:treno|metro)",
                r"(?:spero|vorrei) che (?:una|un) (?:macchina|auto|camion|treno)<n2> mi (?:invest\w*|travolg\w*|uccid\w*)|non (?:riesco a|posso) (?:smettere|fare a meno) di (?:tagliarmi|farmi (?:del )?male)",
                r"(?:mi odio|odio il mio corpo)\b.{0,50}\b(?:brucio|taglio|graffio|colpisco|punisco)\b|mi (?:taglio|brucio|graffio|faccio male)<n8> (?:sanguin\w+|sentire|ogni volta|quando|apposta)\b(?!.{0,20}(?:cucin|barba))|sbatto la testa<n8> (?:muro|ogni volta)|non mangio<n4> sparire",
                r"(?:amic[oa]|fratello|sorella|ragazz[oa]|compagn[oa]|cugin[oa])<n8> (?:si taglia\b(?! i capelli)|tagli sulle braccia|si fa del male|(?:messaggio|lettera) d'addio)|(?:paura|temo)<n4> che<n4> si (?:faccia qualcosa|uccida|ammazzi|faccia del male)",
                r"immagino<n2> (?:il )?(?:mio )?(?:proprio )?funerale|merito di morire",
                r"?pens(?:o|ando)<n4> sparire per sempre",
            ),
        ),
    ),
    "pt": (
        (
            "levantar acordar afogar vida saida morte isqueiro gato cachorro voltar morto ceu mundo cansei",
            (
                r"pra que (?:levantar|acordar)<n4> se|\bme afogar (?:no|na|em um|num)\b(?! (?:trabalho|licao))|(?:cansei|farto|farta|cansad[oa]) da (?:minha )?vida|(?:unica|ultima) (?:saida|solucao|opcao)<n4> (?:morte|morrer)",
                r"me queimei<n4> (?:isqueiro|cigarro)|(?:meu )?(?:gato|cachorro)<n8> (?:acontecer algo|nao vou voltar)|ficar com o<n2> morto|mundo<n4> (?:igual|bem) sem mim",
            ),
        ),
        (
            "acordar existir viva vivo viver vida mundo esperanca noite aqui desviver dormir razao motivo",
            (
                r"(?:queria|quero|gostaria|pudesse)<n2> dormir<n2> (?:e )?(?:nunca|nao)<n2> acordar|nunca mais acordar",
                r"\bn(?:ao)? quero (?:mais )?(?:estar aqui\W|estar viv[oa]|viver\W*$|existir|viver mais)|nao quero (?:mais )?(?:estar|ficar|viver) nes[st]e mundo|(?:queria|quero) nao existir|quero me desviver",
                r"cansad[oa] de (?:estar viv[oa]|existir)|(?:nenhuma|nao vejo|sem|nao tenho)(?: mais)?(?: nenhuma)? (?:razao|motivo) (?:pra|para|de) (?:continuar )?viv\w+",
                r"(?:mais|nenhuma|sem) esperanca\b.{0,80}(?:acab|termin|morr)\w*|sair dess[ae] vida|nao vou (?:mais )?estar (?:mais )?viv[oa]|amanha (?:eu )?nao vou (?:mais )?estar (?:mais )?aqui\W*$|vida<n4> quero que acabe",
                r"(?:hoje|esta noite) e (?:a )?minha ultima noite|minha ultima noite\W*$|(?:diz|disse|acho|sinto) que a vida nao (?:vale|tem sentido|faz sentido)|minha vida nao vale",
            ),
        ),
        (
            "acabar dor fim peso morresse morrer morta morto chorar notaria falta adeus despedida gilete faca no comprimidos analgesicos paracetamol paracetamois remedios altura carta escolhi dei voz matar mato doloroso suicidio dar enforcar sumisse",
            (
                r"(?:quero|vou|vai|quer|penso em|pensando em|decidi)<n2> (?:acabar com (?:tudo|a minha vida|minha vida)|dar um fim n[ao]s? (?:minha vida|tudo|isso))|(?:so|apenas) quero que (?:a|essa|minha) (?:dor|angustia)<n2> (?:pare|acabe|suma)|esperanca\b.{0,50}so quero que acabe",
                r"\bsou<n4> (?:um )?(?:peso|fardo|estorvo) (?:pra|para)\b|(?:melhor|mais facil|feliz\w*) (?:se eu (?:morresse|estivesse mort[oa]|nao existisse|sumisse)|sem mim)",
                r"se eu (?:morresse|morrer|sumisse)<n4> (?:chor\w*|not\w*|lig\w*|sent\w*)|ninguem<n2> (?:notaria|choraria|sentiria|ligaria)<n4> se eu",
                r"(?:isso|isto) e um adeus|nao vao (?:mais )?(?:ouvir falar|saber) de mim|dei<n2> (?:todas )?(?:as )?minhas coisas|escolhi<n4> (?:dia|lugar|data)<n8> (?:fazer|morrer|matar)",
                r"(?:gilete|faca|lamina|arma|corda)<n8> (?:em mim|contra mim|nos meus)",
                r"?(?:como|fazer|faz)<n4> no<n4> enforcar|quantos?<n4> (?:tenho que|devo|preciso)<n2> (?:tomar)?<n2> (?:pra|para) (?:nao acordar|morrer|me matar)",
                r"?de que altura<n8> morrer",
                r"(?:juntando|guardando|escondendo|estocando|guardei)<n4> (?:comprimidos|analgesicos|remedios|pilulas)|(?:engoli|tomei) (?:um monte de|muitos|varios|todos os|demais)<n2> (?:comprimidos|remedios|pilulas)",
                r"(?:jeito|forma|maneira|metodo)<n2> (?:menos doloros[oa]|indolor|sem dor|mais rapid[oa]) (?:de|pra|para) (?:morrer|se matar|me matar)|(?:me matar|morrer) sem (?:dor|sofrer)",
                r"?(?:escrever|ajuda)<n4> carta de suicidio",
                r"\b(?:vou me matar|eu me mato)\b(?! de (?:rir|estudar|trabalhar))|voz(?:es)?<n8> (?:mand\w*|diz\w*|fal\w*)<n4> (?:me matar|morrer|me cortar|pular)",
            ),
        ),
        (
            "trilhos trem terraco predio carro cortar corta corto cortes queimo arranho machuco bato cabeca enterro funeral mereco sumir sumindo desaparecer corpo amiga amigo irmao irma menino menina mae pai mensagem bracos quer",
            (
                r"(?:fiquei|estava|subi|estou)<n4> (?:terraco|ponte|predio|beira|sacada|telhado)<n8> (?:pulei|pular|saltei|me jogar)|trilhos\b.{0,40}(?:ficar|me jogar|pular|deitar)|(?:me jogar|ficar|pular) na frente d[oe] (?:trem|metro|um carro|onibus)",
                r"(?:tomara|espero|queria) que<n2> (?:carro|onibus|caminhao)<n2> me (?:atropel\w*|mat\w*)|nao (?:consigo|posso) parar de me (?:cortar|machucar)|me machuco (?:desde|quando|porque|de proposito)",
                r"(?:me odeio|odeio (?:o )?meu corpo)\b.{0,50}\b(?:queimo|corto|arranho|bato|castigo)\b|(?:me corto|me queimo|arranho (?:as|os)|me machuco)<n8> (?:sangrar|sentir|quando|toda vez|de proposito)\b(?!.{0,20}cozinh)|bato (?:a|minha) cabeca<n8> (?:parede|toda vez)|nao como<n4> (?:sumi\w+|desaparec\w+)",
                r"(?:amig[oa]|irma|irmao|namorad[oa]|prim[oa]|colega|menin[oa])<n8> (?:se corta\b|cortes nos bracos|se machuca de|quer morrer|(?:mensagem|carta) de despedida)|(?:medo|receio)<n4> que<n4> (?:faca alguma coisa com (?:ela|ele)|se mate|se machuque)",
                r"imagino<n2> (?:o )?(?:meu )?(?:proprio )?(?:enterro|funeral|velorio)|mereco morrer",
                r"?pens(?:o|ar|ando)<n4> (?:desaparecer|sumir) (?:para|pra) sempre",
            ),
        ),
    ),
}

STUDY = r"\b(?:historia|biografia|biographie|biography|fabula)\b"
"""More words of a topic to study."""

BENIGN = (
    r"(?:no puedo vivir|vivir) sin (?:la |el |mi |mis )?(?:musica|cafe|chocolate|movil|internet|futbol|telefono|libros|perro|gato|sol|agua|oxigeno)",
    r"(?:ne )?(?:peux|puisse) (?:pas|plus) vivre sans (?:la |le |mon |ma |mes )?(?:musique|cafe|chocolat|telephone|internet|foot|livres|soleil|eau|oxygene)",
    r"(?:nao consigo|nao posso|nao vivo) viver sem (?:a |o |meu |minha )?(?:musica|cafe|chocolate|celular|internet|futebol|livros|agua|sol)",
    r"(?:rather|sooner) die than (?:sing|speak|talk|present|ask|eat|wear|do|read|write|dance|miss|lose|admit)\b|(?:prefiero|prefiro) (?:morir|morirme|morrer)(?: antes)? (?:que|do que)(?: a)? (?:cantar|hablar|falar|comer|bailar|leer|ler|preguntar|perguntar)",
    r"plutot mourir que(?: de)? (?:chanter|parler|manger|danser|lire|demander)|lieber sterben,? als \w+(?: \w+){0,3} (?:zu )?(?:singen|reden|sprechen|essen|tanzen|lesen|fragen)|preferirei morire (?:piuttosto )?che (?:cantare|parlare|mangiare|ballare|leggere)",
    r"(?:parents|mum|mom|dad|mother|father|teacher|brother|sister|wife|boss) (?:is|are|will)?(?: going to| gonna)? kill me|(?:padres|mama|madre|papa) me (?:va|van) a matar|(?:pais|mae|pai) (?:vai|vao) me matar|(?:parents|mere|pere) (?:va|vont) me tuer|(?:miei|mamma|genitori) mi (?:ammazz|uccid)\w+|(?:eltern|mutter|vater|mama) bring(?:t|en) mich um",
)
