-- +goose Up
CREATE TABLE page (                   -- what the web pages of articles added to them: each is fetched once
    feed_id  BIGINT NOT NULL,
    position BIGINT NOT NULL,         -- of the article
    step     TEXT   NOT NULL,         -- what asked for the page
    body     TEXT   NOT NULL,         -- JSON
    PRIMARY KEY (feed_id, position, step)
);

CREATE TABLE listed (                 -- articles, or edits of some, that wait for a page, as their source listed them
    feed_id   BIGINT  NOT NULL,
    position  BIGINT  NOT NULL,       -- of the article
    number    BIGINT  NOT NULL,       -- the publication number that is kept for it; 0: none is
    source    TEXT    NOT NULL,       -- digest of the source's words
    digest    TEXT    NOT NULL,       -- of all that the source said
    is_foreign INTEGER NOT NULL,      -- the source is somebody else's
    since     BIGINT  NOT NULL,       -- when it began to wait
    dated     BIGINT  NOT NULL,       -- the article's date: the newest are asked for first
    due       BIGINT  NOT NULL,       -- the page is not asked for before
    tries     INTEGER NOT NULL,       -- that failed
    failure   TEXT    NOT NULL,       -- the last failure
    body      TEXT    NOT NULL,       -- the article, JSON
    PRIMARY KEY (feed_id, position)
);
CREATE INDEX listed_due ON listed (feed_id, due);
CREATE INDEX listed_number ON listed (feed_id, number) WHERE number > 0;

ALTER TABLE feed ADD COLUMN ask BIGINT NOT NULL DEFAULT 0; -- when a page may be asked for again; 0: none is waited for

-- There may be very many that wait for their pages, and few that wait for anything else.
DROP INDEX article_waiting;
CREATE INDEX article_waiting ON article (feed_id, position) WHERE state = 'waiting' AND reason <> 'page';
