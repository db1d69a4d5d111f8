-- Each article costs as few entries at random places as can be.

-- +goose Up
-- A given id and a link that are the public id as well, as those of most feeds on the web are, are found by that.
DROP INDEX article_given;
CREATE INDEX article_given ON article (feed_id, given) WHERE given <> '' AND given <> id;
DROP INDEX article_link;
CREATE INDEX article_link ON article (feed_id, link) WHERE link <> '' AND link <> id;
DROP INDEX article_key;
CREATE INDEX article_key ON article (feed_id, key) WHERE key <> '';
