"""Prints each article of feed documents as python3-feedparser reads it, one line of JSON each.

    read.py DOCUMENT...
"""

import json
import sys
from calendar import timegm

import feedparser

for path in sys.argv[1:]:
    with open(path, "rb") as f:
        feed = feedparser.parse(f.read())
    if feed.bozo:
        sys.exit(f"{path}: not well formed: {feed.bozo_exception}")
    for e in feed.entries:
        # `author` of an Atom entry is only its first; `authors` has all, for RSS the one dc:creator.
        print(json.dumps({
            "document": path,
            "title": e.title,
            "id": e.id,
            "link": e.link,
            "date": timegm(e.published_parsed),
            "author": ", ".join(a.get("name", "") for a in e.authors),
            "content": e.content[0].value,
        }))
