package config

import (
	"feedmill/feed/fetch"
	"feedmill/output/file"
	"feedmill/source/command"
	"feedmill/source/each"
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

// EachKinds is the table of where the rows of a block come from, in the shape of [Kinds].
type EachKinds struct {
	// CSV reads a file with comma-separated values.
	CSV *each.Config `yaml:"csv"`
	// Files reads the front matter of files.
	Files *EachFiles `yaml:"files"`
	// JSON reads the items of a JSON API or file.
	JSON *json.RowsConfig `yaml:"json"`
	// SQL reads the rows of a query.
	SQL *sql.Config `yaml:"sql"`
}

func (EachKinds) defaults(web fetch.Config) any {
	items, rows := json.DefaultRows(), sql.Default()
	items.Fetch = web.Clone()
	return EachKinds{CSV: &each.Config{}, Files: &EachFiles{}, JSON: &items, SQL: &rows}
}

// EachFiles names files each of which is a row, by its front matter. As articles they have more words, so these stand here.
type EachFiles struct {
	// Path is a pattern of files as a source of files has it.
	Path string `yaml:"path"`
}

// Files is the same pattern in the words of a source.
func (c EachFiles) Files() files.Config { return files.Config{Path: c.Path} }

// Validate reports in one sentence what is wrong with the pattern.
func (c EachFiles) Validate() error { return c.Files().Validate() }

// OutputKinds is the table of output kinds, in the shape of [Kinds].
type OutputKinds struct {
	// File writes documents into a folder.
	File *file.Config `yaml:"file"`
}

func (OutputKinds) defaults(fetch.Config) any { return OutputKinds{File: &file.Config{}} }

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
