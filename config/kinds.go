package config

import (
	"feedmill/feed/fetch"
	"feedmill/output/file"
	"feedmill/output/s3"
	"feedmill/source/command"
	"feedmill/source/files"
	"feedmill/source/json"
	"feedmill/source/mailbox"
	"feedmill/source/opml"
	"feedmill/source/page"
	"feedmill/source/sitemap"
	"feedmill/source/sql"
	"feedmill/source/upstream"
)

// Kinds is the table of source kinds: one pointer field a kind, exactly one of them set. The field's word is the kind's
// word in the configuration; the first field of the kind's Config is its short form (files: "posts/*.md").
type Kinds struct {
	// Files reads articles from files in folders.
	Files *files.Config `yaml:"files"`
	// Feed reads a feed on the web.
	Feed *upstream.Config `yaml:"feed"`
	// Page reads a web page that lists articles.
	Page *page.Config `yaml:"page"`
	// JSON reads a JSON API.
	JSON *json.Config `yaml:"json"`
	// Command reads what a program prints. Only the main file may name one, and files to which it allows this kind by name.
	Command *command.Config `yaml:"command"`
	// Sitemap reads what a sitemap or a site lists.
	Sitemap *sitemap.Config `yaml:"sitemap"`
	// OPML reads all the feeds that an OPML file lists.
	OPML *opml.Config `yaml:"opml"`
	// SQL reads the rows of a database.
	SQL *sql.Config `yaml:"sql"`
	// Mailbox reads newsletters and mailing lists out of an IMAP folder or a Maildir. Its feed is private, or says that it is
	// public.
	Mailbox *mailbox.Config `yaml:"mailbox"`
}

func (Kinds) defaults(web fetch.Config) any {
	f := files.Default()
	listed := page.Default()
	listed.Fetch = web.Clone()
	api, program, rows := json.Default(), command.Default(), sql.Default()
	api.Fetch = web.Clone()
	return Kinds{
		Files:   &f,
		Feed:    &upstream.Config{Fetch: web.Clone()},
		Page:    &listed,
		JSON:    &api,
		Command: &program,
		Sitemap: &sitemap.Config{Fetch: web.Clone()},
		OPML:    &opml.Config{Fetch: web.Clone()},
		SQL:     &rows,
		Mailbox: &mailbox.Config{Fetch: web.Clone()},
	}
}

// OutputKinds is the table of output kinds, in the shape of [Kinds].
type OutputKinds struct {
	// File writes documents into a folder.
	File *file.Config `yaml:"file"`
	// S3 puts documents into a bucket.
	S3 *s3.Config `yaml:"s3"`
}

func (OutputKinds) defaults(fetch.Config) any {
	return OutputKinds{File: &file.Config{}, S3: &s3.Config{}}
}

// AlertKinds is the table of the places where alerts go, in the shape of [Kinds]. Only the program itself sends them, so
// their words stand in this package.
type AlertKinds struct {
	// Webhook posts them to an address.
	Webhook *WebhookAlert `yaml:"webhook"`
	// Command runs a program for each.
	Command *CommandAlert `yaml:"command"`
}

func (AlertKinds) defaults(fetch.Config) any {
	return AlertKinds{Webhook: &WebhookAlert{}, Command: &CommandAlert{Timeout: defaultAlertTimeout}}
}
