package daemon

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/render"
)

// redirectsPath is where hosts of static files look for redirects: Netlify, Cloudflare Pages and others after them.
const redirectsPath = "_redirects"

// redirectsMark is the first line of a file of redirects that is ours.
const redirectsMark = "# Written by feedmill: where feeds lay before they moved."

// What hosts follow of such a file: the least that one of them documents, Cloudflare Pages. Netlify has no such limits.
const (
	mostRedirects       = 2000 // of single addresses; they stand before those of folders, or are counted among them
	mostFolderRedirects = 100
	longestRedirect     = 1000
)

// redirects brings to a release the file of redirects for one output, or takes it away when nothing has moved. One that
// somebody else wrote stays as it is. No server of buckets follows it.
func (p *Plan) redirects(r *feed.Release, out site) error {
	if out.dir == "" {
		return nil
	}
	before, err := os.ReadFile(filepath.Join(out.dir, redirectsPath))
	there := err == nil
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("look for redirects: %w", feed.Classify(feed.Unavailable, err))
	}
	if there && !bytes.HasPrefix(before, []byte(redirectsMark)) {
		return nil
	}
	if lines := p.redirectLines(out); len(lines) > 0 {
		text := redirectsMark + "\n" + strings.Join(lines, "\n") + "\n"
		r.Documents = append(slices.Clone(r.Documents), feed.NewDocument(redirectsPath, "text/plain; charset=utf-8", p.now().Truncate(time.Second), []byte(text)))
	} else if there {
		r.Removed = append(slices.Clone(r.Removed), redirectsPath)
	}
	return nil
}

// redirectLines are the redirects for what an output has of feeds that moved: of each document, and then of all else below.
func (p *Plan) redirectLines(out site) []string {
	base, err := url.Parse(p.Config.BaseURL)
	if err != nil {
		return nil // the configuration has looked at it
	}
	list := redirectList{base: base.EscapedPath()}
	for _, m := range p.Config.Moved {
		f := p.Feed(m.To)
		if f == nil || f.Private() && !out.private || p.taken(m.From, m.From) {
			continue
		}
		for _, path := range f.liveAt(out.name) {
			if old := m.From + strings.TrimPrefix(path, m.To); !p.taken(m.From, old) {
				list.one(old, path)
			}
		}
		switch {
		case !f.pagesAt(out.name):
		case p.anyBelow(m.From):
			list.one(m.From+"/", m.To+"/")
		default:
			list.one(m.From, m.To+"/")
			list.folder(m.From, m.To)
		}
	}
	return list.lines()
}

// redirectList is a file of redirects on its way.
type redirectList struct {
	base    string // the escaped path that addresses begin with
	single  []string
	folders []movedFolder
	left    int // that no host would follow
}

type movedFolder struct{ from, to string }

// line is a redirect of a path, or of all below it when each has an ending that says so.
func (l *redirectList) line(from, fromEnding, to, toEnding string) string {
	return render.Address(l.base, from) + fromEnding + " " + render.Address(l.base, to) + toEnding + " 301"
}

// one redirects a single address.
func (l *redirectList) one(from, to string) {
	line := l.line(from, "", to, "")
	if len(l.single) == mostRedirects || len(line) > longestRedirect {
		l.left++
		return
	}
	l.single = append(l.single, line)
}

// folder redirects whatever lies below a key.
func (l *redirectList) folder(from, to string) {
	l.folders = append(l.folders, movedFolder{from, to})
}

// lines puts a key that lies below another one before it: the first line that fits an address is followed.
func (l *redirectList) lines() []string {
	slices.SortStableFunc(l.folders, func(a, b movedFolder) int {
		return cmp.Compare(strings.Count(b.from, "/"), strings.Count(a.from, "/"))
	})
	var folders []string
	for _, f := range l.folders {
		line := l.line(f.from+"/", "*", f.to+"/", ":splat")
		if len(folders) == mostFolderRedirects || len(line) > longestRedirect {
			l.left++
			l.one(f.from+"/", f.to+"/")
			continue
		}
		folders = append(folders, line)
	}
	lines := slices.Concat(l.single, folders)
	if l.left > 0 {
		lines = append(lines, fmt.Sprintf("# Left out are %d more, for no more than %d of single addresses and %d of folders are followed everywhere, and none longer", l.left, mostRedirects, mostFolderRedirects),
			fmt.Sprintf("# than %d characters. What lies at the old addresses leads on, or is the same as at the new ones.", longestRedirect))
	}
	return lines
}
