-- Files that belong to articles, such as pictures. Their bytes lie in pieces of feed 0.

-- +goose Up
CREATE TABLE media (
    name    TEXT    NOT NULL PRIMARY KEY, -- a digest of the bytes, and the file's own name
    type    TEXT    NOT NULL,
    size    BIGINT  NOT NULL,
    body    BIGINT  NOT NULL,             -- the body in pieces
    kept    BIGINT  NOT NULL,             -- when it was kept first
    touched BIGINT  NOT NULL              -- when somebody last wanted it
);
CREATE INDEX media_body ON media (body);

CREATE TABLE media_use (
    feed_id  BIGINT  NOT NULL,
    position BIGINT  NOT NULL,            -- of the article
    name     TEXT    NOT NULL,
    used     INTEGER NOT NULL,            -- 0: an earlier form of the article did
    PRIMARY KEY (feed_id, position, name)
);
CREATE INDEX media_use_name ON media_use (name, feed_id, position);
