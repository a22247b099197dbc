"""What tests of all rooms are given."""

from __future__ import annotations

from both import a_client, client

__all__ = ["a_client", "client"]
