"""One channel delivers while another cannot: what the other was to say waits for it, and is said once it can."""
import json

import pytest

from installation import ACME, MONDAY, wait_for

LATE = ("late", "Late AS", "standard", "2026-08-24")  # due on Tuesday
TUESDAY, WEDNESDAY = "2026-11-24T08:30:00Z", "2026-11-25T08:30:00Z"
REFUSED, LATER = (403, {}, b"invalid_token"), (503, {"Retry-After": "21600"}, b"later")  # 6 hours


def everything(text):
    return text


def only_cold(text):
    return text.replace('channels = [ "mail", "sales" ]', 'channels = ( "mail", { channel = "sales"; only = "cold"; } )')


def told_by_mail_alone(site, edit, answer, expect):
    """On Monday of what is cold, on Tuesday of what is due; the chat takes neither."""
    site.http.answers["/slack"] = answer
    site.write(partners=[ACME], edit=edit, events="")
    site.once(MONDAY, expect=expect)
    site.write(partners=[ACME, LATE], edit=edit, events="")
    site.once(TUESDAY, expect=expect)
    assert len([m for m in site.smtp.accepted if m.recipients == ["maria@example.com"]]) == 2
    site.http.answers.clear()


def taken(site):
    return [json.loads(r.body)["text"] for r in site.http.to("/slack") if r.status == 200]


def assert_said(site, edit):
    """What is cold alone, or both, each once."""
    wait_for(lambda: site.outbox("digest") == [], what="an empty outbox")
    names = [name for text in taken(site) for name in ("Acme", "Late") if name in text]
    assert sorted(names) == (["Acme"] if edit == only_cold else ["Acme", "Late"])


@pytest.mark.parametrize("edit", [everything, only_cold])
def test_what_a_blocked_channel_was_to_say_outlives_a_digest_that_does_not_say_it(site, edit):
    told_by_mail_alone(site, edit, REFUSED, expect=1)
    site.start("2026-11-24T09:00:00Z")
    waiting = [d["key"].split("|")[2] for d in site.outbox("digest")]
    assert waiting == (["2026-11-23"] if edit == only_cold else ["2026-11-23", "2026-11-24"])
    site.ctl("outbox", "retry")
    assert_said(site, edit)


@pytest.mark.parametrize("edit", [everything, only_cold])
def test_what_a_channel_could_not_say_for_a_day_outlives_a_digest_that_does_not_say_it(site, edit):
    told_by_mail_alone(site, edit, LATER, expect=0)
    for now in ("2026-11-24T20:30:00Z", WEDNESDAY):
        site.once(now)
    site.start("2026-11-25T09:00:00Z")
    assert_said(site, edit)


def test_a_digest_that_says_all_of_an_older_one_takes_its_place_on_a_blocked_channel(site):
    site.http.answers["/slack"] = REFUSED
    site.write(partners=[ACME], events="")
    site.once(MONDAY, expect=1)
    site.once("2026-11-30T08:30:00Z", expect=1)  # the review day: it is told again
    site.http.answers.clear()
    site.start("2026-11-30T09:00:00Z")
    delivery, = site.outbox("digest")
    assert "2026-11-30" in delivery["key"]
    site.ctl("outbox", "retry")
    wait_for(lambda: len(taken(site)) == 1, what="the chat")


def test_once_fails_while_a_channel_is_blocked_though_nothing_waits_for_it(site):
    site.http.answers["/slack"] = REFUSED
    site.write(partners=[ACME], events="")
    site.once(MONDAY, expect=1)
    site.start("2026-11-23T09:00:00Z")
    delivery, = site.outbox("digest")
    site.ctl("outbox", "drop", delivery["id"])
    site.stop()
    site.once(TUESDAY, expect=1)
