"""The recorder with time-outs that are a tenth of what they are, so that a camera can be lost often.

``python -m benchmarks.impatient recorder --config FILE`` is ``unlocked recorder`` otherwise.
"""

from __future__ import annotations

from controller.commands.main import main
from controller.recorder.capture import camera_thread, sub_stream
from drivers import rtsp_camera

rtsp_camera.READ_TIMEOUT_S = 0.8
camera_thread.FIRST_RETRY_S = camera_thread.LONGEST_RETRY_S = 0.05
sub_stream.FIRST_RETRY_S = 0.1

main()
