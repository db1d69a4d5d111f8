-- Bodies too large for memory lie in pieces, written before the document that they belong to is.

-- +goose Up
CREATE TABLE piece (
    feed_id BIGINT NOT NULL,
    body    BIGINT NOT NULL,     -- which body it belongs to
    place   BIGINT NOT NULL,     -- of its first byte
    bytes   BLOB   NOT NULL,
    PRIMARY KEY (feed_id, body, place)
);
ALTER TABLE document ADD COLUMN large BIGINT NOT NULL DEFAULT 0; -- the body in pieces that is the document's; 0: body is
ALTER TABLE document ADD COLUMN size  BIGINT NOT NULL DEFAULT 0; -- of the body in pieces
