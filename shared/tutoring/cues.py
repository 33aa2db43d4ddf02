"""Words by which a result is announced, in twelve languages: data for `shared.tutoring.leak`. As regular expressions, in lower case."""

from typing import Final

RESULT: Final = {
    "en": r"(?:final |correct |right )?(?:answer|result|solution|total|sum|product|difference|quotient)s? (?:is|are|was|would be|will be|comes? (?:out )?(?:to|as)|equals?)|(?:you|we) (?:should )?(?:get|end up with|have a total of)|(?:equals?|makes|gives(?: us| you)?|so it'?s|therefore|hence|comes to)",
    "es": r"(?:la )?(?:respuesta|soluci[oó]n|suma|diferencia)(?: final| correcta)? (?:es|son|ser[ií]a)|(?:el )?(?:resultado|total|producto|cociente)(?: final| correcto)? (?:es|son|ser[ií]a)|(?:es igual a|da como resultado|te da|nos da|por lo tanto)",
    "fr": r"(?:la )?(?:r[eé]ponse|solution|somme|diff[eé]rence)(?: finale| correcte)? (?:est|serait|sont)|(?:le )?(?:r[eé]sultat|total|produit|quotient)(?: final)? (?:est|serait)|(?:est [eé]gale? [aà]|[eé]gale?|cela (?:fait|donne)|[cç]a (?:fait|donne)|on obtient|tu obtiens|donc)",
    "de": r"(?:die )?(?:richtige |endg[uü]ltige )?(?:antwort|l[oö]sung|summe|differenz) (?:ist|lautet|w[aä]re|betr[aä]gt)|(?:das )?(?:richtige )?(?:ergebnis|resultat|produkt) (?:ist|lautet|w[aä]re|betr[aä]gt)|(?:ergibt|macht(?: zusammen)?|ist gleich|erh[aä]ltst du|erhalten wir|bekommst du|also)",
    "it": r"(?:la )?(?:risposta|soluzione|somma|differenza)(?: finale| corretta)? (?:[eè]|sono|sarebbe)|(?:il )?(?:risultato|totale|prodotto|quoziente)(?: finale)? (?:[eè]|sarebbe)|(?:[eè] uguale a|fa|si ottiene|ottieni|quindi)",
    "pt": r"(?:a )?(?:resposta|solu[cç][aã]o|soma|diferen[cç]a)(?: final| correta)? (?:[eé]|s[aã]o|seria)|(?:o )?(?:resultado|total|produto|quociente)(?: final)? (?:[eé]|seria)|(?:[eé] igual a|d[aá]|voc[eê] obt[eé]m|portanto|logo)",
    "ru": r"(?:ответ|результат|решение|сумма|итог|произведение|разность|частное)[а-я]*\s*(?:[-—:]|это|будет|равен|равна|равно|получается)|равн[оаы]|получается|получим|получаем|получишь|итого|значит",
    "zh": r"(?:答案|结果|总数|总和|和|积|差|商|解)(?:就)?(?:是|为|等于|等於|應該是|应该是|:|：)|等于|等於|得到|得出|一共是|所以",
    "ja": r"(?:答え|解答|結果|合計|和|積|差|商|解)(?:は|が|:|：)|になります|となります|イコール|等しい",
    "ko": r"(?:정답|답|결과|합계|합|곱|차|몫|해)(?:은|는|이|가|:)|(?:같습니다|됩니다|나옵니다)|이므로",
    "ar": r"(?:الإجابة|الاجابة|الجواب|الناتج|النتيجة|الحل|المجموع|حاصل)(?: النهائي| النهائية| الصحيح| الصحيحة)?(?: الجمع| الضرب| الطرح| القسمة)?(?: هو| هي| يساوي|:)?|(?:يساوي|تساوي|نحصل على|تحصل على|إذن|اذن)",
    "hi": r"(?:उत्तर|जवाब|परिणाम|हल|योग|कुल|गुणनफल|अंतर|भागफल)(?: है|:| होगा| =)?|बराबर|मिलता है|मिलेगा|इसलिए|अतः",
}
"""Before the number, or for the languages whose verb comes last, around it."""

EXERCISE: Final = (
    r"\b(?:solve|calculate|compute|evaluate|simplify|how many|how much|what is|what are|what fraction|find|homework|worksheet)\b",
    r"\b(?:resuelve|calcula|cuánt[oa]s?|halla|tarea|ejercicio)\b",
    r"\b(?:combien|calcule[rz]?|résou[sd]|trouve[rz]?|exercice|devoir)\b",
    r"\b(?:berechne|löse|wie ?viele?|rechne|hausaufgaben?|aufgabe|was ist)\b",
    r"\b(?:calcola|risolvi|quant[oaie]|trova|esercizio|compito)\b",
    r"\b(?:calcule|resolva|quant[oa]s?|encontre|exercício|lição)\b",
    r"сколько|вычисли|реши|найди|посчитай|задач|чему рав",
    r"多少|几个|幾個|计算|計算|求|解方程|一共|还剩",
    r"いくつ|いくら|何個|何人|何本|計算|解いて|解け|求め|残って",
    r"몇|얼마|계산|구하|풀어",
    r"كم|احسب|أوجد|حل |ناتج",
    r"कितन|हल करो|हल कर|ज्ञात|गणना",
)
"""Words of a message that asks for a result; next to two numbers they make it an exercise."""

ANSWER: Final = (
    r"answer|result|solution|respuesta|resultado|soluci[oó]n|r[eé]ponse|r[eé]sultat|antwort|ergebnis|l[oö]sung|risposta|risultato|"
    r"soluzione|resposta|solu[cç][aã]o|ответ|результат|答案|结果|答え|解答|正解|정답|답은|결과|جواب|إجابة|اجابة|ناتج|उत्तर|जवाब|परिणाम"
)
"""The nouns among those words: where one stands right before a number, the number is the result even if the exercise holds it."""

CLAIM: Final = (
    r"\bi (?:got|get|have|think|found)\b|\bi'?m getting\b|\bmy (?:answer|result|solution)\b|\bich (?:habe|bekomme|komme|erhalte)\b|\bmeine? (?:l[oö]sung|"
    r"antwort|ergebnis)\b|\bme (?:da|sale|dio|sali[oó])\b|\bmi (?:respuesta|resultado)\b|\bj'ai (?:trouv[eé]|obtenu|eu)\b|\bje trouve\b|\bmi (?:viene|risulta|[eè] venuto)\b|"
    r"\b(?:deu|achei|encontrei)\b|\bminha resposta\b|у меня (?:получил|вышл)|я получил|мой ответ|我(?:算|得|的答案)|(?:になり|でし|出まし)た|나왔|제 답|حصلت على|جوابي|إجابتي|मेरा उत्तर|मुझे मिला|आया"
)
"""Words by which a learner puts a result forward, in the message that holds the exercise."""
