-- Who reads, as the server counts it: no address is kept. Names are those of feeds, and of editions that have readers of
-- their own; '' is the feed itself.

-- +goose Up
CREATE TABLE pollers (
    feed TEXT NOT NULL,
    edition TEXT NOT NULL,
    day TEXT NOT NULL, -- 2026-11-22
    pollers BIGINT NOT NULL,
    PRIMARY KEY (feed, edition, day)
);
CREATE TABLE subscribers (
    feed TEXT NOT NULL,
    edition TEXT NOT NULL,
    aggregator TEXT NOT NULL,
    subject TEXT NOT NULL, -- its feed-id, or a path
    subscribers BIGINT NOT NULL,
    said BIGINT NOT NULL,
    PRIMARY KEY (feed, edition, aggregator, subject)
);
CREATE TABLE reader (
    feed TEXT NOT NULL,
    edition TEXT NOT NULL,
    name TEXT NOT NULL,
    seen BIGINT NOT NULL, -- to the minute
    PRIMARY KEY (feed, edition, name)
);
