"""GStreamer's RTSP server in front of an RTP stream, or of an H.265 encoder: a camera that none of us wrote.

Run with Debian's own Python (/usr/bin/python3), which sees its GObject bindings. It prints the port it
listens on and serves until it is ended:

    /usr/bin/python3 rtsp_server.py --from-rtp 5004 --port 8554     ->  rtsp://127.0.0.1:8554/cam
    /usr/bin/python3 rtsp_server.py --h265
"""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  # the versions come first

PIPELINE = (
    '( udpsrc address=127.0.0.1 port={port} caps="application/x-rtp,media=video,clock-rate=90000,'
    'encoding-name=H264" ! rtph264depay ! h264parse ! rtph264pay name=pay0 config-interval=-1 )'
)
# With what few cameras do: pictures that lean on later ones, also across keyframes; parameter sets sent once.
H265 = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=30/1"
    " ! x265enc speed-preset=ultrafast key-int-max=12 bitrate=300 option-string="
    "bframes=3:b-adapt=0:open-gop=1:pools=none:frame-threads=1:rc-lookahead=5:log-level=none"
    " ! h265parse ! rtph265pay name=pay0 config-interval=0 )"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--from-rtp", type=int, help="UDP port that receives H.264 in RTP")
    source.add_argument("--h265", action="store_true", help="a ball that moves, in H.265")
    parser.add_argument("--port", default="0", help="port to serve on; 0 takes a free one")
    arguments = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(arguments.port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(H265 if arguments.h265 else PIPELINE.format(port=arguments.from_rtp))
    factory.set_shared(True)
    server.get_mount_points().add_factory("/cam", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
