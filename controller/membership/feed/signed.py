"""Whether a file is the one that the holder of the branch's feed key has signed, under this name."""

from __future__ import annotations

from typing import BinaryIO

from controller.membership.feed.refusal import BadFile, Cause
from controller.secrets.minisign import BadSignature, PublicKey, Signature, verify


def check(file: BinaryIO, name: str, signature: bytes | None, key: PublicKey, *, name_counts: bool) -> None:
    """file: from its start to its end. signature: what is in the file beside it; None: there is none.

    name_counts: the name says what the file is and when it was true, so it must be signed too. Raises
    BadFile.
    """
    if signature is None:
        why = f"it is not signed, and feed.public_key wants it to be: `minisign -S -m {name}`"
        raise BadFile(Cause.UNSIGNED, why)
    try:
        signed_as = verify(file, Signature.parse(signature), key)
    except BadSignature as error:
        raise BadFile(Cause.BAD_SIGNATURE, f"its signature does not count: {error}") from None
    if signed_as is None and name_counts:
        why = "its signature does not say the file's name; sign it without a comment (-t) of your own"
        raise BadFile(Cause.BAD_SIGNATURE, why)
    if signed_as not in (None, name):
        raise BadFile(Cause.BAD_SIGNATURE, "it was signed under another name")
