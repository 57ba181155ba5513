"""An RTSP server for one stream: RTP over the same TCP connection (RFC 2326, section 10.12).

Here: requests, any number of clients, each with a queue of its own, and what goes wrong with real
cameras: a stall, a dropped connection, a jump of the time stamps, a camera that is away. Never here:
where the pictures come from, and what RTP packets look like (``rtp``).
"""

from __future__ import annotations

import base64
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Lock, Thread

from simulator.camera.encoder import CLOCK_HZ, AccessUnit, Codec, parameter_sets
from simulator.camera.rtp import (
    SOUND_DESCRIPTION,
    SOUND_TRACK,
    Packetiser,
    SoundPacketiser,
    media_description,
)
from simulator.closing import Closing

HOST = "127.0.0.1"
BACKLOG = 300
"""Access units that wait for a slow client before it loses some."""
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"


class RtspServer(Closing):
    """Listens from construction until ``close``.

    password: None for a camera that anybody may watch. microphone: the camera has one, and sends its sound
    to every watcher, asked or not; ``sound_asked`` is whether anybody did.
    """

    def __init__(
        self,
        path: str = "stream",
        *,
        port: int = 0,
        username: str = "",
        password: str | None = None,
        microphone: bool = False,
    ) -> None:
        self.sound_asked = False
        self._microphone = microphone
        self._path = path
        self._login = (
            None if password is None else base64.b64encode(f"{username}:{password}".encode()).decode()
        )
        self._lock = Lock()
        self._clients: set[_Client] = set()
        self._coding: tuple[tuple[bytes, ...], Codec] | None = None
        self._stalled = False
        self._shift = 0
        self._port = port
        self._listener: socket.socket | None = None
        self.listen()

    @property
    def url(self) -> str:
        return f"rtsp://{HOST}:{self._port}/{self._path}"

    @property
    def watchers(self) -> int:
        """How many clients are being sent pictures."""
        with self._lock:
            return sum(client.playing for client in self._clients)

    @property
    def behind(self) -> int:
        """How many pictures the slowest of them has still to be sent."""
        with self._lock:
            return max((client.waiting for client in self._clients if client.playing), default=0)

    def publish(self, unit: AccessUnit) -> None:
        """Send a picture to everybody who watches."""
        if unit.keyframe and self._coding is None:
            self._coding = parameter_sets(unit), unit.codec
        with self._lock:
            if not self._stalled:
                for client in self._clients:
                    client.offer(unit, self._shift)

    # --- what goes wrong ------------------------------------------------------------------------

    def stall(self, stalled: bool = True) -> None:
        """Connections stay, pictures stop."""
        with self._lock:
            self._stalled = stalled

    def drop(self) -> None:
        """Close every connection; clients may come again at once."""
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            client.close()

    def jump(self, seconds: float) -> None:
        """Every time stamp from now on is so much later (or earlier)."""
        with self._lock:
            self._shift += int(seconds * CLOCK_HZ)

    def listen(self) -> None:
        """Be reachable, on the same port as before."""
        if self._listener is None:
            self._listener = socket.create_server((HOST, self._port))
            self._port = int(self._listener.getsockname()[1])
            Thread(target=self._accept, args=(self._listener,), name="rtsp", daemon=True).start()

    def close(self) -> None:
        """Be away: connections end and new ones are refused. ``listen`` brings it back."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.drop()

    # --- the server's threads -------------------------------------------------------------------

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client = _Client(connection, self._microphone)
                with self._lock:
                    self._clients.add(client)
                Thread(target=self._serve, args=(client,), name="rtsp-client", daemon=True).start()

    def _serve(self, client: _Client) -> None:
        try:
            with suppress(OSError):
                for request in client.requests():
                    self._answer(client, request)
        finally:
            client.close()
            with self._lock:
                self._clients.discard(client)

    def _answer(self, client: _Client, request: _Request) -> None:
        if self._login is not None and request.headers.get("authorization") != f"Basic {self._login}":
            client.reply(request, "401 Unauthorized", {"WWW-Authenticate": 'Basic realm="camera"'})
            return
        match request.method:
            case "OPTIONS":
                client.reply(request, "200 OK", {"Public": METHODS})
            case "DESCRIBE" if self._coding is None:
                client.reply(request, "503 Service Unavailable")
            case "DESCRIBE":
                head = {"Content-Type": "application/sdp", "Content-Base": f"{self.url}/"}
                client.reply(request, "200 OK", head, self._description())
            case "SETUP" if "RTP/AVP/TCP" not in request.headers.get("transport", ""):
                client.reply(request, "461 Unsupported Transport")
            case "SETUP":
                sound = request.address.endswith(SOUND_TRACK)
                self.sound_asked |= sound
                transport = f"RTP/AVP/TCP;unicast;interleaved={'2-3' if sound else '0-1'}"
                client.reply(request, "200 OK", {"Transport": transport, "Session": client.session})
            case "PLAY":
                client.reply(request, "200 OK", {"Session": client.session, "Range": "npt=now-"})
                client.play()
            case "GET_PARAMETER":
                client.reply(request, "200 OK", {"Session": client.session})
            case "TEARDOWN":
                client.reply(request, "200 OK", {"Session": client.session})
                client.close()
            case _:
                client.reply(request, "405 Method Not Allowed")

    def _description(self) -> str:
        assert self._coding is not None
        return "\r\n".join(
            [
                "v=0",
                f"o=- 1 1 IN IP4 {HOST}",
                "s=simulated camera",
                f"c=IN IP4 {HOST}",
                "t=0 0",
                *media_description(*self._coding),
                *(SOUND_DESCRIPTION if self._microphone else []),
                "",
            ]
        )


class _Request:
    """method, address and headers (names in small letters) of a request."""

    def __init__(self, text: str) -> None:
        first, *rest = text.split("\r\n")
        self.method, self.address, *_ = [*first.split(" "), "", ""]
        pairs = (line.split(":", 1) for line in rest if ":" in line)
        self.headers = {name.strip().lower(): value.strip() for name, value in pairs}


class _Client:
    """One connection: requests come on its serving thread, pictures go on a thread of their own."""

    def __init__(self, connection: socket.socket, microphone: bool) -> None:
        self.session = f"{random.getrandbits(32):08x}"
        self.playing = False
        self._connection = connection
        self._sending = Lock()
        self._waiting: Queue[tuple[AccessUnit, int]] = Queue(BACKLOG)
        self._seen_keyframe = False
        self._packets = Packetiser()
        self._sound = SoundPacketiser() if microphone else None

    def requests(self) -> Iterator[_Request]:
        """Until the connection ends. Interleaved packets of the client (RTCP) are skipped."""
        stream = self._connection.makefile("rb")
        while first := stream.read(1):
            if first == b"$":
                _, length = struct.unpack(">BH", stream.read(3))
                stream.read(length)
                continue
            lines = [first + stream.readline()]
            while (line := stream.readline()) not in (b"\r\n", b""):
                lines.append(line)
            yield _Request(b"".join(lines).decode("utf-8", "replace"))

    def reply(
        self, request: _Request, status: str, headers: dict[str, str] | None = None, body: str = ""
    ) -> None:
        head = {"CSeq": request.headers.get("cseq", "0"), **(headers or {})}
        if body:
            head["Content-Length"] = str(len(body))
        lines = [f"RTSP/1.0 {status}", *(f"{name}: {value}" for name, value in head.items()), "", body]
        self._send("\r\n".join(lines).encode())

    def play(self) -> None:
        if not self.playing:
            self.playing = True
            Thread(target=self._write, name="rtsp-pictures", daemon=True).start()

    def offer(self, unit: AccessUnit, shift: int) -> None:
        """Never waits: a client that does not keep up loses pictures until the next keyframe."""
        if not self.playing or not (self._seen_keyframe or unit.keyframe):
            return
        try:
            self._waiting.put_nowait((unit, shift))
            self._seen_keyframe = True
        except Full:
            self._seen_keyframe = False

    @property
    def waiting(self) -> int:
        return self._waiting.qsize()

    def close(self) -> None:
        self.playing = False
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _write(self) -> None:
        with suppress(OSError):
            while self.playing:
                try:
                    unit, shift = self._waiting.get(timeout=0.5)
                except Empty:
                    continue
                data = b"".join(self._packets.packets(unit, shift))
                self._send(data if self._sound is None else data + self._sound.packet(unit, shift))

    def _send(self, data: bytes) -> None:
        with self._sending:
            self._connection.sendall(data)
