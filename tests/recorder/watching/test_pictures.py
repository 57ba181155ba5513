from __future__ import annotations

from dataclasses import replace
from typing import Any

import av
import cv2
import numpy as np
import pytest

from controller.recorder.watching.pictures import HEIGHT, WIDTH, KeyframeDecoder, StreamDecoder, small


def test_what_is_no_picture_is_none(video: Any) -> None:
    decoder = KeyframeDecoder(video.format)
    first = video.packets[0]
    assert decoder.decode(type(first)(b"\0\0\0\1\x65 no slice", 0, 0, True)) is None
    assert decoder.decode(first) is not None


def test_a_stream_is_decoded_from_its_first_keyframe_on_and_given_where_wanted(video: Any) -> None:
    decoder = StreamDecoder(video.format)
    assert [decoder.decode(packet, wanted=True) for packet in video.packets[1:10]] == [None] * 9
    pictures = [decoder.decode(p, wanted=not n % 2) for n, p in enumerate(video.packets[10:])]
    assert [picture is not None for picture in pictures] == [True, False] * 25
    # The square, 40 of 320 pixels wide, is where it is put, though only every second picture was asked for.
    for number, picture in enumerate(pictures):
        if picture is not None:
            left = ((number + 10) * 4 % 280) // 2
            assert picture[50, left + 2 : left + 18].min() > 200
            assert np.delete(picture[50], slice(left - 2, left + 22)).max() < 120


def test_a_stream_that_is_damaged_goes_on(video: Any) -> None:
    decoder = StreamDecoder(video.format)
    packets = [p if n % 7 else replace(p, payload=b"\0\0\0\1\x41 noise") for n, p in enumerate(video.packets)]
    assert any(decoder.decode(packet, wanted=True) is not None for packet in packets[30:])


@pytest.mark.parametrize("name", ["yuv420p", "yuvj420p", "nv12", "yuv420p10le"])
def test_pictures_of_every_format_are_equally_bright(name: str) -> None:
    ramp = np.tile(np.linspace(0, 255, 640), (360, 1)).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(cv2.merge([ramp, ramp, ramp]), format="bgr24").reformat(format=name)
    picture = small(frame)
    assert picture.shape == (HEIGHT, WIDTH)
    expected = np.linspace(0, 255, WIDTH)
    assert np.abs(picture[45].astype(float) - expected).max() < 4
