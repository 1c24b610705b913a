#!/usr/bin/python3
"""Prints a caught mail as a person would see it: its headers decoded, then its text.

    show.py FILE
"""

import email
import email.policy
import sys
from pathlib import Path

SHOWN = ("Delivered-To", "From", "To", "Subject", "Date", "Message-ID")


def main() -> None:
    mail = email.message_from_bytes(Path(sys.argv[1]).read_bytes(), policy=email.policy.default)
    for name in SHOWN:
        for value in mail.get_all(name, []):
            print(f"{name}: {value}")
    print()
    text = mail.get_body(preferencelist=("plain", "html"))
    print(text.get_content().rstrip() if text else "(no text)")


if __name__ == "__main__":
    main()
