"""A client of the Shepot protocol, with its own MLS, written from PROTOCOL.md."""

from .client import Client
from .invitation import Invitation

__all__ = ["Client", "Invitation"]
