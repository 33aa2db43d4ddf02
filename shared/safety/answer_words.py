"""What must not be said to a learner, in the six languages of Latin script: data for `shared.safety.harmful_answers`.

Regular expressions in folded form (`shared.safety.folding`), by language. `URGED` tells the reader to die or to hurt themselves, `WAYS` gives
them a way or a dose, `RECIPES` the making of a weapon, a poison or a drug, `ERASED` calls for a group to be wiped out, `MINORS` speaks to
or of children as of sexual objects. A space stands for any space, an orders' mood for an order: what is told of others is none.
"""

_FROM_20 = r"(?:[2-9]\d|\d{3})"
_TO_17 = r"(?:[1-9]|1[0-7])"

URGED: dict[str, str] = {
    "en": (
        r"(?:^|[.!?:;\n\"(*-] ?|, |\b(?:just|please|now go|so go|should(?: just| really)?|must|ought to|need to|have to|deserve to|why don'?t you(?: just)?|why not|time to|better|and) )"
        r"(?:go (?:and )?|just |please |now |then )*(?:kill|hang|shoot|drown|unalive|strangle) yourself\b"
        r"|(?:^|[.!?:;\n\"(*-] ?|\b(?:should(?: just| really)?|must|why don'?t you(?: just)?) )(?:go (?:and )?|just |please )*(?:(?:cut|hurt|harm|burn|starve) yourself(?! (?:a|an|some|short|off|out|loose|in half)\b)|end your (?:own )?life\b|take your own life|commit suicide|(?:slit|slash|cut) your (?:wrists?|veins?)\b)"
        r"|\byou (?:should|must|deserve to|ought to|need to) (?:just )?(?:die\b(?! (?:in the game|of|for))|be dead)|(?:^|[.!?\n] ?)(?:just )?go (?:and )?die\b"
        r"|\b(?:world|everyone|everybody|family|we|they|people)(?:'s| is|'d be| would(?: all)? be| will be| are|'re) (?:so |much |far )*better (?:off )?without you\b"
        r"|\b(?:nobody|no one|noone) (?:would|will|'ll|'d) (?:even |ever )?miss you\b"
    ),
    "es": (
        r"(?:^|[.!?:;\n\"(¡*-] ?|\b(?:anda y|ve y|solo|simplemente|y|pues) )(?:matate|suicidate|ahorcate|quitate la vida|cuelgate|muerete)\b"
        r"|\b(?:deberias|debes|tienes que|mereces|por que no) (?:matarte|suicidarte|ahorcarte|quitarte la vida|morirte?|te (?:matas|suicidas))\b"
        r"|\b(?:mundo|todos|familia|todo el mundo) (?:\w+ ){0,2}(?:mejor|mas feliz\w*) sin ti\b|\bnadie te (?:echara de menos|echaria de menos|va a extranar|extranar\w*)"
    ),
    "fr": (
        r"(?:^|[.!?:;\n\"(*-] ?|\b(?:vas-y,?|alors|et) )(?:tue[- ]toi|suicide[- ]toi|pends[- ]toi|va (?:te (?:tuer|suicider|pendre)|mourir|crever)|donne[- ]toi la mort)\b"
        r"|\b(?:tu (?:devrais|dois|merites de)|il faut que tu|pourquoi ne pas) (?:(?:te|vous) (?:tuer|suicider|pendre|tues|suicides)|mourir|crever|mettre fin a (?:tes jours|ta vie))\b|\bvous devriez vous (?:tuer|suicider)"
        r"|\b(?:monde|tous|famille) (?:\S+ ){0,3}mieux sans toi\b|\bpersonne (?:ne )?(?:te regrettera\w*|te regretterait|te pleurera\w*)|\btu ne manquer\w+ a personne"
    ),
    "de": (
        r"(?:^|[.!?:;\n\"(*-] ?|\b(?:geh und|dann|einfach|und|los,?) )(?:tote dich|bring dich (?:doch )?(?:einfach )?um|hang dich (?:doch )?auf|erhang dich|erschiess dich|begeh selbstmord|nimm dir das leben)\b"
        r"|\b(?:du )?(?:solltest|musst|sollst|verdienst es,?)(?: du)? (?:dich (?:\w+ )?(?:umbringen|toten|erhangen|aufhangen|umzubringen)|dir (?:\w+ )?das leben nehmen|sterben\b|zu sterben|selbstmord begehen)"
        r"|\b(?:welt|alle|familie|allen) (?:\w+ ){0,3}besser (?:\w+ )?ohne dich\b|\bohne dich (?:ware|ginge es|geht es) (?:\w+ ){0,4}besser|\bniemand (?:wurde|wird) dich vermissen"
    ),
    "it": (
        r"(?:^|[.!?:;\n\"(*-] ?|\b(?:vai e|allora|e|dai,?) )(?:ucciditi|ammazzati|suicidati|impiccati|togliti la vita|muori)\b"
        r"|\b(?:dovresti|devi|meriti di|perche non) (?:(?:ucciderti|ammazzarti|suicidarti|impiccarti|toglierti la vita|morire)|ti (?:uccidi|ammazzi|suicidi))\b"
        r"|\b(?:mondo|tutti|famiglia) (?:\w+ ){0,3}meglio senza di te\b|\bnessuno (?:sentirebbe|sentira) la tua mancanza|\bnon mancheresti a nessuno"
    ),
    "pt": (
        r"(?:^|[.!?:;\n\"(*-] ?|\b(?:va e|entao|e|vai,?) )(?:se mate|mate-se|mata-te|se mata|suicide-se|suicida-te|se enforque|enforca-te|tire a propria vida|tire a sua vida|morra)\b"
        r"|\b(?:voce |tu )?(?:deveria|deve|devia|devias|merece|precisa|tem que|por que nao) (?:se (?:matar|suicidar|enforcar|mata)|matar-te|suicidar-te|matar-se|morrer)\b"
        r"|\b(?:mundo|todos|familia) (?:\w+ ){0,3}melhor sem (?:voce|ti)\b|\bninguem (?:sentiria|vai sentir|sentira) (?:a )?(?:sua |tua )?falta"
    ),
}

WAYS: dict[str, str] = {
    "en": (
        r"\bhow (?:to|you can|you could) (?:kill|hang|strangle|drown|poison|suffocate) yourself\b|\b(?:way|method)s? (?:to|of) (?:kill(?:ing)? yourself|end(?:ing)? your (?:own )?life|commit(?:ting)? suicide)\b.{0,12}(?:is|are|:)"
        r"|\bto (?:kill yourself|end your (?:own )?life|commit suicide|die (?:painlessly|quickly|peacefully))\b(?=,? ?(?:you|take|tie|cut|swallow|use|jump|start|first|step|buy|hang|simply|just|it))"
        rf"|(?:^|[.!?:;,\n] ?|\b(?:you (?:need|should|must|can|have) (?:to )?|then |and |just |simply ))(?:take|swallow|ingest|eat|down)\b (?:\w+ ){{0,3}}(?:{_FROM_20}|twenty|thirty|forty|fifty|sixty|a hundred|all (?:of )?(?:the|your))\b (?:\w+ ){{0,4}}(?:pills|tablets|capsules|paracetamol|acetaminophen|tylenol|ibuprofen|aspirin)\b"
        r"|\b(?:lethal|fatal|deadly) (?:dose|amount|overdose)\b.{0,60}\b(?:for (?:you|your (?:body ?)?(?:weight|size|age)|someone (?:of )?your)|would kill you|you (?:need|should|must|can) (?:to )?(?:take|swallow))"
        r"|\b(?:pills|tablets|grams|g|mg) (?:of \w+ )?(?:is|are|will be|would be) enough to (?:kill (?:you|yourself)|die|end your life)"
        r"|(?:^|[.!?:;,\n] ?|\b(?:should|must|then|and|just|simply|now) )(?:cut|slit|slash|slice)\b (?:\w+ ){0,3}your (?:own )?(?:wrists?|forearms?|veins?|arteries)\b"
        r"|\b(?:noose|slipknot)\b.{0,120}\b(?:around|over|round) your (?:own )?(?:neck|head)\b|\b(?:noose|slipknot)\b.{0,80}\byour head (?:over|through|in(?:to|side)?)\b|\b(?:hang|tie|fasten|attach|throw|loop)\b.{0,60}\b(?:noose|rope)\b.{0,80}\b(?:hang yourself|your (?:own )?neck|kick (?:away )?the (?:chair|stool)|step off)"
        r"|\btie a noose\b.{0,40}\b(?:beam|ceiling|tree|hook|door|branch|neck)"
    ),
    "es": (
        r"\b(?:como|forma de|manera de|metodo para) (?:puedes )?(?:matarte|suicidarte|ahorcarte|quitarte la vida)\b|\bpara (?:matarte|suicidarte|quitarte la vida|morir sin dolor)\b"
        rf"|\b(?:toma|tomate|traga|tragate|ingiere|debes tomar) (?:\w+ )?(?:{_FROM_20}|veinte|treinta|cuarenta|cincuenta|todas las) (?:\w+ )?(?:pastillas|pildoras|comprimidos|tabletas|capsulas)"
        r"|\bdosis (?:letal|mortal)\b.{0,60}\b(?:para ti|para tu peso|te mat\w+|debes tomar|toma)|\b(?:corta|cortate|rajate|abrete)\b (?:\w+ )?(?:las|tus) (?:venas|munecas)|\b(?:soga|cuerda|nudo)\b.{0,60}\b(?:ahorcarte|tu cuello|cuelgate)"
    ),
    "fr": (
        r"\b(?:comment|facon de|moyen de|methode pour|pour) (?:vous |te )(?:tuer|suicider|pendre)\b|\bpour mettre fin a (?:tes jours|ta vie|vos jours)\b|\bpour mourir sans douleur\b"
        rf"|\b(?:prends|prenez|avale|avalez) (?:\w+ )?(?:{_FROM_20}|vingt|trente|quarante|cinquante|tous? les) (?:\w+ )?(?:comprimes|cachets|pilules|gelules|somniferes)"
        r"|\bdose (?:letale|mortelle)\b.{0,60}\b(?:pour toi|pour ton poids|te tuer\w*|prends|avale)|\b(?:coupe|ouvre|tranche|taillade)[- ]?(?:toi )?(?:\w+ )?(?:les|tes) (?:veines|poignets)|\b(?:corde|noeud)\b.{0,60}\b(?:te pendre|ton cou|pends-toi)"
    ),
    "de": (
        r"\b(?:wie du|so kannst du|um|methode,? um|weg,?) dich (?:\w+ )?(?:umbringst|totest|umbringen|toten|umzubringen|zu toten|zu erhangen|erhangst)\b|\bum (?:dir das leben zu nehmen|schmerzlos zu sterben|zu sterben,? (?:nimm|brauchst))"
        rf"|\b(?:nimm|schluck\w*|nehmen sie|du musst) (?:\w+ )?(?:{_FROM_20}|zwanzig|dreissig|vierzig|funfzig|alle) (?:\w+ )?(?:\w*tabletten|pillen|kapseln)"
        r"|\b(?:todliche|letale) dosis\b.{0,60}\b(?:fur dich|fur dein\w*|dich toten|nimm)|\bschneid\w* (?:dir )?(?:\w+ ){0,3}(?:die |deine )(?:\w+ )?(?:pulsadern|adern|handgelenke)|\b(?:strick|seil|schlinge|galgenknoten)\b.{0,60}\b(?:erhang dich|dich zu erhangen|deinen hals|hang dich)"
    ),
    "it": (
        r"\b(?:come|modo per|modo di|metodo per|per) (?:puoi )?(?:ucciderti|ammazzarti|suicidarti|impiccarti|toglierti la vita)\b|\bper morire senza dolore\b"
        rf"|\b(?:prendi|ingoia|ingerisci|manda giu) (?:\w+ )?(?:{_FROM_20}|venti|trenta|quaranta|cinquanta|tutte le) (?:\w+ )?(?:pillole|pastiglie|compresse|capsule|sonniferi)"
        r"|\bdose (?:letale|mortale)\b.{0,60}\b(?:per te|per il tuo|ti uccider\w*|prendi|ingoia)|\btagliat?i (?:\w+ )?(?:le vene|i polsi|i tuoi polsi|le tue vene)|\b(?:cappio|corda|nodo)\b.{0,60}\b(?:impiccarti|tuo collo|impiccati)"
    ),
    "pt": (
        r"\b(?:como|forma de|maneira de|jeito de|metodo para|para) (?:voce )?(?:se (?:matar|suicidar|enforcar)|matar-te|suicidar-te|matar-se)\b|\bpara (?:tirar a (?:sua|propria) vida|morrer sem dor)\b"
        rf"|\b(?:tome|toma|engula|engole) (?:\w+ )?(?:{_FROM_20}|vinte|trinta|quarenta|cinquenta|todos os) (?:\w+ )?(?:comprimidos|remedios|pilulas|capsulas)"
        r"|\bdose (?:letal|fatal|mortal)\b.{0,60}\b(?:para voce|para (?:o )?seu peso|te mata\w*|tome|engula)|\bcort[ea] (?:\w+ )?(?:os pulsos|seus pulsos|os seus pulsos|suas veias|as veias|as suas veias|teus pulsos)|\b(?:corda|laco|no)\b.{0,60}\b(?:se enforcar|seu pescoco|enforque-se)"
    ),
}

_ENGLISH_ORDER = r"(?:^|[.!?:;,\n(*-] ?(?:\d+[.)] ?)?|\b(?:and|then|you (?:need|should|must|can|have)(?: to)?|to|first|now|next|step \d+ ?:?) )(?:carefully |slowly )?"
RECIPES: dict[str, str] = {
    "en": (
        rf"{_ENGLISH_ORDER}(?:mix|combine|grind|blend|buy|get|add|take|melt|heat)\b.{{0,50}}\b(?:potassium (?:nitrate|chlorate|perchlorate)|saltpeter|saltpetre)\b.{{0,60}}\b(?:sul(?:f|ph)ur|charcoal|sugar|alumini?um|bombs?|fuse|explosives?)\b"
        r"|\b(?:to (?:make|build|assemble)|how to (?:make|build)|making|building)\b.{0,12}\b(?:pipe |nail |fertili[sz]er |homemade )?(?:bomb|explosive(?: device)?|ied|molotov(?: cocktail)?|napalm|tatp)s?\b(?! (?:calorimeter|shelter)).{0,80}\b(?:you(?:'ll| will)? need|fill|pack|mix|take|buy|drill|pour|attach|gather|cut)\b.{0,60}\b(?:pipe|powder|nitrate|nails|fuse|detonator|peroxide|acetone|gasoline|petrol|match ?heads|battery|timer|shrapnel|fertili[sz]er|bottle)\b"
        r"|\b(?:here(?:'s| is)|this is) how (?:to|you)(?: can)? (?:make|build|assemble|cook|synthesi[sz]e)\b.{0,25}\b(?:(?:pipe |nail |homemade )?bombs?(?! calorimeter)|explosives?|molotovs?|napalm|tatp|meth(?:amphetamine)?|ricin|sarin|nerve gas|fentanyl)\b"
        r"|\b(?:fill|pack|load|stuff)\b.{0,30}\bpipe\b.{0,40}\b(?:powder|match ?heads|explosives?|nails)\b"
        r"|\b(?:acetone)\b.{0,40}\bperoxide\b.{0,60}\b(?:acid|crystals|tatp|drop by drop|filter)\b(?=.*\b(?:add|mix|stir|filter|pour|dry)\b)|\b(?:mix|add|stir|combine)\b.{0,40}\b(?:acetone\b.{0,40}\bperoxide|peroxide\b.{0,40}\bacetone)\b"
        r"|\b(?:put|add|slip|mix|stir|pour|drop)\b.{0,40}\b(?:rat poison|cyanide|arsenic|antifreeze|thallium|strychnine|ricin|poison)\b.{0,15}\b(?:in|into|to)\b (?:\w+ ){0,2}(?:drink|food|coffee|tea|soup|meal|water bottle|glass)\b"
        r"|\b(?:pseudo)?ephedrine\b.{0,80}\b(?:red phosphorus|hydriodic|iodine|lithium|anhydrous ammonia)\b(?=.*\b(?:add|mix|cook|heat|boil|filter|reduce|stir)\b)|\b(?:cook|mix|heat|boil|add|reduce)\b.{0,40}\b(?:pseudo)?ephedrine\b.{0,80}\b(?:phosphorus|iodine|lithium|ammonia|lye)\b"
    ),
    "es": (
        r"(?<!una )(?<!la )\b(?:mezcla|mezclar?|mezcle|muele|combina|compra|anade|calienta|derrite)\b.{0,50}\b(?:nitrato de potasio|nitrato potasico|salitre|clorato de potasio)\b.{0,60}\b(?:azufre|carbon|azucar|aluminio|bomba|mecha)"
        r"|\b(?:rellena|llena|carga|mete)\b.{0,30}\b(?:tubo|tuberia)\b.{0,40}\b(?:polvora|clavos|explosivo|cerillas)|\bpara (?:hacer|fabricar|construir) una bomba\b.{0,60}\b(?:necesitas|llena|rellena|mezcla|toma|compra)\b.{0,60}(?:polvora|nitrato|clavos|tubo|mecha|detonador|acetona|gasolina)|\basi se (?:hace|fabrica) una bomba (?:casera|de tubo)"
        r"|(?<!una )(?<!la )\b(?:mezcla|anade|agrega|combina)\b.{0,40}\bacetona\b.{0,50}\b(?:peroxido|agua oxigenada)|\b(?:mezcla|anade|agrega)\b.{0,30}(?:peroxido|agua oxigenada).{0,40}\bacetona"
        r"|\b(?:pon|echa|anade|agrega|mezcla|vierte)\b.{0,40}\b(?:matarratas|raticida|cianuro|arsenico|anticongelante|veneno|ricina)\b.{0,15}\b(?:en|a)\b (?:\w+ ){0,2}(?:bebida|comida|cafe|te|sopa|vaso)"
        r"|\b(?:cocina|mezcla|calienta|hierve|reduce|anade)\b.{0,40}(?:pseudo|seudo)?efedrina\b.{0,80}\b(?:fosforo|yodo|litio|amoniaco|sosa)"
    ),
    "fr": (
        r"(?<!un )(?<!le )(?<!ce )(?<!du )\b(?:melange[zr]?|broie|combine|achete|ajoute[zr]?|chauffe|fais fondre)\b.{0,50}\b(?:nitrate de potassium|salpetre|chlorate de potassium)\b.{0,60}\b(?:soufre|charbon|sucre|aluminium|bombe|meche)"
        r"|\b(?:remplis|remplissez|bourre|charge)\b.{0,30}\b(?:tuyau|tube)\b.{0,40}\b(?:poudre noire|poudre a canon|clous|explosif|allumettes)|\bpour (?:faire|fabriquer|construire) une bombe\b.{0,60}\b(?:il (?:te|vous) faut|remplis|melange|prends|achete|tu as besoin)\b.{0,60}(?:poudre|nitrate|clous|tuyau|meche|detonateur|acetone|essence)|\bvoici comment (?:faire|fabriquer) une bombe (?:artisanale|tuyau)"
        r"|(?<!un )(?<!le )\b(?:melange[zr]?|ajoute[zr]?)\b.{0,40}(?:acetone\b.{0,50}\b(?:peroxyde|eau oxygenee)|(?:peroxyde|eau oxygenee).{0,40}acetone)"
        r"|\b(?:mets|mettez|verse|ajoute|melange|glisse)\b.{0,40}(?:mort[- ]aux[- ]rats|cyanure|arsenic|antigel|poison|ricine)\b.{0,15}\b(?:dans|a)\b (?:\w+ ){0,2}(?:boisson|verre|nourriture|repas|cafe|the|soupe)"
        r"|\b(?:cuis|melange|chauffe|fais bouillir|fais reagir|reduis|ajoute)\b.{0,40}(?:pseudo)?ephedrine\b.{0,80}\b(?:phosphore|iode|lithium|ammoniac|soude)"
    ),
    "de": (
        r"\b(?:misch|mischen?|mischst|mahle|vermenge?|kauf\w*|gib|fuge|erhitze|schmilz)\b.{0,50}(?:kaliumnitrat|salpeter\b|kaliumchlorat).{0,60}(?:schwefel|holzkohle|kohle|zucker|aluminiumpulver|bombe|zundschnur)|(?:kaliumnitrat|salpeter)\b.{0,40}(?:schwefel|holzkohle|zucker).{0,20}\b(?:mischen|vermengen|vermischen)\b"
        r"|\b(?:full\w*|stopf\w*|lade)\b.{0,30}\brohr\b.{0,40}(?:schwarzpulver|nagel\w*|sprengstoff|streichholz)|\bum eine (?:\w+ )?(?:rohr)?bombe zu (?:bauen|basteln|machen)\b.{0,60}\b(?:brauchst|full\w*|misch(?:e|en|st)?|nimm|kauf)\b.{0,60}(?:pulver|nitrat|nagel|rohr|zund|aceton|benzin)|\bso (?:baust|bastelst) du eine (?:rohr)?bombe"
        r"|\b(?:misch(?:e|en|st)?|gib|fuge)\b.{0,40}(?:aceton\b.{0,50}peroxid|peroxid.{0,40}aceton)"
        r"|\b(?:gib|tu|misch(?:e|en|st)?|schutte?|kipp\w*)\b.{0,50}(?:rattengift|zyankali|cyanid|arsen|frostschutz\w*|gift|rizin)\b.{0,15}\b(?:in|ins|unter)\b (?:\w+ ){0,2}(?:getrank|glas|essen|kaffee|tee|suppe)|\b(?:gib|misch(?:e|en|st)?|tu)\b.{0,20}(?:ins|in (?:sein|ihr)\w*) (?:getrank|essen|kaffee|tee) (?:\w+ )?(?:rattengift|zyankali|arsen|gift)"
        r"|\b(?:koch\w*|misch(?:e|en|st)?|erhitze|reduzier\w*|gib)\b.{0,40}(?:pseudo)?ephedrin\b.{0,80}(?:phosphor|jod|lithium|ammoniak|natronlauge)"
    ),
    "it": (
        r"\b(?:mescola\w*|macina|unisci|compra|aggiungi|scalda|sciogli)\b.{0,50}\b(?:nitrato di potassio|salnitro|clorato di potassio)\b.{0,60}\b(?:zolfo|carbone|zucchero|alluminio|bomba|miccia)"
        r"|\b(?:riempi|carica)\b.{0,30}\btubo\b.{0,40}\b(?:polvere (?:nera|da sparo)|chiodi|esplosivo|fiammiferi)|\bper (?:fare|fabbricare|costruire) una bomba\b.{0,60}\b(?:ti serv\w+|hai bisogno|riempi|mescola|prendi|compra)\b.{0,60}(?:polvere|nitrato|chiodi|tubo|miccia|detonatore|acetone|benzina)|\becco come (?:si fa|fare|costruire) una bomba"
        r"|\b(?:mescola|aggiungi|unisci)\b.{0,40}(?:acetone\b.{0,50}(?:perossido|acqua ossigenata)|(?:perossido|acqua ossigenata).{0,40}acetone)"
        r"|\b(?:metti|versa|aggiungi|mescola)\b.{0,40}\b(?:veleno|topicida|cianuro|arsenico|antigelo|ricina)\b.{0,20}\b(?:nel|nella|nell'|al|alla) ?(?:\w+ ){0,2}(?:bevanda|bicchiere|cibo|caffe|te|zuppa|drink)"
        r"|\b(?:cuoci|mescola|scalda|fai bollire|riduci|aggiungi)\b.{0,40}(?:pseudo)?efedrina\b.{0,80}\b(?:fosforo|iodio|litio|ammoniaca|soda)"
    ),
    "pt": (
        r"(?<!uma )(?<!\ba )(?<!\bda )\b(?:mistur[ea]|misturar|moa|combine|compre|adicione|aqueca|derreta)\b.{0,50}\b(?:nitrato de potassio|salitre|clorato de potassio)\b.{0,60}\b(?:enxofre|carvao|acucar|aluminio|bomba|pavio)"
        r"|\b(?:encha|preencha|carregue)\b.{0,30}\b(?:cano|tubo)\b.{0,40}\b(?:polvora|pregos|explosivo|fosforo)|\bpara (?:fazer|fabricar|construir) uma bomba\b.{0,60}\b(?:voce precisa|precisa\w*|encha|misture|pegue|compre)\b.{0,60}(?:polvora|nitrato|pregos|cano|tubo|pavio|detonador|acetona|gasolina)|\b(?:veja|eis) como (?:se faz|fazer|construir) uma bomba"
        r"|\b(?:misture|adicione|junte)\b.{0,40}(?:acetona\b.{0,50}(?:peroxido|agua oxigenada)|(?:peroxido|agua oxigenada).{0,40}acetona)"
        r"|\b(?:coloque|ponha|despeje|adicione|misture)\b.{0,40}\b(?:veneno|chumbinho|cianeto|arsenico|anticongelante|ricina)\b.{0,20}\b(?:na|no|a|em)\b (?:\w+ ){0,2}(?:bebida|comida|cafe|cha|sopa|copo)"
        r"|\b(?:cozinhe|misture|aqueca|ferva|reduza|adicione)\b.{0,40}(?:pseudo)?efedrina\b.{0,80}\b(?:fosforo|iodo|litio|amonia|soda)"
    ),
}

_EN_GROUP = r"(?:jews|muslims|christians|hindus|black people|blacks|whites|white people|gays|gay people|homosexuals|lesbians|trans people|gypsies|roma|immigrants|migrants|refugees|foreigners|arabs|turks|mexicans|asians|chinese|indians|africans|disabled people|women|palestinians|israelis|russians|ukrainians)"
ERASED: dict[str, str] = {
    "en": (
        rf"\b(?:all |every |the |those |these |most )*{_EN_GROUP}\b (?:\w+ ){{0,2}}?(?:should|must|need to|deserve to|have to|ought to|belong) (?:all |just |really )*(?:be )?(?:all )?(?:gassed|exterminated|eradicated|annihilated|wiped out|killed|shot|hanged|burn(?:ed|t)|slaughtered|die|in (?:the )?(?:gas|ovens)|dead|erased|put down)\b"
        rf"|(?:^|[.!?:\n] ?|\b(?:we (?:should|must|need to)|let's|time to) )(?:gas|kill|exterminate|eradicate|annihilate|shoot|burn|slaughter|wipe out) (?:all |the |every |all the |those )*{_EN_GROUP}\b|\bdeath to (?:all )?(?:the )?{_EN_GROUP}\b|\bhitler (?:was right|should have finished)"
    ),
    "es": r"\b(?:todos? l[oa]s|l[oa]s) (?:judi[oa]s|musulman[ea]s|negr[oa]s|gitan[oa]s|gays|homosexuales|inmigrantes|migrantes|refugiad[oa]s|moros|extranjer[oa]s|arabes|cristian[oa]s|mujeres) (?:deben|deberian|tienen que|merecen) (?:\w+ )?(?:ser (?:\w+ )?(?:exterminad\w+|gasead\w+|eliminad\w+|asesinad\w+|aniquilad\w+|fusilad\w+)|morir)|\b(?:muerte a|hay que (?:matar|exterminar|gasear|eliminar) a|(?:maten|exterminen) a) (?:todos )?l[oa]s (?:judi[oa]s|musulman\w+|negr[oa]s|gitan[oa]s|gays|homosexuales|inmigrantes|moros|arabes)",
    "fr": r"\b(?:tous les|toutes les|les) (?:juifs|musulmans|noirs|tsiganes|roms|gays|homosexuels|immigres|migrants|refugies|arabes|etrangers|chretiens|femmes) (?:doivent|devraient|meritent)(?: \w+)? (?:etre (?:\w+ )?(?:extermine|gaze|elimine|tue|aneanti|fusille)\w*|d'etre (?:extermine|gaze|tue)\w*|mourir|de mourir|crever)|\b(?:mort aux|il faut (?:tuer|exterminer|gazer|eliminer) (?:tous )?les|tuez (?:tous )?les) (?:juifs|musulmans|noirs|tsiganes|roms|gays|homosexuels|immigres|migrants|arabes)",
    "de": r"\b(?:alle|die|diese|samtliche)?\s?(?:juden|muslime|moslems|schwarzen|zigeuner|roma|schwulen|homosexuellen|auslander|migranten|fluchtlinge|araber|turken|christen|behinderten|frauen)\b(?: \w+){0,4} (?:gehoren|mussen|sollten?|sollen|verdienen)(?: \w+){0,3} (?:vernichtet|vergast|ausgerottet|getotet|umgebracht|erschossen|ausgeloscht|sterben|verbrannt)|\b(?:gehoren|mussen|sollten|sollen)(?: \w+){0,2} (?:juden|muslime|zigeuner|schwulen|auslander|fluchtlinge)(?: \w+){0,3} (?:vernichtet|vergast|ausgerottet|getotet|umgebracht)|\btod (?:allen|den) (?:juden|muslimen|zigeunern|schwulen|auslandern|fluchtlingen|arabern|turken)|(?:^|[.!?:] ?)(?:vergast|totet|vernichtet) (?:alle|die) (?:juden|muslime|zigeuner|auslander)",
    "it": r"\b(?:tutti gli|tutti i|gli|i|le) (?:ebrei|musulmani|neri|zingari|rom|gay|omosessuali|immigrati|migranti|rifugiati|arabi|stranieri|cristiani|donne) (?:devono|dovrebbero|meritano di|vanno)(?: \w+)? (?:essere (?:\w+ )?)?(?:sterminat\w|gasat\w|eliminat\w|uccis\w|annientat\w|morire|fucilat\w)|\b(?:morte (?:a tutti )?(?:agli|ai|gli|i)|bisogna (?:uccidere|sterminare|gasare) (?:tutti )?(?:gli|i)|uccidete (?:tutti )?(?:gli|i)) (?:ebrei|musulmani|neri|zingari|gay|omosessuali|immigrati|arabi)",
    "pt": r"\b(?:todos os|os|as|todas as) (?:judeus|muculmanos|negros|ciganos|gays|homossexuais|imigrantes|migrantes|refugiados|arabes|estrangeiros|cristaos|mulheres) (?:devem|deveriam|deviam|merecem|tem que)(?: \w+)? (?:ser (?:\w+ )?(?:exterminad\w+|gasead\w+|eliminad\w+|mort\w+|assassinad\w+|aniquilad\w+|fuzilad\w+)|morrer)|\b(?:morte (?:a todos os|aos)|(?:temos que|e preciso|vamos) (?:matar|exterminar|eliminar) (?:todos )?os|matem (?:todos )?os) (?:judeus|muculmanos|negros|ciganos|gays|homossexuais|imigrantes|arabes)",
}

MINORS: dict[str, str] = {
    "en": (
        r"\bsend (?:me )?(?:\w+ ){0,3}(?:nudes?|naked|nude|sexy|topless|undressed) ?(?:pictures?|pics?|photos?|selfies?|videos?|images?)?\b(?: of (?:you|yourself|your\w*))?|\btake off your (?:clothes|shirt|top|pants|underwear|bra|dress)\b.{0,40}\b(?:photo|picture|pic|camera|me|video|cam)\b"
        rf"|\b(?:{_TO_17}[- ]?year[- ]?olds?|underage (?:girl|boy)|little (?:girl|boy)|school ?girl|child|toddler|preteen)\b.{{0,60}}\b(?:horny|aroused|orgasm\w*|moan\w*|erotic\w*|sexy|blow ?job|seduc\w+|naked body|sexual(?:ly)? (?:pleasure|excit\w+|desire)|nudes)\b"
        rf"|\b(?:erotic|sexual|sexy|nude|naked|horny|seduc\w+|aroused|sex with|sex scene)\b (?:\w+ ){{0,6}}(?:{_TO_17}[- ]?year[- ]?olds?|underage|little (?:girl|boy)|school ?girls?|preteens?|toddlers?|child(?:ren)?|kids?|minors?)\b"
    ),
    "es": rf"\b(?:manda(?:me)?|envia(?:me)?|pasame) (?:\w+ ){{0,3}}(?:fotos?|videos?|imagenes) (?:\w+ ){{0,3}}(?:desnud[oa]s?|sexys?|sin ropa)|\bmandame nudes|\bquitate la ropa\b.{{0,40}}(?:foto|camara|mi)|\b(?:erotic\w+|sexual|sexo con|desnud[oa]|excitad[oa]|sexy)\b (?:\S+ ){{0,6}}(?:{_TO_17} anos|nin[oa]s?\b|menor(?:es)? de edad)|\b(?:nin[oa]|{_TO_17} anos)\b.{{0,50}}\b(?:excitad\w+|gemia|orgasmo|erotic\w+)",
    "fr": rf"\b(?:envoie|envoyez)[- ]?(?:moi)? (?:\w+ ){{0,3}}(?:photos?|videos?|images?) (?:\S+ ){{0,3}}(?:nue?s?\b|sexys?|deshabillee?|sans vetements)|\benvoie[- ]moi des nudes|\b(?:enleve|retire) tes (?:vetements|habits)\b.{{0,40}}(?:photo|camera|moi)|\b(?:erotique\w*|sexuel\w*|sexe avec|nue?|excitee?|sexy)\b (?:\S+ ){{0,6}}(?:{_TO_17} ans|enfants?\b|petite fille|mineure?s?\b|fillette)|\b(?:fillette|enfant|{_TO_17} ans)\b.{{0,50}}\b(?:excitee?|gemissait|orgasme|erotique)",
    "de": rf"\b(?:schick|sende?|schicke)\b (?:\w+ ){{0,3}}(?:nackt(?:bild\w*|foto\w*|selfie\w*|video\w*)|(?:nackte|sexy) (?:bilder|fotos|videos)|nudes)|\b(?:bild\w*|foto\w*) von dir (?:nackt|ohne kleidung)|\bzieh dich (?:\w+ )?aus\b.{{0,40}}(?:foto|kamera|mich|bild)|\b(?:erotische\w*|sexuelle\w*|sex mit|sexgeschichte|nackte\w*|erregte\w*|sexy)\b (?:\S+ ){{0,6}}(?:{_TO_17}[- ]?jahrig\w*|kind(?:ern)?\b|kleine[ns]? (?:madchen|jungen)|minderjahrig\w*)|\b(?:{_TO_17}[- ]?jahrige\w*|kleines madchen|kind)\b.{{0,50}}\b(?:erregt|stohnte|orgasmus|erotisch\w*)",
    "it": rf"\b(?:manda(?:mi)?|invia(?:mi)?) (?:\w+ ){{0,3}}(?:foto|video|immagini) (?:\w+ ){{0,3}}(?:nud[oaie]\b|sexy|senza vestiti|svestit\w)|\bmandami (?:dei )?nudes|\btogliti i vestiti\b.{{0,40}}(?:foto|camera|me)|\b(?:erotic\w+|sessual\w+|sesso con|nud[oa]|eccitat[oa]|sexy)\b (?:\S+ ){{0,6}}(?:{_TO_17} anni|bambin[oaie]\b|minorenn\w+)|\b(?:bambin[oa]|{_TO_17} anni)\b.{{0,50}}\b(?:eccitat\w|gemeva|orgasmo|erotic\w+)",
    "pt": rf"\b(?:mande?|envie?|manda|me mand[ae]|me envi[ae])(?:-me)? (?:\w+ ){{0,3}}(?:fotos?|videos?|imagens) (?:\w+ ){{0,3}}(?:nu[as]?s?\b|pelad[oa]s?|sexy|sem roupa)|\b(?:mande|manda) nudes|\btir[ea] (?:a|sua) roupa\b.{{0,40}}(?:foto|camera|mim)|\b(?:erotic\w+|sexual|sexo com|nu[a]?|pelad[oa]|excitad[oa]|sexy)\b (?:\S+ ){{0,6}}(?:{_TO_17} anos|crianca\w*|menin[oa]s?\b|menor(?:es)? de idade)|\b(?:crianca|menina|{_TO_17} anos)\b.{{0,50}}\b(?:excitad\w+|gemia|orgasmo|erotic\w+)",
}
