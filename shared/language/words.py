"""Words, endings and letters that tell the six Latin-script languages apart: data for `shared.language.detect`.

Function words are in lower case, with their accents. A word that stands in several lists counts less
for each of them. `OTHER` holds the commonest words of Latin-script languages that are not ours: they count against a guess.
"""

WORDS: dict[str, str] = {
    "en": """the of and to in is that it was for on are as with they at be this have from or had by but what were we
        when your can said there an each which she do how their if will up other about out many then them these so some
        her would make like him into has could been its now my than first did you not who does don't isn't i'm i've it's
        what's let's why explain please help thanks hello hi yes need want think know between because should solve
        where his more write find just show me any am he i good give answer mean using much
        use between after before too very here only most also over such even those our tell understand question work""",
    "es": """el la los las de que y en un una por con no para es se lo como más pero sus le ya o este sí porque esta
        entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra otros
        ese eso ante ellos e esto mí antes algunos qué unos yo otro otras otra él tanto esa estos mucho quienes nada
        muchos cual poco ella estar estas algunas algo nosotros mi mis tú te ti tu tus del al cómo cuál cuánto cuántos
        dónde quién está son fue era ser hola gracias ayuda necesito quiero puedo puedes explica explícame entiendo
        tengo hacer hace tiene han ha había años después así según sólo solo sido aunque además entonces usted buenos
        resolver resuelve ejercicio tarea significa favor cuántas cuánta cuáles cuáles estoy eres soy dime""",
    "fr": """le la les de des du un une et à en est que qui dans pour pas ne il elle ils elles je tu nous vous on ce
        cette ces se sa son ses au aux avec sur par plus mais ou où donc car ni si comme tout tous toute être avoir fait
        ont sont était été bien sans leur leurs même aussi peu très quand quel quelle quels quelles comment pourquoi
        combien y mon ma mes ton ta tes votre vos notre nos moi toi lui c'est qu'est j'ai n'est d'un d'une l' d' j' n'
        qu' s' m' c' t' bonjour salut merci aide besoin veux peux explique expliquez comprends faire peut entre après
        avant depuis chez sous vers deux ans encore alors cela ça ceux résoudre devoir exercice suis dit dis oui""",
    "de": """der die das und ist in zu den von mit sich des auf für nicht ein eine dem es an als auch werden aus er hat
        dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr
        durch man sein wurde wenn kann doch ich du wir ihr mir mich dir dich uns was wer wo warum wieso wann welche
        welcher welches wieviel viele gibt habe bin bist hast muss soll möchte kannst erkläre erklären bitte danke hallo
        hilfe brauche verstehe mein meine meinen dein deine eines ja nein kein keine keinen diese dieser dieses jahr im
        vom zwischen unter gegen seit schon jetzt immer alle alles sehr heißt bedeutet aufgabe lösen rechne hier dann
        wurden hatte weil damit ob beim ihre seine ohne während zwei macht machen lautet nennt hilf geht""",
    "it": """il lo la i gli le di che e è un una in per con non si del della dei delle dello degli nel nella nei nelle
        al alla ai alle allo dal dalla dai sul sulla da come ma anche più sono ha ho hai ci se o io tu lui lei noi voi
        loro mi ti vi ne questo questa questi queste quello quella cosa chi dove quando quanto quanti quante quanta
        quale quali perché cos'è qual l' dell' nell' all' un' d' c'è dall' sull' era stato stata essere avere fare fatto
        molto poco dopo prima senza tra fra già ancora sempre solo tutto tutti mio mia miei suo sua ciao grazie aiuto
        bisogno voglio posso puoi spiega spiegami spiegare capisco compito esercizio risolvere significa sì anni due
        fu hanno dice quindi così però poi degli sto sei siamo dimmi buongiorno""",
    "pt": """o a os as de que e é do da dos das em um uma para com não no na nos nas por mais se como mas ao aos ele ela
        foi à pelo pela pelos pelas isso este esta esse essa ou ser são quando muito há já está eu também só seu sua
        seus suas até depois sem mesmo quem nem você vocês meu minha meus minhas nosso nossa tem têm tenho à às qual
        quais onde porque por quê quanto quantos quantas era fazer faz pode posso preciso quero explique explica
        entendo ajuda ajude olá oi obrigado obrigada sim dois anos entre sobre ainda então outro outra outros numa num
        uns lhe lhes eles elas estão havia foram tinha essas isto aquele nós me te resolver exercício tarefa significa
        estou sou favor dizer bom dia tudo cada segundo""",
}

GREETINGS: dict[str, str] = {
    "en": "hello thanks please explain",
    "es": "hola gracias explícame buenos buenas",
    "fr": "bonjour merci salut bonsoir expliquez",
    "de": "hallo danke bitte erkläre erklär moin",
    "it": "ciao grazie spiegami buongiorno buonasera",
    "pt": "olá obrigado obrigada",
}
"""Words of which one alone decides, because short messages consist of little else."""

OTHER = """het een van ik niet zijn voor wat hoe mijn waarom och att det som är jag inte på av för hur og ikke jeg er til
    hvad hvordan nie się jest że na jak co dlaczego bir ve bu için ne nasıl değil olan và của là không có cho những
    trong và yang dan untuk dengan tidak ini itu apa adalah bagaimana ja je se na ako kako nem egy és az hogy mi şi să
    este ce cum pentru la din není jsem proč että ei mutta olen miten"""

ENDINGS: dict[str, str] = {
    "en": "ing ight ough ould tion ness ally ment ity",
    "es": "ción ciones idad dades mente iento ando iendo illo ados idas amos aron",
    "fr": "tion eaux ment euse ique aient elle ette eur eux ère oir",
    "de": "ung ungen keit heit lich isch chen schaft ieren ischen lichen tet",
    "it": "zione zioni ità mente ezza aggio etto ella ssimo zza tti cchi ggi glia",
    "pt": "ção ções dade dades mente inho inha agem ência ância ões ando endo ados idas amos aram eira eiro",
}

LETTERS: dict[str, str] = {
    "es": "ñ¿¡",
    "fr": "œêâûîëï",
    "de": "ßäöü",
    "it": "ìò",
    "pt": "ãõ",
}
"""Letters (and marks) that only one of the six uses commonly; shared ones such as é or ç decide nothing."""

FOREIGN = "łąęśżźćńğışőűřěůžščđåøæþðățșơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỷỹ"
"""Letters none of the six uses: they count against a guess."""
