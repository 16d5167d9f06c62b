"""What `svodka serve` is asked to do, checked before anything heavy is loaded."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from svodka.errors import ConfigError

_LEAST_TOKEN = 16  # characters; shorter ones are guessed


@dataclass(frozen=True)
class Limits:
    """What a request may ask.

    Attributes:
        body: most bytes of a request.
        articles: most articles of a request.
        seconds: from when the request has begun to its answer.
        queue: most articles that wait, of all requests.
    """

    body: int = 8 * 2**20
    articles: int = 64
    seconds: float = 30.0
    queue: int = 256

    def __post_init__(self) -> None:
        if self.articles > self.queue:
            raise ConfigError(
                f"--articles {self.articles} is more than --queue {self.queue}: no such request could ever wait; "
                "allow a longer queue"
            )


@dataclass(frozen=True)
class ServeOptions:
    """How the service is reached, and by whom.

    Attributes:
        host: address to listen on.
        port: to listen on; 0: any that is free.
        token_file: holds the tokens of those who may ask, one a line; None: anybody on this machine.
        origins: of pages of other sites that may ask, as `https://news.example`.
        allow_fetch: requests may name the address of a page, which is then fetched.
        workers: processes behind the one socket.
        limits: of a request.
        corrections: where an editor's corrections go; None: the desk takes none.
        database: of `svodka watch`, whose articles the desk shows; None: none.
        log_requests: a line on standard error for each.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token_file: Path | None = None
    origins: tuple[str, ...] = ()
    allow_fetch: bool = False
    workers: int = 1
    limits: Limits = field(default_factory=Limits)
    corrections: Path | None = None
    database: str | None = None
    log_requests: bool = False

    def check(self) -> None:
        """Look whether it is safe to begin.

        Raises:
            ConfigError: no tokens although others can reach it, a token file that cannot be used, or no origin.
        """
        if self.token_file is None and not is_loopback(self.host):
            raise ConfigError(
                f"--host {self.host} can be reached from other machines; name those who may ask by --token-file, "
                "or listen on 127.0.0.1"
            )
        if self.token_file is not None:
            read_tokens(self.token_file)
        for origin in self.origins:
            if not origin.startswith(("https://", "http://")) or origin.count("/") != 2:
                raise ConfigError(f"--allow-origin '{origin}' is no origin; give one as https://news.example")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Token:
    """What a request proves itself by.

    Attributes:
        secret: the token.
        admin: whether the model may be changed by it.
    """

    secret: str
    admin: bool = False


def read_tokens(path: Path) -> tuple[Token, ...]:
    """The tokens of a file: one a line; `admin` before one lets it change the model. A line with # is a comment.

    Raises:
        ConfigError: no such file, no token in it, or one that is easily guessed.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"--token-file {path} cannot be read: {error}") from error
    words = [line.split() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not words:
        raise ConfigError(f"--token-file {path} holds no token; write one a line, as `openssl rand -hex 32` makes them")
    for number, line in enumerate(words, 1):
        if line[:-1] not in ([], ["admin"]) or len(line[-1]) < _LEAST_TOKEN or not line[-1].isascii():
            raise ConfigError(
                f"--token-file {path}: token {number} must be one word of at least {_LEAST_TOKEN} ASCII characters, "
                "with `admin` before it or nothing; make one by `openssl rand -hex 32`"
            )
    return tuple(Token(line[-1], admin=len(line) > 1) for line in words)
