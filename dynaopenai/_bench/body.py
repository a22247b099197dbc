"""A body that is there already -> what urllib3 reads in a connection's place."""

from __future__ import annotations

from io import BytesIO


class Body(BytesIO):
    """Bytes that are closed once they are read, as a connection is; else ``iter_content(None)`` reads on for ever."""

    def isclosed(self) -> bool:
        """What urllib3 asks for the end of a body."""
        return self.closed or self.tell() >= len(self.getbuffer())
