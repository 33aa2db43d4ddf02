"""The categories of a verdict, all in one place."""

from typing import Final

SELF_HARM: Final = "self_harm"
ABUSE: Final = "abuse"
"""A learner tells of harm that others do to them: an occasion for help, never for a refusal."""
SEXUAL: Final = "sexual"
SEXUAL_MINORS: Final = "sexual_minors"
HATE: Final = "hate"
HATE_THREATENING: Final = "hate_threatening"
VIOLENCE: Final = "violence"
VIOLENCE_GRAPHIC: Final = "violence_graphic"
HARASSMENT: Final = "harassment"
ILLICIT: Final = "illicit"
"""Help with doing harm: weapons, crimes, deception, abuse of others."""
JAILBREAK: Final = "jailbreak"
"""An attempt to talk a model out of its rules."""
PROMPT_INJECTION: Final = "prompt_injection"
"""Orders to the model inside a text that is to be worked on."""

CONTENT = (
    SEXUAL,
    HATE,
    VIOLENCE,
    HARASSMENT,
    SELF_HARM,
    SEXUAL_MINORS,
    HATE_THREATENING,
    VIOLENCE_GRAPHIC,
)
"""What a text can contain, as the moderation model tells it."""
ALL = (*CONTENT, ABUSE, ILLICIT, JAILBREAK, PROMPT_INJECTION)
