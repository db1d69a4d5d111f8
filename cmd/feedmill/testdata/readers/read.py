"""Prints the articles of a feed document as python3-feedparser reads them, one line of JSON each.

    read.py DOCUMENT
"""

import json
import sys
import time

import feedparser

with open(sys.argv[1], "rb") as f:
    feed = feedparser.parse(f.read())
if feed.bozo:
    sys.exit(f"{sys.argv[1]}: feedparser calls it malformed: {feed.bozo_exception}")
for e in feed.entries:
    print(json.dumps({
        "title": e.title,
        "id": e.id,
        "link": e.link,
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", e.published_parsed),
        # e.author is the first of several only, and has the address in brackets behind the name
        "author": ", ".join(a.name for a in e.authors),
        "content": e.content[0].value,
    }))
