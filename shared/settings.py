"""The only reader of the environment. `Settings.load()` gives a frozen, typed object or one line that names the variable.

Three places for settings, by how fast they change: tables in code (review), these (deploy), `documents.LiveConfig`
(operators and auto-tuning, within seconds).
"""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.errors import ConfigurationError

Blank = BeforeValidator(lambda value: None if value == "" else value)
UNSET = "unset"
"""What Terraform puts into a secret that nobody has given a value yet: a version must exist before a function can start."""
Absent = BeforeValidator(lambda value: None if value in {"", UNSET} else value)
Secret = Annotated[str | None, Absent, Field(default=None, repr=False)]
_Address = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
Url = Annotated[_Address | None, Blank, Field(default=None)]
Flag = bool
_PROJECT = r"([A-Za-z0-9.-]{1,100}:)?[A-Za-z0-9-]{1,100}"


def _spelled(pattern: str, text: str) -> AfterValidator:
    """A value that the whole pattern matches; `text` says to a person what it should be."""
    whole = re.compile(pattern)

    def check(value: str | None) -> str | None:
        if value is not None and whole.fullmatch(value) is None:
            raise ValueError(text)
        return value

    return AfterValidator(check)


def _host_port(value: str | None) -> str | None:
    found = None if value is None else re.fullmatch(r"[^\s/]+:([0-9]{1,5})", value)
    if value is not None and (found is None or not 1 <= int(found[1]) <= 65_535):
        raise ValueError("is host:port with a port of 1 to 65535, without http://")
    return value


HostPort = Annotated[str | None, Blank, AfterValidator(_host_port)]
Token = Annotated[Secret, _spelled(r"[\x21-\x7e]+", "is printable ASCII without spaces")]
Project = Annotated[str | None, Blank, _spelled(_PROJECT, "is a project id: letters, digits and hyphens")]
Queue = Annotated[
    str | None,
    Blank,
    _spelled(
        rf"([A-Za-z0-9-]{{1,100}}|projects/{_PROJECT}/locations/[A-Za-z0-9-]{{1,100}}/queues/[A-Za-z0-9-]{{1,100}})",
        "is projects/P/locations/L/queues/Q, or Q alone: 1 to 100 letters, digits and hyphens",
    ),
]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
    return name


Zone = Annotated[str, BeforeValidator(_zone)]


_LIMITS = ("rate_limit_ip_per_minute", "rate_limit_user_per_minute", "rate_limit_endpoint_per_minute")
_AMPLE = "10000000"


class Settings(BaseModel):
    """One field per environment variable (the upper-case name). Money in USD, times in seconds unless the name says otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # where we are
    environment: Literal["development", "test", "staging", "production"] = "development"
    auth_mode: Literal["local", "firebase"] = "firebase"
    """`load` makes it `local` where nothing says that this is the cloud (K_SERVICE, ENVIRONMENT)."""
    deployed: bool = False
    """Set by `load` where Cloud Run runs us (K_SERVICE)."""
    data_dir: Path = Path(".data")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    gcp_project_id: Project = None
    gcp_region: str = "us-central1"

    # who may come in
    service_audience: Annotated[str | None, Blank] = None
    """Audience that Cloud Tasks and Scheduler tokens carry (the function's URL)."""
    service_accounts: str = ""
    """Comma-separated e-mails of the service accounts that may call service endpoints."""
    platform_checks_identity: Flag = False
    """True on a private Cloud Run service alone: Google verified the service token before us and took its signature off."""
    app_check: Literal["off", "monitor", "enforce"] = "off"
    """Whether learners' requests need Firebase App Check's token (X-Firebase-AppCheck); monitor: log and let through."""
    gcp_project_number: Annotated[str | None, Blank, _spelled(r"[0-9]{1,20}", "is a project number: digits")] = None
    app_check_jwks_url: _Address = "https://firebaseappcheck.googleapis.com/v1/jwks"
    firebase_jwks_url: _Address = (
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"
    )
    google_jwks_url: _Address = "https://www.googleapis.com/oauth2/v3/certs"
    gce_metadata_host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]+$")] = "metadata.google.internal"
    """Google's own name for where an instance asks who it is."""
    cors_origins: str = Field(default="*", pattern=r"^[\x21-\x7e]+( *, *[\x21-\x7e]+)*$")
    """Comma-separated origins, or *."""
    port: int = Field(default=8080, ge=1, le=65_535)
    """Where a container of ours listens; functions-framework takes it itself."""
    trusted_proxies: int = Field(default=0, ge=0, le=4)
    """How many proxies in front append to X-Forwarded-For (0 locally, 1 on Cloud Run)."""
    rate_limit_ip_per_minute: int = Field(default=600, ge=1)
    rate_limit_user_per_minute: int = Field(default=120, ge=1)
    rate_limit_endpoint_per_minute: int = Field(default=60, ge=1)
    """One user on one endpoint that calls a model."""
    max_body_bytes: int = Field(default=262_144, ge=1024)

    # levels and features
    optimization_level: Literal["conservative", "balanced", "aggressive", "maximum"] = "balanced"
    cache_ttl_seconds: int = Field(default=3600, ge=0, le=31_536_000)
    max_cache_size: int = Field(default=10_000, ge=0)
    enable_gpu_acceleration: Flag = True
    """False leaves the server behind LOCAL_INFER_URL out: it is not asked, woken or watched."""
    ab_testing_enabled: Flag = True
    default_experiment_duration_days: int = Field(default=14, ge=1)
    min_experiment_participants: int = Field(default=100, ge=1)
    personalization_enabled: Flag = True
    user_behavior_analysis_days: int = Field(default=30, ge=1)
    recommendation_count: int = Field(default=10, ge=1, le=100)
    prometheus_enabled: Flag = True
    analytics_retention_days: int = Field(default=90, ge=1, le=3650)
    quality_assessment_enabled: Flag = True
    manim_python: Annotated[Path | None, Blank] = None
    """Interpreter with Manim (scripts/render-env makes one), where background work is done; without it animations have no video."""

    # money
    ai_daily_cost_limit: float = Field(default=50.0, ge=0, allow_inf_nan=False)
    ai_user_daily_cost_limit: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    ai_time_zone: Zone = "UTC"
    """Zone of the account's day; a learner's own day comes from the profile."""
    price_table_file: Annotated[Path | None, Blank] = None

    # language and routing
    ai_enable_multi_language: Flag = True
    ai_default_language: Literal["en", "es", "fr", "de", "it", "pt", "ru", "zh", "ja", "ko", "ar", "hi"] = "en"
    gemini_confidence_threshold: float = Field(default=0.7, ge=0, le=1)
    """Complexity score from which a paid cloud model is asked first."""
    local_fallback_enabled: Flag = True

    # models
    openai_api_key: Secret = None
    openai_model_default: Annotated[str | None, Blank] = None
    openai_base_url: Url = None
    anthropic_api_key: Secret = None
    anthropic_base_url: Url = None
    google_ai_api_key: Secret = None
    google_gemini_base_url: Url = None
    gemma_4_model_path: Annotated[str | None, Blank] = None
    """Model id the local server serves, when it is not the catalogue's."""
    gemma_4_cloud_endpoint: Url = None
    gemma_4_api_key: Secret = None
    local_infer_url: Url = None
    local_infer_audience: Annotated[str | None, Blank] = None
    """Audience of the Google identity token that LOCAL_INFER_URL wants (a private Cloud Run service's address)."""
    local_infer_scales_to_zero: Flag = False
    """Whether the server behind LOCAL_INFER_URL goes away when nobody asks it: then others answer while it is woken."""
    local_infer_idle_seconds: float = Field(default=300, gt=0)
    """How long after its last answer such a server counts as awake."""

    # deadlines, in seconds
    ai_total_deadline: float = Field(default=120, gt=0)
    ai_first_token_deadline: float = Field(default=15, gt=0)
    ai_between_tokens_deadline: float = Field(default=15, gt=0)
    ai_attempts_per_model: int = Field(default=2, ge=1, le=4)
    ai_max_concurrency: int = Field(default=256, ge=1)
    """Calls of one instance to one provider at a time."""
    ai_queue_size: int = Field(default=512, ge=0)
    """Requests that may wait for one of those places; the next goes to another provider, or is answered 503."""

    # stores
    upstash_redis_rest_url: Url = None
    upstash_redis_rest_token: Token = None
    upstash_namespace: str = Field(default="lyo", pattern=r"^[a-z0-9-]{1,40}$")
    """First part of every Redis key, so that environments can share a database."""
    firestore_emulator_host: HostPort = None
    firestore_database: str = Field(default="(default)", min_length=1)
    tasks_queue: Queue = None
    """Cloud Tasks queue: projects/P/locations/L/queues/Q, or its short name in GCP_PROJECT_ID and GCP_REGION."""
    tasks_target_url: Url = None
    """Address of the `jobs` function that Cloud Tasks posts to."""
    tasks_audience: Annotated[str | None, Blank] = None
    """Audience of the tokens it posts with (SERVICE_AUDIENCE there); TASKS_TARGET_URL where nothing is set."""
    tasks_service_account: Annotated[str | None, Blank] = None
    """E-mail of the account whose OIDC token Cloud Tasks sends (one of SERVICE_ACCOUNTS there)."""
    tasks_emulator_host: HostPort = None
    """host:port of a stand-in for Cloud Tasks that speaks its gRPC in the clear."""
    conversation_retention_days: int = Field(default=365, ge=1, le=3650)
    """Days after its last message that a conversation is kept."""

    # telemetry
    otel_exporter_otlp_endpoint: Url = None
    """Where spans go, as OTLP over HTTP (https://telemetry.googleapis.com in the cloud); none: no traces."""
    trace_sample_ratio: float = Field(default=0.05, ge=0, le=1)
    """Share of requests whose spans are kept where the caller has not decided."""
    alert_webhook_url: Annotated[_Address | None, Absent, Field(repr=False)] = None
    """Where alerts are posted as JSON, besides the log."""
    alert_cost_per_request: float = Field(default=0.02, gt=0, allow_inf_nan=False)
    """USD an answer may cost on average before an alert is raised."""
    release: Annotated[str | None, Blank] = None
    """What was deployed: the source archive's name; /health tells it."""

    @model_validator(mode="after")
    def _local_tokens_stay_local(self) -> Self:
        if self.environment == "production" and self.auth_mode == "local":
            raise ValueError("AUTH_MODE: local is refused when ENVIRONMENT=production")
        if self.auth_mode == "firebase" and self.gcp_project_id is None:
            raise ValueError("GCP_PROJECT_ID: is needed to check Firebase tokens (AUTH_MODE=firebase)")
        return self

    @model_validator(mode="after")
    def _instances_share_their_state(self) -> Self:
        if (self.upstash_redis_rest_url is None) != (self.upstash_redis_rest_token is None):
            raise ValueError("UPSTASH_REDIS_REST_URL: and UPSTASH_REDIS_REST_TOKEN go together")
        if self.tasks_queue is not None and (self.tasks_target_url is None or self.tasks_service_account is None):
            raise ValueError("TASKS_QUEUE: needs TASKS_TARGET_URL and TASKS_SERVICE_ACCOUNT")
        shared = ("gcp_project_id", "upstash_redis_rest_url", "tasks_queue")
        if self.deployed and (missing := [name for name in shared if getattr(self, name) is None]):
            raise ValueError(f"{missing[0].upper()}: is needed in the cloud, where instances share nothing else")
        if self.platform_checks_identity and not self.deployed:
            raise ValueError("PLATFORM_CHECKS_IDENTITY: is true only behind Cloud Run's own identity check")
        if self.app_check != "off" and self.gcp_project_number is None:
            raise ValueError("APP_CHECK: needs GCP_PROJECT_NUMBER")
        if self.tasks_queue is not None and not self.uses_firestore:
            raise ValueError("TASKS_QUEUE: needs Firestore, where its jobs are kept")
        return self

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment. Raises ConfigurationError with one line naming the first bad variable."""
        source = os.environ if environ is None else environ  # noqa: TID251 - this is the one place
        known: dict[str, Any] = {
            name: source[name.upper()] for name in cls.model_fields if name.upper() in source and name != "deployed"
        }
        cloud = "K_SERVICE" in source or known.get("environment") in ("staging", "production")
        known.setdefault("auth_mode", "firebase" if cloud else "local")
        if known["auth_mode"] == "local":
            # Nobody but the developer calls: leave room for a load test.
            known = {**dict.fromkeys(_LIMITS, _AMPLE), **known}
        if "LOG_LEVEL" in source:
            known["log_level"] = source["LOG_LEVEL"].upper()
        known["deployed"] = "K_SERVICE" in source
        if not known.get("data_dir"):
            known.pop("data_dir", None)
        if "data_dir" not in known and "K_SERVICE" in source:
            # Cloud Run: the source folder is read-only, /tmp is memory; real state lives in the cloud stores.
            known["data_dir"] = tempfile.gettempdir() + "/lyo"
        try:
            return cls.model_validate(known)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]).upper() if first["loc"] else ""
            text = first["msg"].removeprefix("Value error, ")
            shown = f"{name}: {text}" if name else text
            raise ConfigurationError(shown) from None

    @property
    def uses_firestore(self) -> bool:
        """Whether documents live in Firestore: in the cloud, and where an emulator is named."""
        return self.deployed or self.firestore_emulator_host is not None

    @property
    def service_account_set(self) -> frozenset[str]:
        """The e-mails of `service_accounts`."""
        return frozenset(part.strip() for part in self.service_accounts.split(",") if part.strip())
