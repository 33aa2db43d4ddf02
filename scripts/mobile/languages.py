"""Which generator makes the client of each language, and how: data for OpenAPI Generator.

Chosen for what a generated client asks of the app that takes it in: kotlin over OkHttp with kotlinx.serialization (no
reflection, so R8 needs no rules), swift6 over URLSession with async/await, dart over `http` without a build step, and
typescript-fetch without any dependency. An enum value that a later server sends and an old app does not know becomes
`unknown_default_open_api` where a value is decoded into a closed type; TypeScript's unions let it through as it is.
"""

from dataclasses import dataclass, field
from typing import Any, Final

PACKAGE: Final = "lyo_ai_client"


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `sources`: where its code lies in the generated folder."""

    generator: str
    sources: str
    options: dict[str, Any]
    """The generator's own options (`openapi-generator config-help -g NAME`)."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings beside the options: type and name mappings."""
    version: str | None = None
    """The option that takes the package's version."""


LANGUAGES: Final[dict[str, Language]] = {
    "kotlin": Language(
        generator="kotlin",
        sources="src/main/kotlin",
        options={
            "library": "jvm-okhttp4",
            "serializationLibrary": "kotlinx_serialization",
            "packageName": "app.lyo.ai",
            "groupId": "app.lyo",
            "artifactId": "lyo-ai-client",
            "enumPropertyNaming": "UPPERCASE",
            "enumUnknownDefaultCase": True,
            "omitGradleWrapper": True,
        },
        # An enum named like a keyword of Kotlin's comes out broken (backticks in the middle of a name), so it gets another.
        # Free JSON (a job's result) stays JSON: kotlinx.serialization has no serializer for Any.
        settings={
            "typeMappings": {"AnyType": "JsonElement", "object": "JsonElement"},
            "importMappings": {"JsonElement": "kotlinx.serialization.json.JsonElement"},
            "nameMappings": {"operator": "comparison"},
        },
        version="artifactVersion",
    ),
    "swift": Language(
        generator="swift6",
        sources="Sources/LyoAI",
        options={
            "projectName": "LyoAI",
            "responseAs": "AsyncAwait",
            "apiStaticMethod": False,
            "enumUnknownDefaultCase": True,
            "useSPMFileStructure": True,
        },
    ),
    "dart": Language(
        generator="dart",
        sources="lib",
        options={
            "pubName": PACKAGE,
            "pubLibrary": f"{PACKAGE}.api",
            "pubDescription": "Typed client of Lyo AI",
            "pubPublishTo": "none",
            "enumUnknownDefaultCase": True,
        },
        version="pubVersion",
    ),
    "typescript": Language(
        generator="typescript-fetch",
        sources="src/generated",
        options={"importFileExtension": ".js", "useSingleRequestParameter": True},
    ),
}
LEFT_OUT: Final = (
    "git_push.sh",
    ".travis.yml",
    ".gitlab-ci.yml",
    ".github/**",
    "*.podspec",
    "Cartfile",
    "project.yml",
    ".swiftformat",
    "README.md",
)
"""What a generator would add that belongs to a repository of its own, and its guide: ours lies beside the clients."""
