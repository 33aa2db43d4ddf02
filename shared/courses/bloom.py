"""What an objective asks a learner to do, by its verb: the levels of Bloom's taxonomy in its revision. Pure.

1 remember, 2 understand, 3 apply, 4 analyse, 5 evaluate, 6 create (Anderson and Krathwohl 2001). An objective whose verb is in
none of the lists has no level: "know", "be familiar with" and their like are left out on purpose, since nothing can be seen to
be done. Beginnings of words, because verbs have endings; anywhere in the text where words are not parted or verbs carry
prefixes (Chinese, Japanese, Korean, Hindi, Arabic).
"""

import re
from collections.abc import Sequence
from functools import cache

LEVELS = ("remember", "understand", "apply", "analyse", "evaluate", "create")

_VERBS: dict[str, tuple[str, str, str, str, str, str]] = {
    "en": (
        "list name recall recogni state label identif memori locate define",
        "explain describ summar interpret paraphras illustrat classif discuss translat outline express",
        "apply appli use solve calculat comput demonstrat perform carry implement execut convert draw plot graph write find",
        "analy compar contrast differentiat distinguish examin break investigat relate test debug determin derive",
        "evaluat judge justif critic assess argue defend choose decid recommend review verify prove",
        "create design construct build compos plan produc develop formulat invent model program combin",
    ),
    "es": (
        "enumer nombr record reconoc identific defin señal memoriz localiz",
        "explic describ resum interpret parafrase ilustr clasific comenta traduc expres",
        "aplic us resolv resuelv calcul demostr realiz ejecut convert dibuj escrib utiliz",
        "analiz compar contrast diferenc distingu examin investig relacion determin deduc",
        "evalu juzg justific critic valor argument defend elig elegir decid recomend prob",
        "crear crea diseñ constru compon planific produc desarroll formul invent program combin elabor",
    ),
    "fr": (
        "énum cit nomm rappel reconna identif défini mémoris localis",
        "expliqu décri résum interprét reformul illustr class discut tradui exprim",
        "appliqu utilis résou calcul démontr effectu exécut convert dessin trac écri",
        "analys compar contrast différenci disting examin étudi reli détermin déduir déduis",
        "évalu jug justifi critiqu argument défend chois décid recommand prouv vérifi",
        "crée créer conce concev constru compos planif produi développ formul invent program combin élabor",
    ),
    "de": (
        "nenn aufzähl erinner erkenn benenn definier bezeichn aufsag zuordn",
        "erklär beschreib zusammenfass fass interpretier erläuter veranschaulich klassifizier diskutier übersetz darstell",
        "anwend wend nutz lös berechn rechn durchführ führ verwend ausführ umwandel zeichn schreib",
        "analysier vergleich gegenüberstell unterscheid untersuch prüf bestimm ableit herleit gliedern",
        "bewert beurteil begründ kritisier einschätz argumentier verteidig wähl entscheid empfehl beweis",
        "erstell entwerf entwirf konstruier bau plan produzier entwickel formulier erfind programmier kombinier gestalt",
    ),
    "it": (
        "elenc nomin ricord riconosc identific defini indic memorizz localizz",
        "spieg descriv riassum interpret parafras illustr classific discut tradu esprim",
        "applic us risolv calcol dimostr esegu realizz convert disegn scriv utilizz",
        "analizz confront contrast differenzi disting esamin indag relazion determin deduc",
        "valut giudic giustific critic argoment difend sceg sceglier decid raccomand verific",
        "crea progett costru compo pianific produ svilupp formul invent programm combin elabor",
    ),
    "pt": (
        "list nome record lembr reconhec identific defin memoriz localiz",
        "explic descrev resum interpret parafrase ilustr classific discut traduz express",
        "aplic us resolv calcul demonstr realiz execut convert desenh escrev utiliz",
        "analis compar contrast diferenc distingu examin investig relacion determin deduz",
        "avali julg justific critic argument defend escolh decid recomend verific prov",
        "cria projet constru compo planej planific produz desenvolv formul invent program combin elabor",
    ),
    "ru": (
        "назв назыв перечисл вспомн вспомин узна опознав определени запомин указ",
        "объясн описа описыв обобщ интерпрет пересказ иллюстр классифиц обсужд обсуд перев выра",
        "примен использ реша реши вычисл рассчит демонстр выполн преобраз начерт рисова напис пиш",
        "анализ сравн сопостав различ исслед изуч устан выявл разбир вывод",
        "оцен суди обоснов критик аргумент защи выбра выбир реком провер доказ",
        "созда проектир постро констру сочин планир произв разраб формулир изобре программ комбинир состав",
    ),
    "ar": (
        "يعدد يسمي يتذكر يتعرف يحدد يعرف يذكر تسمية تحديد تعداد تذكر",
        "يشرح يصف يلخص يفسر يوضح يصنف يناقش يترجم شرح وصف تلخيص تفسير توضيح تصنيف",
        "يطبق يستخدم يحل يحسب ينفذ يجري يحول يرسم يكتب تطبيق استخدام حساب تنفيذ",
        "يحلل يقارن يميز يفحص يبحث يربط يستنتج تحليل مقارنة تمييز",
        "يقيم يحكم يبرر ينقد يدافع يختار يقرر يوصي يثبت تقييم تبرير نقد",
        "يصمم ينشئ يبني يؤلف يخطط ينتج يطور يصوغ يبتكر يبرمج تصميم إنشاء بناء تطوير",
    ),
    "hi": (
        "सूची नाम याद पहचान परिभाषित बताना बताएँ",
        "समझा वर्णन सारांश व्याख्या स्पष्ट वर्गीकृत चर्चा अनुवाद",
        "लागू उपयोग प्रयोग हल गणना प्रदर्शन बदलना चित्र लिख",
        "विश्लेषण तुलना अंतर भेद जाँच जांच संबंध निर्धारित",
        "मूल्यांकन निर्णय औचित्य आलोचना तर्क बचाव चुन सिफारिश सिद्ध",
        "बनाना बनाएँ रचना डिज़ाइन डिजाइन निर्माण योजना विकसित प्रोग्राम संयोजन",
    ),
    "zh": (
        "列出 说出 回忆 识别 辨认 定义 指出 记住",
        "解释 描述 总结 概括 说明 阐述 分类 讨论 翻译 表达",
        "应用 运用 使用 解决 计算 求解 演示 执行 实施 转换 绘制 编写",
        "分析 比较 对比 区分 辨别 检查 调查 推导 确定",
        "评价 评估 判断 论证 批判 辩护 选择 决定 推荐 证明 验证",
        "创建 创造 设计 构建 建立 制作 撰写 规划 开发 制定 发明 编程",
    ),
    "ja": (
        "挙げ 列挙 述べ 思い出 識別 見分け 定義 指摘 暗記",
        "説明 要約 解釈 言い換え 例示 分類 議論 翻訳 表現",
        "適用 応用 使用 使う 使っ 用い 解く 解ける 解き 計算 実演 実行 実施 変換 描く 書く 書け",
        "分析 比較 対比 区別 調べ 検討 関連付け 導出 導く 求め",
        "評価 判断 正当化 批判 主張 擁護 選択 選ぶ 決定 推薦 証明 検証",
        "作成 作る 創造 設計 構築 組み立て 企画 計画 開発 考案 発明 プログラム",
    ),
    "ko": (
        "나열 열거 말하 기억 인식 식별 정의 지적 암기",
        "설명 요약 해석 예시 분류 토론 번역 표현",
        "적용 사용 활용 풀 해결 계산 시연 수행 실행 변환 그리 작성",
        "분석 비교 대조 구별 구분 조사 검토 연관 도출",
        "평가 판단 정당화 비판 주장 옹호 선택 결정 추천 증명 검증",
        "만들 창조 설계 구성 구축 제작 계획 개발 고안 발명 프로그래밍",
    ),
}
_ANYWHERE = frozenset(("zh", "ja", "ko", "hi", "ar"))


def level_of(objective: str, language: str) -> int | None:
    """The level of an objective, 1 to 6: its first verb's, the highest where several begin at one place; None without one."""
    best: tuple[int, int] | None = None
    text = objective.casefold()
    for level, sign in enumerate(_signs(language if language in _VERBS else "en"), 1):
        found = sign.search(text)
        if found and (best is None or (found.start(), -level) < best):
            best = (found.start(), -level)
    return None if best is None else -best[1]


def mean_level(objectives: Sequence[str], language: str) -> tuple[float | None, float]:
    """The mean level of those objectives that have one, and the share of all that have."""
    found = [level for objective in objectives if (level := level_of(objective, language)) is not None]
    return (sum(found) / len(found) if found else None), (len(found) / len(objectives) if objectives else 0.0)


@cache  # bounded by the number of languages
def _signs(language: str) -> tuple[re.Pattern[str], ...]:
    front = "" if language in _ANYWHERE else r"(?<!\w)"
    return tuple(
        re.compile(front + "(?:" + "|".join(map(re.escape, verbs.split())) + ")") for verbs in _VERBS[language]
    )
