-- +goose Up
ALTER TABLE article ADD COLUMN source TEXT NOT NULL DEFAULT ''; -- digest of the source that it was read from

CREATE TABLE begun (                 -- work that may end the process, while it is under way
    work  TEXT PRIMARY KEY,          -- its digest
    times BIGINT NOT NULL            -- how often it was begun and never ended
);
