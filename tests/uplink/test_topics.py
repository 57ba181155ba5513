from __future__ import annotations

from controller.core.event import EventType
from controller.uplink.topics import Topics

TOPICS = Topics("worcestershire", "droitwich")


def test_topics_are_as_documented() -> None:
    assert TOPICS.event(EventType.DOOR_OPENED) == "lu/v1/worcestershire/droitwich/evt/door.opened"
    assert TOPICS.status == "lu/v1/worcestershire/droitwich/status"
    assert TOPICS.door("front") == "lu/v1/worcestershire/droitwich/door/front"
    assert TOPICS.notice == "lu/v1/worcestershire/droitwich/notice"
    assert TOPICS.journal_head("door") == "lu/v1/worcestershire/droitwich/journals/door/head"
    assert TOPICS.acknowledgements == "lu/v1/worcestershire/droitwich/ack/+"


def test_no_event_type_would_make_a_topic_level_or_a_wildcard() -> None:
    assert not [kind for kind in EventType if set(kind) & set("/+#")]
