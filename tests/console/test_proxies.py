"""The proxies' examples say what docs/console.md asks of a proxy."""

from __future__ import annotations

from pathlib import Path

from controller.settings.console import ConsoleSettings

SYSTEMD = Path(__file__).parents[2] / "systemd"
HERE = f"{ConsoleSettings().address}:{ConsoleSettings().port}"


def test_nginx_overwrites_what_a_browser_claims_and_speaks_tls_alone() -> None:
    said = (SYSTEMD / "nginx.conf.example").read_text()
    for header, value in (("For", "$remote_addr"), ("Proto", "$scheme"), ("Host", "$host")):
        assert f"proxy_set_header X-Forwarded-{header} {value};" in said
    assert f"proxy_pass http://{HERE};" in said
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in said
    assert "return 301 https://$host$request_uri;" in said
    assert "proxy_buffering off;" in said
    assert "$proxy_add_x_forwarded_for" not in said


def test_caddy_passes_on_at_once_and_trusts_nobody_before_it() -> None:
    said = (SYSTEMD / "Caddyfile.example").read_text()
    assert f"reverse_proxy {HERE} {{" in said
    assert "flush_interval -1" in said
    assert "trusted_proxies" not in said
