"""The columns of Spambase, in the order of the published table."""

from __future__ import annotations

WORDS = (
    *("make", "address", "all", "3d", "our", "over", "remove", "internet", "order", "mail", "receive", "will"),
    *("people", "report", "addresses", "free", "business", "email", "you", "credit", "your", "font", "000", "money"),
    *("hp", "hpl", "george", "650", "lab", "labs", "telnet", "857", "data", "415", "85", "technology", "1999"),
    *("parts", "pm", "direct", "cs", "meeting", "original", "project", "re", "edu", "table", "conference"),
)
SIGNS = (
    *(";", "(", "[", "!", "$", "#"),
    *("mean run of capitals", "longest run of capitals", "capitals"),
)
COLUMNS = (*WORDS, *SIGNS)
