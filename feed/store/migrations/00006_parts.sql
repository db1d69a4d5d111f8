-- +goose Up
ALTER TABLE document ADD COLUMN parts BLOB; -- where its articles stand in the body; NULL when nobody knows
