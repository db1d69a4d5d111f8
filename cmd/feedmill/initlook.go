package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"feedmill/cmd/feedmill/internal/draft"
	"feedmill/feed/rows"
	"feedmill/source/sql"
)

// looker tells what init looks at, and returns what looks at it. Nil: it is an address on the web.
func (a *app) looker(what string) (func(context.Context) (draft.Draft, error), error) {
	scheme, _, _ := strings.Cut(what, ":")
	switch scheme = strings.ToLower(scheme); {
	case scheme == "http" || scheme == "https":
		if u, err := url.Parse(what); err == nil && u.Host != "" {
			return nil, nil
		}
	case scheme == "imap" || scheme == "imaps":
		return mailAt(what)
	case scheme == "maildir":
		what = strings.TrimPrefix(what[len("maildir:"):], "//")
	case slices.Contains([]string{"postgres", "postgresql", "mysql", "mariadb", "sqlite"}, scheme):
		return func(ctx context.Context) (draft.Draft, error) { return database(ctx, what, filepath.Dir(a.path)) }, nil
	}
	info, err := os.Stat(what)
	switch {
	case err == nil && info.IsDir() && (scheme == "maildir" || draft.IsMaildir(os.DirFS(what))):
		return func(context.Context) (draft.Draft, error) { return draft.Maildir(os.DirFS(what), a.fromHere(what)) }, nil
	case err == nil && info.IsDir():
		return func(context.Context) (draft.Draft, error) { return draft.Folder(os.DirFS(what), a.fromHere(what)) }, nil
	case err == nil && isSQLite(what):
		return func(ctx context.Context) (draft.Draft, error) {
			return database(ctx, "sqlite:"+a.fromHere(what), filepath.Dir(a.path))
		}, nil
	case err == nil && info.Mode().IsRegular() && slices.Contains([]string{".csv", ".tsv"}, strings.ToLower(filepath.Ext(what))):
		return func(context.Context) (draft.Draft, error) {
			body, err := rows.File(what, "")
			if err != nil {
				return draft.Draft{}, err
			}
			return draft.CSV(body, a.fromHere(what))
		}, nil
	}
	return nil, usage{fmt.Errorf("%s is no http or https address, no database, no mailbox, no table and no folder; init takes one such as "+
		"https://acme.example/news, postgres://user@host/name, news.db, imaps://user@host/INBOX, teams.csv or articles", withoutPassword(what))}
}

// mailAt looks at the address of a mailbox.
func mailAt(what string) (func(context.Context) (draft.Draft, error), error) {
	u, err := url.Parse(what)
	if err != nil || u.Hostname() == "" || u.User.Username() == "" {
		return nil, usage{errors.New("the address of the mailbox has no user or no host; write it such as imaps://feeds@mail.example.org/INBOX, without a password")}
	}
	return func(context.Context) (draft.Draft, error) { return draft.Mailbox(u), nil }, nil
}

// withoutPassword is what an operator wrote, as far as it can hold no password.
func withoutPassword(what string) string {
	if strings.Contains(what, "@") {
		return "what is given"
	}
	return what
}

// isSQLite reports whether a file is a database of SQLite (https://www.sqlite.org/fileformat.html, section 1.3).
func isSQLite(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	const magic = "SQLite format 3\x00"
	begin := make([]byte, len(magic))
	n, _ := f.Read(begin)
	return bytes.Equal(begin[:n], []byte(magic))
}

// fromHere is a path as the configuration writes it: seen from its folder, if it lies there.
func (a *app) fromHere(name string) string {
	whole, err := filepath.Abs(name)
	if err != nil {
		return filepath.ToSlash(name)
	}
	folder, err := filepath.Abs(filepath.Dir(a.path))
	if err == nil {
		if near, err := filepath.Rel(folder, whole); err == nil && filepath.IsLocal(near) {
			return filepath.ToSlash(near)
		}
	}
	return filepath.ToSlash(whole)
}

// database looks at the tables of a database.
func database(ctx context.Context, address, folder string) (draft.Draft, error) {
	var d sql.DSN
	if err := d.UnmarshalText([]byte(address)); err != nil {
		return draft.Draft{}, usage{err}
	}
	var pools sql.Pools
	defer func() { _ = pools.Close() }() // nothing was written
	found, err := sql.Tables(ctx, &pools, d, folder)
	if err != nil {
		return draft.Draft{}, err
	}
	var tables []draft.Table
	for _, t := range found {
		tables = append(tables, draft.Table(t))
	}
	_, name, _ := strings.Cut(d.String(), ":")
	name, _, _ = strings.Cut(path.Base(name), "?")
	return draft.Rows(draft.Database{Kind: d.Kind(), Name: strings.TrimSuffix(name, path.Ext(name)), DSN: d.String(), Secret: d.HasSecrets()}, tables)
}

// drafted is a draft as a part of the configuration or, if it is the first, as a whole one.
func drafted(d draft.Draft, first bool) string {
	key := plainKey(d.Key, "news")
	if strings.Contains(d.Key, "://") {
		key = keyOf(d.Key)
	}
	notes, feeds, _ := strings.Cut(d.String(key), "feeds:\n")
	if first {
		notes += "server: {}\n"
	}
	return notes + "feeds:\n" + feeds
}
