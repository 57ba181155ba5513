"""A file as an answer, or the part of it that was asked for, so that a browser can seek in a film.

Never here: whether it may be sent.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from controller.console.footage.ranges import NotSatisfiable, piece_of
from controller.footage import reading


def sent(request: HttpRequest, file: Path, kind: str, *, name: str = "") -> HttpResponseBase:
    """kind: its media type. name: under which it is saved; without one it is shown. Raises OSError."""
    with ExitStack() as stack:
        content = stack.enter_context(reading.opened(file))
        size = content.seek(0, os.SEEK_END)
        status = file.stat()
        etag = f'"{status.st_ino:x}-{size:x}-{status.st_mtime_ns:x}"'
        asked = request.headers.get("Range", "")
        if request.headers.get("If-Range", etag) != etag:
            asked = ""  # it is another file by now
        headers = {"Accept-Ranges": "bytes", "ETag": etag}
        try:
            piece = piece_of(asked, size) if asked and request.method == "GET" else None
        except NotSatisfiable:
            return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        if piece is None:
            content.seek(0)
            whole = _Whole(
                content, content_type=kind, as_attachment=bool(name), filename=name, headers=headers
            )
            whole.opened = stack.pop_all()
            return whole
        content.seek(piece.first)
        part = content.read(piece.length)
        headers["Content-Range"] = piece.header(size)
        return HttpResponse(part, content_type=kind, status=206, headers=headers)


class _Whole(FileResponse):
    """Sent by the web server as it reads it. opened: closed with the answer."""

    opened: ExitStack

    def close(self) -> None:
        super().close()
        self.opened.close()
