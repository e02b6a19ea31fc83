"""Settings: the only reader of the environment. Every name begins with `IRW_`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from irw_pipeline.errors import SettingsError

PREFIX = "IRW_"
KEY_FILE_NAME = "identity.key"
_ELSEWHERE = {
    "IRW_PG_URL",
    "IRW_PG_PASSWORD",
    "IRW_WEED_KEY",
    "IRW_S3_PIPELINE_SECRET",
    "IRW_S3_ANALYST_SECRET",
}
"""Names that other parts of an installation read (dagster.yaml, infra/compose.yaml)."""


class Settings(BaseSettings):
    """Everything that may be configured; secrets never show in `repr`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid")

    lake: str = Field(default="", description="Root of the lake: a path, file:// or s3:// URI")
    home: str = Field(default="", description="Where Dagster's records and the key lie")
    key_file: str = Field(default="", description="File with the identity key in hex")
    policy: str = Field(default="research", description="De-identification policy")
    site_dictionary: str = Field(default="", description="File of the site's staff and places")
    site_time_zone: str = Field(default="UTC", description="Decides the local date of UTC times")
    batch_objects: int = Field(default=2000, ge=1, le=100_000)
    workers: int = Field(default=0, ge=0, description="Worker processes; 0 is one per core")
    ray_address: str = Field(default="", description="A Ray cluster for the per-instance work")
    zone_landing: str = ""
    zone_restricted: str = ""
    zone_vault: str = ""
    zone_quarantine: str = ""
    zone_research: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key_id: str = ""
    s3_secret_access_key: SecretStr = SecretStr("")

    @classmethod
    def load(cls, **given: object) -> Self:
        """Return the settings of the environment, with what the caller gives on top.

        Raises:
            SettingsError: An `IRW_` name is unknown, a value is of the wrong form, or no lake.
        """
        refuse_unknown_names()
        wrong: list[str] = []
        try:
            settings = cls(**{key: value for key, value in given.items() if value})  # type: ignore[arg-type]
        except ValidationError as error:
            wrong = sorted({f"{PREFIX}{item['loc'][0]}".upper() for item in error.errors()})
        if wrong:
            raise SettingsError(f"{', '.join(wrong)} is not of the expected form; correct it")
        if not settings.lake:
            raise SettingsError("no lake is given; pass --lake URI or set IRW_LAKE")
        return settings

    @property
    def home_path(self) -> Path:
        """The folder of Dagster's records and the key: IRW_HOME, else beside a local lake."""
        if self.home:
            return Path(self.home).expanduser().resolve()
        if self.lake.startswith("s3://"):
            return Path.home() / ".irw" / self.lake.removeprefix("s3://").replace("/", "_")
        root = Path(self.lake.removeprefix("file://")).expanduser().resolve()
        return root.with_name(f"{root.name}.home")

    @property
    def key_path(self) -> Path:
        """The file of the identity key."""
        return Path(self.key_file) if self.key_file else self.home_path / KEY_FILE_NAME

    @property
    def zone_overrides(self) -> dict[str, str]:
        """Zones that are set one by one."""
        names = ("landing", "restricted", "vault", "quarantine", "research")
        given = {name: getattr(self, f"zone_{name}") for name in names}
        return {name: uri for name, uri in given.items() if uri}

    @property
    def storage_options(self) -> dict[str, str]:
        """What opens the S3 zones; empty for local ones."""
        if not self.s3_access_key_id:
            return {}
        options = {
            "aws_access_key_id": self.s3_access_key_id,
            "aws_secret_access_key": self.s3_secret_access_key.get_secret_value(),
            "aws_region": self.s3_region,
        }
        if self.s3_endpoint:
            options["aws_endpoint"] = self.s3_endpoint
            options["aws_allow_http"] = str(self.s3_endpoint.startswith("http://")).lower()
        return options


def refuse_unknown_names() -> None:
    """Return if every `IRW_` name of the environment is one that is read.

    Raises:
        SettingsError: One is not: a typo must not mean a default.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | _ELSEWHERE
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}; correct or unset it")


def site_dictionary_file() -> str:
    """The file of the site's own terms, empty where there is none; it is read without a lake.

    Every process that cleans text asks for it, so workers elsewhere need IRW_SITE_DICTIONARY too.
    """
    return os.environ.get(f"{PREFIX}SITE_DICTIONARY", "")


def read_secret(path: Path) -> bytes | None:
    """The secret in a key file; None when there is no such file.

    Raises:
        SettingsError: The file can be read by others, or does not hold hex digits.
    """
    if not path.is_file():
        return None
    if path.stat().st_mode & 0o077:
        raise SettingsError("the identity key file can be read by others; run chmod 600 on it")
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (ValueError, OSError):
        secret = None
    if secret is None:
        raise SettingsError("the identity key file does not hold hex digits; restore it")
    return secret


def write_new_secret(path: Path) -> bytes:
    """Make a new 32-byte secret, readable by its owner alone, and return it.

    Raises:
        SettingsError: There is a key already; a key is never overwritten.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_bytes(32)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        descriptor = -1
    if descriptor < 0:
        raise SettingsError("there is an identity key already; it is never overwritten")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
    return secret
