"""Python's own reader, strict: a mail with a defect is refused. Run: defects.py DIRECTORY."""
import email
import email.policy
import pathlib
import sys

POLICY = email.policy.SMTP.clone(raise_on_defect=True)


def defects(mail):
    found = list(mail.defects)
    for part in mail.walk():
        found += part.defects
        for value in part.values():
            found += value.defects
    return found


def check(path):
    raw = path.read_bytes()
    mail = email.message_from_bytes(raw, policy=POLICY)
    assert not defects(mail), defects(mail)
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert mail["from"].addresses[0].addr_spec == "cadence@example.com" and len(mail["from"].addresses) == 1
    assert mail["to"].addresses[0].addr_spec == "maria@example.com" and len(mail["to"].addresses) == 1
    assert mail["date"].datetime and mail["subject"].strip()
    for part in mail.iter_parts():
        assert part.get_content().strip()
    for line in raw.split(b"\r\n"):
        assert len(line) <= 998 and b"\n" not in line and b"\r" not in line, line


def main():
    mails = sorted(pathlib.Path(sys.argv[1], "mail").glob("*.eml"))
    assert len(mails) >= 6, mails
    for path in mails:
        try:
            check(path)
        except Exception as fault:
            sys.exit(f"{path}: {type(fault).__name__}: {fault}")
    try:
        email.message_from_bytes(b"Subject: x\r\nno header\r\n\r\n", policy=POLICY)
        sys.exit("a mail with a defect was not noticed")
    except email.errors.MessageDefect:
        print(f"mails: {len(mails)} without a defect, as Python reads them")


main()
