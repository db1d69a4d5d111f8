-- One schema for every database: BIGINT seconds, TEXT, INTEGER; no clock functions, "now" is always a parameter.

-- +goose Up
CREATE TABLE feed (
    id       BIGINT PRIMARY KEY,
    name     TEXT   NOT NULL UNIQUE,
    uid      TEXT   NOT NULL,            -- the feed's permanent id in its documents
    revision BIGINT NOT NULL DEFAULT 0,  -- rises with every commit of articles
    position BIGINT NOT NULL DEFAULT 0,  -- the last article position given
    number   BIGINT NOT NULL DEFAULT 0,  -- the last publication number given
    as_of    BIGINT NOT NULL DEFAULT 0,  -- the moment that the articles are shown for
    wake     BIGINT NOT NULL DEFAULT 0,  -- the next embargo or expiry
    due      BIGINT NOT NULL DEFAULT 0,  -- the next refresh
    rendered BIGINT NOT NULL DEFAULT 0,  -- the revision that the documents show
    dress    TEXT   NOT NULL DEFAULT '', -- digest of the settings that the documents were made with
    release  BIGINT NOT NULL DEFAULT 0   -- rises with every change of the documents
);

CREATE TABLE article (
    feed_id   BIGINT  NOT NULL,
    position  BIGINT  NOT NULL,             -- order of first sight
    number    BIGINT  NOT NULL DEFAULT 0,   -- order of publication; 0 before it
    state     TEXT    NOT NULL,             -- waiting, live, withdrawn, expired
    reason    TEXT    NOT NULL DEFAULT '',  -- why it waits, or who withdrew it
    id        TEXT    NOT NULL DEFAULT '',  -- fixed at publication
    given     TEXT    NOT NULL DEFAULT '',  -- the id given by the source
    key       TEXT    NOT NULL DEFAULT '',
    gone      INTEGER NOT NULL DEFAULT 0,   -- its origin has vanished
    link      TEXT    NOT NULL DEFAULT '',
    slug      TEXT    NOT NULL DEFAULT '',
    hosted    INTEGER NOT NULL DEFAULT 0,   -- the link is a page of ours
    published BIGINT  NOT NULL DEFAULT 0,
    updated   BIGINT  NOT NULL DEFAULT 0,
    expires   BIGINT  NOT NULL DEFAULT 0,
    released  BIGINT  NOT NULL DEFAULT 0,   -- when it first appeared in the documents
    revision  BIGINT  NOT NULL DEFAULT 0,   -- of the feed in which it last changed
    digest    TEXT    NOT NULL,             -- of all that the source said
    material  TEXT    NOT NULL,             -- of what moves the updated date
    body      TEXT    NOT NULL,             -- the article as the source gave it, JSON
    PRIMARY KEY (feed_id, position)
);
CREATE UNIQUE INDEX article_id     ON article (feed_id, id) WHERE id <> '';
CREATE INDEX        article_number ON article (feed_id, number);
CREATE INDEX        article_revision ON article (feed_id, revision);
CREATE INDEX        article_key    ON article (feed_id, key);
CREATE INDEX        article_link   ON article (feed_id, link) WHERE link <> '';
CREATE INDEX        article_given  ON article (feed_id, given) WHERE given <> '';
CREATE INDEX        article_gone   ON article (feed_id, digest) WHERE gone = 1;
CREATE INDEX        article_waiting ON article (feed_id) WHERE state = 'waiting';
CREATE INDEX        article_expiry ON article (feed_id, expires) WHERE expires > 0;

CREATE TABLE memory (
    feed_id BIGINT NOT NULL,
    source  TEXT   NOT NULL,   -- digest of the source's words
    key     TEXT   NOT NULL,
    value   BLOB   NOT NULL,
    PRIMARY KEY (feed_id, source, key)
);

CREATE TABLE document (
    feed_id  BIGINT  NOT NULL,
    path     TEXT    NOT NULL,
    type     TEXT    NOT NULL,
    modified BIGINT  NOT NULL,
    etag     TEXT    NOT NULL,
    body     BLOB    NOT NULL,
    page     INTEGER NOT NULL,             -- an article's page, which outlives the live documents
    release  BIGINT  NOT NULL,             -- in which it last changed
    removed  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (feed_id, path)
);
CREATE INDEX document_release ON document (feed_id, release);

CREATE TABLE delivery (
    feed_id BIGINT NOT NULL,
    output  TEXT   NOT NULL,
    release BIGINT NOT NULL,
    PRIMARY KEY (feed_id, output)
);
