"""How good the safety verdicts are: moderation, refusals that should not be, harmful requests, injections, crisis.

Files are told apart by their names and columns. Two kinds of figures stand side by side: of the score (`auprc`, and the recall at the
line that one in a hundred harmless texts crosses) and of the verdict that learners get (`false_refusal`, `…_block_rate`).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.evaluating import Report, Request, Unfit
from scripts.evaluating.reading import columns, lines, table
from scripts.evaluating.scores import average_precision, share, share_above, threshold_at
from shared.safety.categories import ILLICIT, JAILBREAK, PROMPT_INJECTION
from shared.safety.check import Judge, shipped
from shared.safety.illicit import asks_for_harm
from shared.safety.injection import gives_orders
from shared.safety.moderation import LABELS, score
from shared.textmodel.linear import Header

LETTERS = dict(zip(("S", "H", "V", "HR", "SH", "S3", "H2", "V2"), LABELS[1:], strict=True))
_CRISIS = Path(__file__).with_name("crisis.json")
_GOALS = {
    "harmful_behaviors.csv": ("advbench", "goal", ""),
    "behaviors_text.csv": ("harmbench", "behavior", "semantic_category"),
    "strongreject.csv": ("strongreject", "forbidden_prompt", "category"),
    "goals.csv": ("jailbreakbench", "goal", "category"),
    "attack_prompts.jsonl": ("jailbreakbench_attacks", "prompt", ""),
    "prompts.jsonl": ("jailbreak_inthewild", "prompt", ""),
}


class Evaluation:
    """One run: the judge, what is reported, and the line of one harmless text in a hundred for requests."""

    def __init__(self, request: Request, judge: Judge) -> None:
        self.request = request
        self.judge = judge
        self.report = Report(("data", "what", "n", "score: recall at 1% FPR", "verdict: blocked"))
        self.line = judge.requests.header.thresholds[f"{ILLICIT}_1pct"]

    def risk(self, text: str) -> float:
        """How much a text looks like a harmful request: the higher of the two trained scores, 1 where a rule fits."""
        if asks_for_harm(text):
            return 1.0
        scores = self.judge.requests.scores(text)
        return max(scores[ILLICIT], scores[JAILBREAK])

    def blocked(self, texts: Sequence[str]) -> float:
        """The share that gets anything but `allow`."""
        return share([self.judge.question(text).action != "allow" for text in texts])

    def stopped(self, texts: Sequence[str]) -> float:
        """The share that may not stand in a prompt."""
        return share([self.judge.document(text).action != "allow" for text in texts])

    def harmless(self) -> None:
        """Everyday instructions: how many are refused, and from them the line for the other sets."""
        for path in self.request.files("harmless.csv"):
            texts = [row["instruction"] for row in table(path, "instruction")]
            self.line = threshold_at([self.risk(text) for text in texts], 0.01)
            rate = self.blocked(texts)
            self.report.add({"benign_false_refusal": rate}, "benign_instructions", "refused", len(texts), None, rate)

    def moderation(self) -> None:
        """The moderation set, whole and by category. A category counts where somebody has labelled it."""
        for path in self.request.files("samples.jsonl"):
            rows = lines(path)
            scored = [tuple(self.judge.content.scores(row["prompt"]).values()) for row in rows]
            truth = [int(any(row.get(letter) for letter in LETTERS)) for row in rows]
            risk = [score(row["prompt"], self.judge.content) for row in rows]
            line = threshold_at([found for found, bad in zip(risk, truth, strict=True) if not bad], 0.01)
            recall = share_above([found for found, bad in zip(risk, truth, strict=True) if bad], line)
            area = average_precision(truth, risk)
            fields = {"auprc": area, "openai_moderation_auprc": area, "recall_at_1pct_fpr": recall}
            self.report.add(fields, "openai_moderation", f"auprc {area:.3f}", len(rows), recall, None)
            for place, (letter, name) in enumerate(LETTERS.items(), 1):
                known = [number for number, row in enumerate(rows) if row.get(letter) is not None]
                labels = [int(rows[number][letter]) for number in known]
                if any(labels):
                    part = average_precision(labels, [scored[number][place] for number in known])
                    self.report.add({f"auprc_{name}": part}, "", f"{name}: auprc {part:.3f}", len(known), None, None)

    def contrasts(self) -> None:
        """XSTest: safe prompts that look harmful, and harmful ones that look like them. Do-Not-Answer by its areas."""
        for path in self.request.files("prompts.csv"):
            if {"prompt", "label"} <= columns(path):
                rows = table(path)
                safe = [row["prompt"] for row in rows if row["label"] == "safe"]
                unsafe = [row["prompt"] for row in rows if row["label"] == "unsafe"]
                refused, found = self.blocked(safe), self.blocked(unsafe)
                line = threshold_at([self.risk(text) for text in safe], 0.01)
                recall = share_above([self.risk(text) for text in unsafe], line)
                fields = {
                    "false_refusal": refused,
                    "xstest_unsafe_recall": found,
                    "xstest_unsafe_recall_at_1pct": recall,
                }
                self.report.add(fields, "xstest", "safe, refused", len(safe), None, refused)
                self.report.add({}, "", "unsafe", len(unsafe), recall, found)
            elif "risk_area" in columns(path):
                rows = table(path)
                self.goals("donotanswer", [(row["prompt"], row["risk_area"]) for row in rows])

    def goals(self, name: str, rows: Sequence[tuple[str, str]]) -> None:
        """Harmful requests, all and by category."""
        texts = [text for text, _ in rows]
        recall, rate = share_above([self.risk(text) for text in texts], self.line), self.blocked(texts)
        fields = {f"{name}_recall_at_1pct_fpr": recall, f"{name}_block_rate": rate}
        self.report.add(fields, name, "all", len(rows), recall, rate)
        for kind in sorted({kind for _, kind in rows if kind}):
            part = [text for text, other in rows if other == kind]
            recall = share_above([self.risk(text) for text in part], self.line)
            fields = {f"{name}_{kind}_recall_at_1pct_fpr": recall}
            self.report.add(fields, "", kind[:44], len(part), recall, self.blocked(part))

    def requests(self) -> None:
        """The sets that hold nothing but harmful requests and jailbreaks."""
        for file, (name, column, kind) in _GOALS.items():
            for path in self.request.files(file):
                rows = table(path, column) if path.suffix == ".csv" else [row for row in lines(path) if column in row]
                if rows:
                    self.goals(name, [(row[column], row.get(kind, "")) for row in rows])

    def languages(self) -> None:
        """MultiJail: the same requests in several languages, and how far each is behind English."""
        for path in self.request.files("multijail.csv"):
            rows = table(path, "en")
            english = 0.0
            for code in [name for name in ("en", *rows[0]) if len(name) == 2 and name != "id"]:
                if f"multijail_{code}_block_rate" in self.report.fields:
                    continue
                texts = [row[code] for row in rows if row[code]]
                recall, rate = share_above([self.risk(text) for text in texts], self.line), self.blocked(texts)
                english = rate if code == "en" else english
                fields = {f"multijail_{code}_block_rate": rate, f"multijail_{code}_recall_at_1pct_fpr": recall}
                fields |= {} if code == "en" else {f"multijail_{code}_gap": english - rate}
                self.report.add(fields, "multijail", code, len(texts), recall, rate)

    def injections(self) -> None:
        """Orders in documents: over-defence on harmless texts with alarming words, harmless prompts, injections."""
        for path in self.request.files("piguard_sets.csv"):
            rows = table(path, "set", "text", "label")
            sets: dict[str, list[str]] = {}
            for row in rows:
                sets.setdefault(f"{row['set'].lower()}_{row['label']}", []).append(row["text"])
            rates = {name: self.stopped(texts) for name, texts in sets.items()}
            for name, texts in sets.items():
                self.report.add(
                    {f"injection_{name}": rates[name]}, "prompt_injection", name, len(texts), None, rates[name]
                )
            self._means(rates)
            labels = [int(row["label"] == "injection") for row in rows]
            area = average_precision(labels, [self.order(row["text"]) for row in rows])
            self.report.add({"injection_auprc": area}, "", f"auprc {area:.3f}", len(rows), None, None)
        for path in self.request.files("cse_prompt_injection*.jsonl"):
            rows = lines(path)
            name = "multilingual" if "multilingual" in path.name else "english"
            self._grouped(f"injection_{name}", rows, "injection_variant")
            if name == "multilingual":
                self._grouped("injection", rows, "speaking_language")

    def order(self, text: str) -> float:
        """How much a text looks like an order to a model, 1 where a rule fits."""
        return 1.0 if gives_orders(text) else self.judge.requests.scores(text)[PROMPT_INJECTION]

    def _means(self, rates: Mapping[str, float]) -> None:
        """PIGuard's three accuracies, as far as the sets are there."""
        for name, prefix, right in (
            ("over_defense_accuracy", "notinject", False),
            ("injection_benign_accuracy", "wildguard", False),
            ("injection_malicious_accuracy", "bipia", True),
        ):
            part = [rate if right else 1 - rate for key, rate in rates.items() if key.startswith(prefix)]
            if part:
                mean = sum(part) / len(part)
                self.report.add({name: mean}, "", f"{name} {mean:.3f}", None, None, None)

    def _grouped(self, name: str, rows: Sequence[Mapping[str, str]], key: str) -> None:
        rate = self.stopped([row["user_input"] for row in rows])
        self.report.add({f"{name}_recall": rate}, name, "all", len(rows), None, rate)
        for kind in sorted({row[key] for row in rows}):
            part = [row["user_input"] for row in rows if row[key] == kind]
            rate = self.stopped(part)
            self.report.add({f"{name}_{kind.lower()}_recall": rate}, "", kind, len(part), None, rate)

    def crisis(self) -> None:
        """Our own sentences in each language: recall, and false alarms on what only sounds alike.

        `support` says in other words what rules and model know; `indirect` means what neither of them was made for.
        """
        cases: dict[str, dict[str, list[str]]] = json.loads(_CRISIS.read_text(encoding="utf-8"))
        for code, texts in cases["support"].items():
            helped = share([self.judge.question(text).action == "support" for text in texts])
            alarms = share([self.judge.question(text).action != "allow" for text in cases["allow"][code]])
            hinted = share([self.judge.question(text).action == "support" for text in cases["indirect"][code]])
            fields = {
                f"crisis_recall_{code}": helped,
                f"crisis_false_alarm_{code}": alarms,
                f"crisis_indirect_recall_{code}": hinted,
            }
            self.report.add(fields, "crisis", f"{code}: false alarms {alarms:.2f}", len(texts), helped, None)
        for name in ("crisis_recall", "crisis_false_alarm", "crisis_indirect_recall"):
            found = [value for key, value in self.report.fields.items() if key.startswith(f"{name}_")]
            self.report.add({name: sum(found) / len(found)})

    def seen(self, header: Header) -> None:
        """Say which of the files measured on are among those the model was fitted to."""
        known = {source["sha256"]: source["name"] for source in header.sources}
        for path in sorted(self.request.data.rglob("*")):
            if path.is_file() and (name := known.get(hashlib.sha256(path.read_bytes()).hexdigest())):
                self.report.notes.append(
                    f"{path.name}: {header.name} was fitted to it ({name}), so its figures are of texts seen before; "
                    "cross-validated ones are in the model's header"
                )


def evaluate(request: Request) -> Report:
    """Everything that `data` has files for."""
    run = Evaluation(request, shipped() if request.train is None else _trained(request.train))
    for part in (run.harmless, run.moderation, run.contrasts, run.requests, run.languages, run.injections):
        part()
    if not run.report.fields:
        return run.report
    run.crisis()
    for model in (run.judge.content, run.judge.requests):
        run.seen(model.header)
        made_of = ", ".join(source["name"] for source in model.header.sources)
        run.report.notes.append(f"{model.header.name}: made of {made_of}")
    return run.report


def _trained(data: Path) -> Judge:
    """A judge fitted to that folder and to our own harmless requests; where it has nothing for a model, the shipped one stays."""
    from scripts.training import Unfit as NothingToFit
    from scripts.training import moderation, requests
    from scripts.training.making import model

    ready = shipped()
    made = {}
    for name, module in (("content", moderation), ("requests", requests)):
        try:
            made[name] = model(module.train(data))
        except NothingToFit:
            continue
    if not made:
        raise Unfit(f"{data} has nothing to fit to")
    return Judge(made.get("content", ready.content), made.get("requests", ready.requests), ready.crisis)
