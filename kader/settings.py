"""What can be set, by environment variable or `.env`; read once at start, then frozen."""

import os
import shlex
import ssl
from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from tempfile import gettempdir
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kader.address import is_address
from kader.errors import UserError
from kader.imap_url import ImapUrl, parse_imap_url, refuse_unseen
from kader.nearest import with_nearest

# A Unix socket's path must fit in sockaddr_un; 100 leaves room on every system.
LONGEST_SOCKET_PATH = 100


class Settings(BaseSettings):
    """All settings of Kader. Each is `KADER_` plus its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="KADER_", env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore"
    )

    var: Path = Field(default=Path("var"), description="folder for all that Kader keeps")
    database_url: str = Field(default="", description="PostgreSQL or SQLite; empty: SQLite in the var folder")
    broker_url: str = Field(default="", description="Redis or Valkey; empty: Kader starts its own")

    organisation: str = Field(
        default="Kader", min_length=1, description="name that people see in pages and mails"
    )
    language: Literal["nl", "en"] = Field(default="nl", description="language when a person's is unknown")
    time_zone: str = Field(default="Europe/Amsterdam", description="time zone of dates that people see")

    host: str = Field(default="127.0.0.1", description="address the pages listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="port the pages listen on")
    base_url: str = Field(default="", description="address of the pages as people reach them")
    api_key: str = Field(default="", description="key for the JSON API; empty: only this machine may post")
    secret_key: str = Field(
        default="", description="signs links; empty: made once and kept in the var folder"
    )
    link_days: int = Field(default=60, ge=1, le=730, description="days that a signed link works")

    smtp_url: str = Field(
        default="", description="smtp://user:password@host:587; empty: mail stays on this machine"
    )
    smtp_timeout: float = Field(default=600.0, gt=0, description="seconds to wait for the server's answer")
    mail_from: str = Field(default="ideeen@kader.example", description="address that Kader's mail comes from")
    authserv_id: str = Field(default="", description="your mail server's name in Authentication-Results")

    imap_token_command: str = Field(
        default="", description="command that prints an OAuth 2 token for the mailbox, in place of a password"
    )
    imap_url: str = Field(
        default="", description="imaps://user:password@host/Folder: mailbox from which ideas are fetched"
    )
    imap_done: str = Field(
        default="", description="folder to which fetched mail is moved; empty: it is marked as read and stays"
    )
    imap_ca: str = Field(
        default="", description="file with the certificate that the mailbox's server is trusted by"
    )
    imap_seconds: float = Field(default=60.0, ge=5, le=86_400, description="seconds between two fetches")
    imap_timeout: float = Field(
        default=30.0, gt=0, le=600, description="seconds to wait for the mailbox's answer"
    )

    processes: int = Field(default=2, ge=1, le=64, description="worker processes on this machine")
    batch_size: int = Field(default=256, ge=1, le=5000, description="ideas that a worker takes at a time")
    lease_seconds: int = Field(default=60, ge=2, le=3600, description="how long a worker may hold an idea")
    sweep_seconds: float = Field(default=10.0, gt=0, le=600, description="seconds between two sweeps")
    max_attempts: int = Field(default=4, ge=1, le=20, description="tries before a person must look")

    coordinator_days: int = Field(
        default=5, ge=1, le=60, description="working days a coordinator has to place an idea"
    )

    max_error: float = Field(
        default=0.05, gt=0, lt=0.5, description="share of automatic routes that may be wrong"
    )
    max_link_error: float = Field(
        default=0.05, gt=0, lt=0.5, description="share of ideas joined without a person that may be different"
    )
    auto_without_labels: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="route on definitions alone above this probability; 0: always ask",
    )
    encoder: str = Field(
        default="builtin",
        description="sentence encoder: builtin (Kader's own), none, a folder, or a name on the Hugging Face hub",
    )

    neighbours: Literal["auto", "process", "database"] = Field(
        default="auto", description="where neighbours are searched: auto, process or database (pgvector)"
    )
    exact_up_to: int = Field(
        default=200_000, ge=0, description="auto: up to so many ideas neighbours are searched in the process"
    )

    signs_from: int = Field(
        default=200_000,
        ge=0,
        description="in the process: above so many ideas signs of vectors are compared first",
    )

    second_look: int = Field(
        default=20_000, ge=0, description="ideas that are compared once more in a night; 0: none"
    )
    nightly_training: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="learn at night from what people said: on, off, or auto: where Kader runs its own broker",
    )
    similar: bool = Field(
        default=True, description="show ideas like it (number, title, status) to who is writing one"
    )

    longest_idea: int = Field(default=20_000, ge=100, description="characters in one idea")
    largest_mail: int = Field(default=25_000_000, ge=10_000, description="bytes in one e-mail")
    largest_import: int = Field(default=50_000_000, ge=1_000, description="bytes in one import file")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="what is logged"
    )

    @field_validator("var")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"'{value}' is not a time zone; use a name such as Europe/Amsterdam") from error
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgres://"):
            value = "postgresql://" + value.removeprefix("postgres://")
        if value.startswith("postgresql://"):
            value = "postgresql+psycopg://" + value.removeprefix("postgresql://")
        if value and not value.startswith(("postgresql+psycopg://", "sqlite:///")):
            raise ValueError("use postgresql://user@host/name or sqlite:///path")
        return value

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if value.startswith("unix://"):
            value = "redis+socket://" + value.removeprefix("unix://")
        if value and not value.startswith(("redis://", "rediss://", "redis+socket://")):
            raise ValueError("use redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _known_smtp(cls, value: str) -> str:
        if value:
            parts = urlsplit(value)
            if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
                raise ValueError("use smtp://user:password@host:587 or smtps://user:password@host:465")
        return value

    @field_validator("imap_token_command")
    @classmethod
    def _known_command(cls, value: str) -> str:
        try:
            shlex.split(value)
        except ValueError:
            raise ValueError("a quotation mark in it is not closed") from None
        return value

    @field_validator("imap_url")
    @classmethod
    def _known_mailbox(cls, value: str, info: ValidationInfo) -> str:
        if value:
            has_password = bool(parse_imap_url(value).password)
            has_command = bool(info.data.get("imap_token_command"))
            if has_password and has_command:
                raise ValueError(
                    "leave the password out, or KADER_IMAP_TOKEN_COMMAND: one of the two logs in"
                )
            if not has_password and not has_command:
                raise ValueError("add the password (imaps://user:password@host), or KADER_IMAP_TOKEN_COMMAND")
        return value

    @field_validator("imap_done")
    @classmethod
    def _other_folder(cls, value: str, info: ValidationInfo) -> str:
        url = info.data.get("imap_url")
        if value and url and parse_imap_url(url).folder == value:
            raise ValueError("it is the folder that mail is fetched from: name another")
        refuse_unseen(value)
        return value

    @field_validator("imap_ca")
    @classmethod
    def _readable_certificate(cls, value: str) -> str:
        if value:
            try:
                ssl.create_default_context(cafile=value)
            except OSError as error:  # an SSLError is one as well
                raise ValueError(f"it is no file with certificates (PEM): {error.strerror}") from None
        return value

    @field_validator("mail_from")
    @classmethod
    def _known_sender(cls, value: str) -> str:
        if not is_address(value):
            raise ValueError("use an address such as ideas@example.org, without a name")
        return value

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database in use."""
        return self.database_url or f"sqlite:///{self.var / 'kader.db'}"

    @property
    def embedded_broker(self) -> bool:
        return not self.broker_url

    @property
    def learns_at_night(self) -> bool:
        """Whether the text model is trained each night on what people said since.

        By itself only where all processes are on this machine: others might not see the new model's files.
        """
        return self.embedded_broker if self.nightly_training == "auto" else self.nightly_training == "on"

    @cached_property
    def socket(self) -> Path:
        """Where the embedded broker listens: in the var folder, unless that path is too long for a socket."""
        path = self.var / "run" / "valkey.sock"
        if len(str(path)) <= LONGEST_SOCKET_PATH:
            return path
        name = sha256(str(self.var).encode()).hexdigest()[:16]
        return Path(gettempdir()) / f"kader-{name}" / "valkey.sock"

    @property
    def broker(self) -> str:
        """Kombu URL of the broker in use."""
        return self.broker_url or f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def pages(self) -> str:
        """Address of the pages as people reach them, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether people reach the pages at this machine only: their address is one of its own."""
        return is_loopback(urlsplit(self.pages).hostname or "")

    @property
    def imap(self) -> ImapUrl | None:
        """The mailbox from which ideas are fetched, if there is one."""
        return parse_imap_url(self.imap_url) if self.imap_url else None

    @property
    def mailbox(self) -> Path:
        """Maildir in which mail stays when no SMTP server is configured."""
        return self.var / "mail"

    @property
    def models(self) -> Path:
        """Folder of the trained text models, one folder a version."""
        return self.var / "models"

    @property
    def vectors(self) -> Path:
        """Folder of the sentence vectors that an encoder made before."""
        return self.var / "vectors"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def given_settings() -> dict[str, frozenset[str]]:
    """The names, in capitals, that begin with KADER_: by place, the environment or `.env`. No values."""
    places: dict[str, Iterable[str]] = {"environment": os.environ, ".env": dotenv_values(".env")}
    return {
        place: frozenset(name.upper() for name in names if name.upper().startswith("KADER_"))
        for place, names in places.items()
    }


def unknown_settings() -> list[str]:
    """Names that were given but are no setting, each with the nearest that is, if any: KADER_PROT (KADER_PORT?)."""
    known = {f"KADER_{name.upper()}" for name in Settings.model_fields}
    # The tests' own setting isn't Kader's.
    strange = frozenset().union(*given_settings().values()) - known - {"KADER_TEST_DATABASE_URL"}
    return [with_nearest(name, known) for name in sorted(strange)]


def read_settings(**overrides: object) -> Settings:
    """Settings from the environment and `.env`.

    Raises UserError, one sentence a wrong value, when something can't be used.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values itself
    except ValidationError as error:
        told = [
            f"KADER_{str(item['loc'][0]).upper() if item['loc'] else 'SETTINGS'} can't be used: "
            f"{item['msg'].removeprefix('Value error, ')}."
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise UserError(" ".join(told)) from None
