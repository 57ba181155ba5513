"""The web server: waitress, on a thread of its own beside the keeper of the journal."""

from __future__ import annotations

import logging
import threading

from django.core.handlers.wsgi import WSGIHandler
from waitress import wasyncore
from waitress.server import create_server

from controller.console.web.bodies import Channel
from controller.console.web.uploads import LARGEST_REQUEST

THREADS = 24
"""Some of them belong to pages that are open and told what happens (``today``)."""

log = logging.getLogger(__name__)


class WebServer:
    """Listens from the beginning. Raises OSError if it cannot."""

    def __init__(self, application: WSGIHandler, address: str, port: int) -> None:
        self._server = create_server(
            application,
            host=address,
            port=port,
            threads=THREADS,
            ident=None,
            channel_timeout=60,
            # Whoever closes a page that is told what happens is found out at once, and its thread is free.
            channel_request_lookahead=1,
            max_request_header_size=32_768,
            max_request_body_size=LARGEST_REQUEST,
            # The proxy on this machine says who asks, and whether over TLS; nobody else is believed.
            trusted_proxy="127.0.0.1",
            trusted_proxy_headers={"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
            clear_untrusted_proxy_headers=True,
        )
        self._server.channel_class = Channel
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.effective_port)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop listening; what is being answered has a moment to end."""
        server = self._server
        if not self._thread.is_alive():
            wasyncore.close_all(server._map)
            return
        # By the thread that waits for the sockets: it must find none of them closed.
        server.trigger.pull_trigger(lambda: wasyncore.dispatcher.close(server))
        server.task_dispatcher.shutdown(timeout=2)
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        self._thread.join()
