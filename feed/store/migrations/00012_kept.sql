-- The last good form of what the configuration is made of besides its main file: rows of blocks, included files.

-- +goose Up
CREATE TABLE kept (
    name TEXT NOT NULL PRIMARY KEY,
    body BLOB NOT NULL
);
