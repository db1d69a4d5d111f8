-- +goose Up
ALTER TABLE article ADD COLUMN source TEXT NOT NULL DEFAULT ''; -- digest of the source that it was read from
