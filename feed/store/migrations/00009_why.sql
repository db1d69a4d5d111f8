-- +goose Up
ALTER TABLE article ADD COLUMN filtered TEXT NOT NULL DEFAULT ''; -- what filters said of it when it came in or changed last

CREATE TABLE handover (               -- the last deliveries to outputs that keep what they get
    feed_id  BIGINT NOT NULL,
    output   TEXT   NOT NULL,
    release  BIGINT NOT NULL,
    revision BIGINT NOT NULL,         -- of the articles that the release shows
    at       BIGINT NOT NULL,
    PRIMARY KEY (feed_id, output, release)
);
