-- +goose Up
CREATE TABLE pending (               -- what a source gave that is not believed yet
    feed_id BIGINT NOT NULL,
    source  TEXT   NOT NULL,         -- digest of the source's words
    name    TEXT   NOT NULL,         -- of the source
    hash    TEXT   NOT NULL,         -- of what tells the batch from another
    reason  TEXT   NOT NULL,         -- why it is not believed
    times   BIGINT NOT NULL,         -- looks in a row that gave it
    first   BIGINT NOT NULL,         -- the first of them
    last    BIGINT NOT NULL,         -- the last one that counted
    batch   BLOB   NOT NULL,         -- its articles, and what the source wants to remember with them, JSON
    PRIMARY KEY (feed_id, source)
);

-- How many files of a source are there is asked when many vanish at once.
CREATE INDEX article_there ON article (feed_id, source) WHERE gone = 0 AND key <> '';
