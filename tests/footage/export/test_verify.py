from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from controller.footage.export.comparing import Difference, Differs
from controller.footage.export.exporting import Wanted, export
from controller.footage.export.manifest import FORMAT, BadManifest, Branch, Manifest
from controller.footage.export.pictures import Unreadable, measure
from controller.footage.export.signing import sign
from controller.footage.export.staging import Staging
from controller.footage.export.verify import ExportFault, Verified, verify
from controller.footage.segment_name import SegmentName
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.secrets.minisign_signing import SigningKey
from controller.store.footage import Segment

SECOND = 1_000_000
TICK = Fraction(1, 90_000)
KEY = SigningKey.generate()

Packet = tuple[bytes, int, bool]
"""Payload, dts in ticks, keyframe."""
Edit = Callable[[list[Packet]], list[Packet]]


def export_to(folder: Path, name: SegmentName, video: Any) -> Path:
    """Six seconds as three segments of two seconds, a keyframe a second, exported and signed."""
    footage = folder / "footage"
    footage.mkdir()
    segments = []
    for number in range(3):
        part = replace(name, start_us=name.start_us + number * 2 * SECOND)
        writer = SegmentWriter(footage, part, video.format)
        for packet in video.packets[number * 20 : number * 20 + 20]:
            writer.write(packet)
        written = writer.close(part.start_us + 2 * SECOND)
        times = (part.start_us, written.end_us, part.start_mono_us)
        segments.append(
            Segment(
                part.segment_id,
                "entrance",
                part.relative,
                *times,
                "boot",
                True,
                written.size_bytes,
                written.sha256,
            )
        )
    target = folder / "out.mp4"
    with Staging() as staging:
        wanted = Wanted(name.start_us, name.start_us + 6 * SECOND)
        done = export(wanted, segments, footage, target, staging)
        manifest = Manifest(
            format=FORMAT,
            software="test",
            branch=Branch(authority="a", branch="b", name="Branch"),
            camera="entrance",
            asked_from=name.start_us,
            asked_to=name.start_us + 6 * SECOND,
            clip=None,
            event=None,
            need="INC-1",
            exported_by="root",
            exported_at=name.start_us + 60 * SECOND,
            clock_trusted=True,
            signed_with=KEY.public.shown,
            films=done.films,
            gaps=(),
        )
        sign(manifest, target, staging, KEY)
        staging.publish()
    return target


@pytest.fixture
def film(tmp_path: Path, name: SegmentName, video: Any) -> Path:
    return export_to(tmp_path, name, video)


def verified(film: Path) -> Verified:
    return verify(film, [KEY.public])


def faults(film: Path) -> list[ExportFault]:
    found = verified(film)
    assert not found.intact
    return [fault.fault for fault in found.faults]


def differs(film: Path) -> list[Differs]:
    found = verified(film)
    assert found.signed
    assert not found.intact
    assert found.faults == ()
    return list(found.films[0].differs)


def edit(film: Path, change: Edit, **form: Any) -> None:
    """Take the pictures out of the film, change them, and make a film of them again."""
    old = film.rename(film.with_name("old.mp4"))
    with av.open(str(old)) as source, av.open(str(film), "w", format="mp4") as output:
        stream = source.streams.video[0]
        out = output.add_stream_from_template(stream, opaque=True)
        for key, value in form.items():
            setattr(out.codec_context, key, value)
        packets = [(bytes(p), p.dts or 0, p.is_keyframe) for p in source.demux(stream) if p.size]
        for payload, dts, keyframe in change(packets):
            packet = av.Packet(payload)
            packet.stream, packet.time_base, packet.is_keyframe = out, TICK, keyframe
            packet.pts = packet.dts = dts
            output.mux_one(packet)
    old.unlink()


def spoilt(payload: bytes) -> bytes:
    return payload[:-3] + bytes([payload[-3] ^ 1]) + payload[-2:]


def test_an_export_is_intact(film: Path) -> None:
    found = verified(film)
    assert found.intact
    assert found.signed
    assert [checked.differs for checked in found.films] == [()]


def test_one_flipped_bit_is_found_in_its_second(film: Path, name: SegmentName) -> None:
    content = bytearray(film.read_bytes())
    with av.open(str(film)) as container:
        places = [packet.pos or 0 for packet in container.demux(video=0) if packet.size]
    content[places[33] + 20] ^= 1
    film.write_bytes(content)
    (found,) = differs(film)
    assert (found.what, found.expected, found.found) == (Difference.PICTURES_ALTERED, 10, 10)
    assert (found.begins_us - name.start_us, found.ends_us - name.start_us) == (3 * SECOND, 4 * SECOND)
    assert found.part is not None
    assert found.part.recorded_from == name.start_us + 2 * SECOND


def test_pictures_altered_in_two_segments_are_told_by_segment(film: Path, name: SegmentName) -> None:
    edit(
        film, lambda ps: [(spoilt(p), t, k) if 15 <= n < 25 else (p, t, k) for n, (p, t, k) in enumerate(ps)]
    )
    found = differs(film)
    assert [one.what for one in found] == [Difference.PICTURES_ALTERED] * 2
    assert [one.begins_us - name.start_us for one in found] == [SECOND, 2 * SECOND]


def test_what_was_cut_out_is_missing(film: Path, name: SegmentName) -> None:
    edit(film, lambda packets: packets[:20] + packets[40:])
    (found,) = differs(film)
    assert (found.what, found.expected, found.found) == (Difference.PICTURES_MISSING, 20, 0)
    assert (found.begins_us - name.start_us, found.ends_us - name.start_us) == (2 * SECOND, 4 * SECOND)


def test_one_picture_less_is_noticed(film: Path, name: SegmentName) -> None:
    edit(film, lambda packets: packets[:24] + packets[25:])
    (found,) = differs(film)
    assert (found.what, found.expected, found.found) == (Difference.PICTURES_ALTERED, 10, 9)
    assert found.begins_us == name.start_us + 2 * SECOND


def test_a_film_cut_short_lacks_its_end(film: Path, name: SegmentName) -> None:
    content = film.read_bytes()
    with av.open(str(film)) as container:
        places = [packet.pos or 0 for packet in container.demux(video=0) if packet.size]
    film.write_bytes(content[: places[50]])
    (found,) = differs(film)
    assert (found.what, found.begins_us) == (Difference.PICTURES_MISSING, name.start_us + 5 * SECOND)


def test_pictures_shown_again_are_told_from_strangers(film: Path, name: SegmentName) -> None:
    def again(packets: list[Packet]) -> list[Packet]:
        return packets + [(p, t + 5 * 90_000, k) for p, t, k in packets[10:20]]

    edit(film, again)
    (found,) = differs(film)
    assert (found.what, found.found, found.again) == (Difference.PICTURES_ADDED, 10, True)
    assert (found.begins_us, found.film_at_us) == (name.start_us + 6 * SECOND, 6 * SECOND)
    edit(film, lambda packets: packets[:60] + [(spoilt(p), t, k) for p, t, k in packets[60:]])
    (found,) = differs(film)
    assert (found.what, found.again) == (Difference.PICTURES_ADDED, False)


def test_two_seconds_that_changed_places_are_missing_here_and_added_there(film: Path) -> None:
    def swapped(packets: list[Packet]) -> list[Packet]:
        order = [*range(20), *range(40, 60), *range(20, 40)]
        return [(packets[n][0], packets[at][1], packets[n][2]) for at, n in enumerate(order)]

    edit(film, swapped)
    found = differs(film)
    assert {one.what for one in found} == {Difference.PICTURES_MISSING, Difference.PICTURES_ADDED}
    assert all(one.again for one in found if one.what is Difference.PICTURES_ADDED)


def test_a_film_slowed_down_is_told_from_an_altered_one(film: Path) -> None:
    edit(film, lambda packets: [(p, t * 2, k) for p, t, k in packets])
    assert [one.what for one in differs(film)] == [Difference.TIMES_ALTERED]


def test_a_changed_word_in_the_rest_of_the_file_is_just_that(film: Path) -> None:
    content = film.read_bytes()
    assert content.count(b"Lavf") == 1
    film.write_bytes(content.replace(b"Lavf", b"Mine"))
    assert [one.what for one in differs(film)] == [Difference.REST_ALTERED]


def test_sound_put_beside_the_pictures_is_noticed(film: Path) -> None:
    old = film.rename(film.with_name("old.mp4"))
    command = f"ffmpeg -v error -i {old} -f lavfi -i anullsrc -shortest -c:v copy -c:a aac {film}"
    subprocess.run(command.split(), check=True)
    assert [one.what for one in differs(film)] == [Difference.TRACKS_ADDED]


def test_other_parameter_sets_are_noticed(film: Path) -> None:
    with av.open(str(film)) as source:
        extradata = bytes(source.streams.video[0].codec_context.extradata or b"")
    edit(film, lambda packets: packets, extradata=extradata[:-1] + bytes([extradata[-1] ^ 1]))
    assert [one.what for one in differs(film)] == [Difference.FORM_ALTERED]


def test_a_manifest_that_was_altered_convicts_itself_and_clears_the_film(film: Path) -> None:
    manifest = film.with_name("out.mp4.json")
    manifest.write_bytes(manifest.read_bytes().replace(b"INC-1", b"INC-2"))
    found = verified(film)
    assert [fault.fault for fault in found.faults] == [ExportFault.MANIFEST_ALTERED]
    assert (found.signed, found.intact) == (False, False)
    assert [(checked.intact, checked.signed) for checked in found.films] == [(True, True)]
    # Made to fit an altered film, the manifest still does not deceive: the signature has the film's hash too.
    film.write_bytes(film.read_bytes().replace(b"Lavf", b"Mine"))
    told = json.loads(manifest.read_bytes())
    told["films"][0]["sha256"] = hashlib.sha256(film.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(told))
    found = verified(film)
    assert [(checked.intact, checked.signed) for checked in found.films] == [(True, False)]
    assert not found.intact


def test_each_missing_file_is_named(film: Path) -> None:
    signature, manifest = film.with_name("out.mp4.json.minisig"), film.with_name("out.mp4.json")
    content = signature.read_bytes()
    signature.unlink()
    assert faults(film) == [ExportFault.SIGNATURE_MISSING]
    signature.write_bytes(b"nonsense")
    assert faults(film) == [ExportFault.SIGNATURE_WRONG]
    signature.write_bytes(content)
    text = manifest.read_bytes()
    manifest.unlink()
    assert faults(film) == [ExportFault.MANIFEST_MISSING]
    manifest.write_bytes(b"{}")
    assert faults(film) == [ExportFault.MANIFEST_ALTERED, ExportFault.MANIFEST_UNREADABLE]
    manifest.write_bytes(text)
    film.write_bytes(b"\0" * 100)
    assert faults(film) == [ExportFault.FILM_UNREADABLE]
    film.unlink()
    assert faults(film) == [ExportFault.FILM_MISSING]


def test_only_the_given_keys_count(film: Path) -> None:
    other = SigningKey.generate()
    found = verify(film, [other.public])
    assert [fault.fault for fault in found.faults] == [ExportFault.SIGNATURE_WRONG]
    assert KEY.public.shown in found.faults[0].why
    assert verify(film, [other.public, KEY.public]).intact


def test_a_renamed_export_is_verified_by_its_new_name(film: Path) -> None:
    for suffix in ("", ".json", ".json.minisig"):
        film.with_name(f"out.mp4{suffix}").rename(film.with_name(f"police.mp4{suffix}"))
    assert verified(film.with_name("police.mp4")).intact


def test_no_manifest_does_more_than_be_refused(film: Path) -> None:
    content = film.with_name("out.mp4.json").read_bytes()
    assert Manifest.parse(content).text() == content
    for at in range(0, len(content), 97):
        for change in (b"", b"}", b'"', b"99999999999999999999", b"null", b"\xff"):
            changed = content[:at] + change + content[at + 1 :]
            film.with_name("out.mp4.json").write_bytes(changed)
            try:
                Manifest.parse(changed)
            except BadManifest:
                continue


def test_no_film_does_more_than_be_refused(film: Path) -> None:
    content = film.read_bytes()
    for at in range(0, len(content), len(content) // 60):
        film.write_bytes(content[:at] + b"\xff" * 40 + content[at + 40 :])
        try:
            measure(film)
        except Unreadable:
            continue


@pytest.mark.parametrize("film_name", [".", "..", "a/b", ""])
def test_a_manifest_names_files_beside_it_alone(film: Path, film_name: str) -> None:
    content = json.loads(film.with_name("out.mp4.json").read_bytes())
    content["films"][0]["name"] = film_name
    with pytest.raises(BadManifest, match="name"):
        Manifest.parse(json.dumps(content).encode())


def test_of_a_strangers_name_the_file_is_read_and_nothing_else(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(film.parent)
    Path("concat:out.mp4").write_bytes(b"no film")
    with pytest.raises(Unreadable):
        measure(Path("concat:out.mp4"))


@pytest.mark.parametrize("suffix", ["", ".json", ".json.minisig"])
def test_a_pipe_is_not_waited_for(film: Path, suffix: str) -> None:
    file = film.with_name(f"out.mp4{suffix}")
    file.unlink()
    os.mkfifo(file)
    assert not verified(film).intact
