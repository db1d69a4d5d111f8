package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"reflect"
)

// sources takes the sources of a feed.
func (l *loader) sources(feedAt place, written word[[]word[sourceWords]]) []Source {
	switch {
	case written.State == missing:
		feedAt.path += ".source"
		l.report(feedAt, `is missing; say where the articles come from, such as source: {files: "articles/*.md"}`)
		return nil
	case written.State == refused:
		return nil
	case len(written.Value) == 0:
		l.report(written.At, "is empty; write at least one source")
		return nil
	}
	names, digests := map[string]bool{}, map[string]place{}
	for _, s := range written.Value {
		name := s.Value.Name
		if name.State == good && names[string(name.Value)] {
			l.report(name.At, "another source of this feed is called %s", name.Shown)
		}
		names[string(name.or(""))] = true
	}
	var sources []Source
	for _, s := range written.Value {
		source := Source{
			Name: string(s.Value.Name.or("")), Digest: s.Value.digest(l.config.Fetch),
			Address: string(s.Value.Address.Value), From: s.Value.From.Value, Kinds: s.Value.Kinds,
			Fetch: l.config.Fetch,
		}
		if source.Name == "" {
			source.Name = freeName(usualName(source), names)
		}
		if first, ok := digests[source.Digest]; ok && s.State == good {
			l.report(s.At, "is the same source as the one on line %d; a feed reads a source once", first.line)
		}
		digests[source.Digest] = s.At
		l.mayRun(s.At, source)
		l.apart(s.At, source)
		l.oneReport(s.At, source)
		sources = append(sources, source)
	}
	return sources
}

// mayRun reports a source that runs a program in a file that may run none: an included one, unless the main file allows the
// kind by name. With a leave the walk has asked already.
func (l *loader) mayRun(at place, s Source) {
	if main := l.config.Files[0]; s.Command != nil && at.file != main && l.may == nil {
		at.path += ".command"
		l.report(at, "runs a program, which an included file may not unless kinds: of its include names command; write that into %s, or move the feed there", filepath.Base(main))
	}
}

// apart reports a source that would read what feedmill writes: its own pages would come back as articles.
func (l *loader) apart(at place, s Source) {
	for _, o := range l.config.Outputs {
		if s.Files != nil && o.File != nil && s.Files.Reads(l.config.Dir, o.File.Dir) {
			l.report(at, "reads the folder that output %s writes, and its pages would come back as articles; write them elsewhere, or make path narrower", o.Name)
		}
	}
}

// oneReport reports a source whose report another one writes too: each would take the other's lines away.
func (l *loader) oneReport(at place, s Source) {
	if s.Files == nil || !s.Files.Report {
		return
	}
	file := s.Files.ReportFile(l.config.Dir)
	if first, taken := l.reports[file]; taken {
		l.report(at, "writes the same report %s as the source on line %d of %s; write report: true at one of them only, or make the folder before the first wildcard of path another",
			filepath.Base(file), first.line, first.file)
		return
	}
	l.reports[file] = at
}

// usualName is the name of a source that is given none: the host of what lies on the web, else the word of its kind.
func usualName(s Source) string {
	address, kind := s.Address, kindOf(s.Kinds)
	switch {
	case s.From != "":
		kind = "from"
	case s.Feed != nil:
		address = s.Feed.URL
	case s.Page != nil:
		address = s.Page.URL
	case s.JSON != nil:
		address = s.JSON.URL
	case s.Sitemap != nil:
		address = s.Sitemap.URL
	case s.OPML != nil:
		address = s.OPML.Path
	case s.Mailbox != nil:
		if u, err := url.Parse(s.Mailbox.URL); err == nil && u.Hostname() != "" {
			return u.Hostname()
		}
	}
	if u, err := parseWebURL(address); err == nil {
		return u.Hostname()
	}
	return kind
}

// Origin says in a few words what the source reads: its kind with the first of the kind's words, such as
// "files articles/*.md". What the query of an address holds is left out, for it may be a secret; so are the arguments of a program.
func (s Source) Origin() string {
	switch {
	case s.From != "":
		return "from " + s.From
	case s.Address != "":
		return withoutQuery(s.Address)
	case s.Command != nil:
		return "command " + s.Command.Run[0]
	}
	v := reflect.ValueOf(s.Kinds)
	for _, f := range fieldsOf(v.Type()) {
		if words := v.FieldByIndex(f.index); !words.IsNil() {
			return f.name + " " + withoutQuery(fmt.Sprint(words.Elem().Field(0).Interface()))
		}
	}
	return s.Name
}

// withoutQuery is an address without what only its owner may see; anything else stays as it is.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	query := u.RawQuery != ""
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	if query {
		return u.String() + "?…"
	}
	return u.String()
}

// freeName returns base, numbered when it is taken, and takes it.
func freeName(base string, taken map[string]bool) string {
	name := base
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	taken[name] = true
	return name
}

// kindOf returns the word of the kind that is set in a table, "" when none is.
func kindOf(t table) string {
	v := reflect.ValueOf(t)
	for _, f := range fieldsOf(v.Type()) {
		if !v.FieldByIndex(f.index).IsNil() {
			return f.name
		}
	}
	return ""
}
