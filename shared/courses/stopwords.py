"""Words that say nothing of what a text is about, by language: data for `shared.courses.words`.

The Latin-script languages take most of theirs from `shared.language.words`, which tells languages apart by the same words;
here stand those that are not among them, and the other scripts. In lower case. Chinese and Japanese have characters that end a
term instead of words, because nothing stands between their words.
"""

MORE: dict[str, str] = {
    "en": """a about all also am be been being both does doing done each else ever every few get gets got had him
        however i it itself let many me might must nor off once one onto ought own per quite rather really same shall
        shan since than them themselves this those though through thus too toward under until upon us very via was
        whether which while whom whose within without yes yet you yours again against among another around because
        below above during either neither instead often perhaps several sometimes still two three course lesson module
        unit chapter section introduction happen happens happened become becomes takes turn turns learn learner learners student students""",
    "es": """al algo así cada casi con cosa cual cuales cualquier dentro ello fuera gran hacia incluso luego mediante
        mientras misma mismo ningún nunca puede pueden pues siempre sino tal tan través tras varias varios vez""",
    "fr": """afin ainsi aucun aucune autre autres aux avant celle celles celui ces chaque dont elles eux hors jusque
        lors lorsque moins parce peuvent plusieurs puis quelque quelques sauf selon seulement soit tandis tant tel telle
        toujours toutes très trop voici voilà""",
    "de": """aber allem allen aller alles also anderen anderer anders bevor beide beiden bereits bis dabei dadurch dafür
        daher damit dazu denen denn deren dessen deshalb diesem diesen durch ebenfalls einige einigen etwa etwas euch
        euer ihm ihn ihnen ihrer innerhalb jede jedem jeden jeder jedes jedoch können könnte manche müssen neben nun sie
        sollte sollten somit sondern soweit statt trotz unser unter viel vom während welchem weniger werde wieder wird
        wollen würde zwischen findet finden statt""",
    "it": """agli alcune alcuni allora altra altre altri altro anche ancora attraverso benché ciò circa coloro cui dagli
        dalle dunque durante ecco entrambi esso essa essi fino forse infatti inoltre invece mediante mentre nessuno
        nostro oltre ogni ognuno oppure perciò poiché proprio può qualche qualcosa secondo sia stesso tale tali tanto
        troppo tuttavia verso vostro""",
    "pt": """ainda algo alguma algumas algum alguns ambos antes apenas aquela aquelas aqueles assim através cada cerca
        contra cuja cujo dela delas dele deles desde dessa desse desta deste disso disto durante embora enquanto esses
        estes fora logo mediante menos nada nenhum nesta neste nunca outra outro pois podem porém quais qualquer
        quase sempre senão sob tal tanto tão toda todas todo todos vários vez""",
    "ru": """а без более больше будет будто бы был была были было быть в вам вас вдруг ведь во вот впрочем все всегда
        всего всех всю вы где да даже два для до другой его ее её если есть ещё еще ж же за зачем здесь и из или им
        иногда их к как какая какой какие когда который которая которые которых которого конечно кто куда ли лучше между
        меня мне много может можно мой моя мы на над надо наконец нас не него нее ней нельзя нет ни нибудь никогда ним
        них ничего но ну о об один он она они оно опять от перед по под после потом потому почти при про раз разве с сам
        свою своей своих себе себя сейчас со совсем так такой такие также там тебя тем теперь то тогда того тоже только
        том тот три тут ты у уж уже хорошо хоть чего чей чем через что чтоб чтобы чуть эта эти этих этого этой этом этот
        эту это я является являются""",
    "ar": """في من على إلى عن مع هذا هذه ذلك تلك التي الذي الذين هو هي هم هن أن إن كان كانت يكون تكون ما ماذا لا لم لن قد
        كل بعض أي كيف متى أين لماذا هل أو و ثم بل لكن حتى إذا عند عندما بين بعد قبل خلال حول غير سوى كما مثل ليس أيضا فقط
        نحن أنا أنت له لها لهم به بها فيه فيها منه منها عليه عليها وهو وهي أكثر جدا يمكن وفي ومن وعلى""",
    "hi": """का के की को में से पर है हैं था थे थी और या एक यह ये वह वे इस उस इन उन कि जो तो भी ही नहीं ना न कर करना करने करता
        करते करती किया किए गया गए गई होता होते होती हो होना हुआ हुए हुई लिए साथ तक द्वारा अपने अपनी अपना क्या क्यों कैसे कब कहाँ कौन
        जब तब जहाँ वहाँ यहाँ बहुत कुछ सब सभी हर किसी कोई दो तीन मैं हम तुम आप मेरा हमारा उनके उनकी इसके इसकी उसके उसकी जैसे
        बाद पहले बीच अधिक सकता सकते सकती रहा रहे रही जाता जाते जाती एवं तथा""",
    "ko": """그 이 저 것 수 등 및 또는 그리고 그러나 하지만 또한 때문 때문에 위해 위한 대한 대해 통해 같은 같이 있는 있다 있습니다 없는 없다
        하는 한다 합니다 했다 된다 됩니다 되는 이다 입니다 어떤 무엇 어떻게 왜 언제 어디 모든 각 더 매우 가장 우리 나 너 그것 이것 여기
        하고 하며 하여 해서 한 할""",
    "zh": "",
    "ja": """こと もの ため よう それ これ あれ ここ そこ する なる ある いる この その など また および""",
}

ENDS: dict[str, str] = {
    "zh": "的了和是在有我你他她它们们这那与及或对为以被把从到也就都而但如果因所将中一不能可要很更最等之其于让给向吗呢吧什么怎",
    "ja": "",
}
"""Characters at which a Chinese term ends."""

_PARTICLES = """에서는 으로는 에게서 이라는 으로써 으로서 에서도 까지는 부터는 에서 에게 으로 로서 로써 이나 라는 하는 하고 하여 하며
    한다 합니다 입니다 이다 이란 까지 부터 처럼 보다 마다 조차 밖에 만큼 이며 들의 들을 들이 들은 은 는 이 가 을 를 의
    에 로 와 과 도 만 란"""
PARTICLES: tuple[str, ...] = tuple(_PARTICLES.split())
"""Korean endings and particles, longest first: what a noun carries."""
