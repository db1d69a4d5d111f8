-- The tags of articles, for feeds that have documents for each: which articles bear one, by publication number.

-- +goose Up
CREATE TABLE facet (
    feed_id  BIGINT NOT NULL,
    facet    BIGINT NOT NULL,             -- order of first sight
    folded   TEXT   NOT NULL,             -- the tag, however it is written
    name     TEXT   NOT NULL,             -- the tag as it was written first
    slug     TEXT   NOT NULL,             -- its address below the feed's
    articles BIGINT NOT NULL DEFAULT 0,   -- how many live ones bear it
    changed  BIGINT NOT NULL DEFAULT 0,   -- when one of them last changed
    release  BIGINT NOT NULL DEFAULT 0,   -- of the feed in which its documents last changed
    PRIMARY KEY (feed_id, facet)
);
CREATE UNIQUE INDEX facet_folded  ON facet (feed_id, folded);
CREATE UNIQUE INDEX facet_slug    ON facet (feed_id, slug);
CREATE INDEX        facet_release ON facet (feed_id, release);
CREATE INDEX        facet_most    ON facet (feed_id, articles);

CREATE TABLE tagged (
    feed_id  BIGINT NOT NULL,
    facet    BIGINT NOT NULL,
    number   BIGINT NOT NULL,             -- the article's
    position BIGINT NOT NULL,
    PRIMARY KEY (feed_id, facet, number)
);
CREATE INDEX tagged_position ON tagged (feed_id, position);

ALTER TABLE feed ADD COLUMN faceted BIGINT NOT NULL DEFAULT 0; -- the revision up to which tags are noted; 0: none are
