-- +goose Up
ALTER TABLE document ADD COLUMN parts BLOB; -- where its articles stand in the body; NULL when nobody knows

ALTER TABLE article ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0; -- stands above the others on the feed's page
CREATE INDEX article_pinned ON article (feed_id, number) WHERE pinned = 1;

UPDATE article SET expires = 0 WHERE state = 'withdrawn'; -- from now on the end of its notice

CREATE TABLE chunk (                -- the closed archives
    feed_id BIGINT NOT NULL,
    chunk   BIGINT NOT NULL,        -- from 1, without gaps
    first   BIGINT NOT NULL,        -- publication numbers
    last    BIGINT NOT NULL,
    PRIMARY KEY (feed_id, chunk)
);
CREATE INDEX chunk_first ON chunk (feed_id, first);

-- What a refresh asks for must not cost more the more there is.
DROP INDEX article_waiting;
CREATE INDEX article_waiting ON article (feed_id, position) WHERE state = 'waiting';
CREATE INDEX article_notice ON article (feed_id, number) WHERE state = 'withdrawn' AND expires > 0;
CREATE INDEX document_live ON document (feed_id, path) WHERE page = 0 AND removed = 0;
