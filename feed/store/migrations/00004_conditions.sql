-- +goose Up
CREATE TABLE condition (              -- what is wrong now
    feed    TEXT    NOT NULL,
    subject TEXT    NOT NULL,         -- "feed", "silence", "source NAME" or "output NAME"
    kind    TEXT    NOT NULL,         -- held, silent, output, or the class of the error
    class   TEXT    NOT NULL,
    text    TEXT    NOT NULL,         -- what is wrong and what to do
    mark    TEXT    NOT NULL,         -- the text without what differs from time to time
    since   BIGINT  NOT NULL,         -- of this kind
    times   INTEGER NOT NULL,         -- how many refreshes in a row said so
    alarmed TEXT    NOT NULL,         -- the kind that an alarm was raised for; empty: none was
    PRIMARY KEY (feed, subject)
);
CREATE INDEX condition_subject ON condition (subject);

CREATE TABLE alert (                  -- alarms and recoveries on their way
    id     BIGINT  PRIMARY KEY,
    target TEXT    NOT NULL,          -- where it goes
    body   TEXT    NOT NULL,          -- JSON
    made   BIGINT  NOT NULL,
    due    BIGINT  NOT NULL,          -- not to be sent before: a failure, or another process is at it
    tries  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX alert_target ON alert (target, id);

ALTER TABLE feed ADD COLUMN refreshed BIGINT NOT NULL DEFAULT 0; -- when its last refresh ended
