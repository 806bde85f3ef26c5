"""The address of a server: the URL of its interface, or of one endpoint of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A URL such as http://localhost:8000/v1, with or without an endpoint behind it.

    >>> ServerAddress("http://localhost:8000/v1/").asked
    'http://localhost:8000/v1/chat/completions'
    >>> ServerAddress("http://localhost:8000/v1/completions").base
    'http://localhost:8000/v1'
    """

    url: str

    @property
    def as_text(self) -> bool:
        """Whether it is the endpoint that takes prompts as text."""
        path = self.url.rstrip("/")
        return path.endswith("/completions") and not path.endswith("/chat/completions")

    @property
    def base(self) -> str:
        """The interface without the endpoint."""
        path = self.url.rstrip("/").removesuffix("/completions").removesuffix("/chat")
        return path.rstrip("/")

    @property
    def asked(self) -> str:
        """Where completions are asked for."""
        return f"{self.base}/{'completions' if self.as_text else 'chat/completions'}"

    @property
    def models(self) -> str:
        """Where the server lists its models."""
        return f"{self.base}/models"
