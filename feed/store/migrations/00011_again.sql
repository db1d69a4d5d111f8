-- An article that came back after it was withdrawn is shown for a while however old it is: whoever has its notice learns of it.

-- +goose Up
ALTER TABLE article ADD COLUMN again BIGINT NOT NULL DEFAULT 0; -- the end of that while
CREATE INDEX article_again ON article (feed_id, again) WHERE again > 0;
