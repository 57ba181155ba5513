"""Files that are sent with a form are kept in memory alone, and sealed: on no disk, and nobody changes them.

Keys and memberships come this way. Of whoever is not logged in nothing is kept. Here: taking them in. Never
here: what becomes of them, or how much may be sent at all (``bodies``).
"""

from __future__ import annotations

import fcntl
import os
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

LARGEST = 64_000_000
"""Bytes of a file; some 600,000 memberships."""
LARGEST_REQUEST = LARGEST + 1_000_000
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class Upload(UploadedFile):
    """Closed, and gone, when the request is over. too_large: it is not all there."""

    too_large = False

    @property
    def descriptor(self) -> int:
        """To be handed over to another process."""
        return int(self.fileno())


class InMemory(FileUploadHandler):
    """One file after the other, as Django asks for it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file = os.fdopen(os.memfd_create("upload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b", 0)
        self._too_large = False
        self._most = LARGEST if self.request and self.request.user.is_authenticated else 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        # What is beyond is read and forgotten, so that the form can say so.
        self._too_large |= start + len(raw_data) > self._most
        if not self._too_large:
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> Upload:
        fcntl.fcntl(self._file.fileno(), fcntl.F_ADD_SEALS, SEALS)
        self._file.seek(0)
        upload = Upload(self._file, self.file_name, self.content_type, file_size, self.charset)
        upload.too_large = self._too_large
        return upload

    def upload_interrupted(self) -> None:
        self._file.close()
