package daemon

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/render"
)

// former are the keys that a feed had before.
func (p *Plan) former(cf config.Feed) (keys []string) {
	for _, m := range p.Config.Moved {
		if m.To == cf.Key {
			keys = append(keys, m.From)
		}
	}
	return keys
}

// taken reports whether a path below a key that a feed had before is another feed's now, or an edition's: they go before it
// on the server too.
func (p *Plan) taken(key, path string) bool {
	f := p.owner(path)
	if f == nil {
		return false
	}
	return len(f.Name) >= len(key) || slices.ContainsFunc(f.Editions, func(e mill.Edition) bool {
		name := e.Channel.Name()
		rest, below := strings.CutPrefix(path, name)
		return below && len(name) >= len(key) && (rest == "" || rest[0] == '/' || rest[0] == '.')
	})
}

// site is an output as it takes the documents that belong to no feed.
type site struct {
	feed.Publisher
	name    string // of its [mill.Output]
	dir     string
	private bool
}

// redirectsPath is where hosts of static files look for redirects: Netlify, Cloudflare Pages and others after them.
const redirectsPath = "_redirects"

// redirectsMark is the first line of a file of redirects that is ours.
const redirectsMark = "# Written by feedmill: where feeds lay before they moved."

// redirects brings to a release the file of redirects for one output, or takes it away when nothing has moved. One that
// somebody else wrote stays as it is.
func (p *Plan) redirects(r *feed.Release, out site) error {
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
func (p *Plan) redirectLines(out site) (lines []string) {
	base, err := url.Parse(p.Config.BaseURL)
	if err != nil {
		return nil // the configuration has looked at it
	}
	address := func(path string) string { return render.Address(base.EscapedPath(), path) }
	line := func(from, to string) string { return fmt.Sprintf("%s %s 301", address(from), address(to)) }
	var below []string
	for _, m := range p.Config.Moved {
		f := p.Feed(m.To)
		if f == nil || f.Private() && !out.private || p.taken(m.From, m.From) {
			continue
		}
		for _, path := range f.liveAt(out.name) {
			if old := m.From + strings.TrimPrefix(path, m.To); !p.taken(m.From, old) {
				lines = append(lines, line(old, path))
			}
		}
		switch {
		case !f.pagesAt(out.name):
		case p.anyBelow(m.From):
			lines = append(lines, line(m.From+"/", m.To+"/"))
		default:
			lines = append(lines, line(m.From, m.To+"/"))
			below = append(below, fmt.Sprintf("%s* %s:splat 301", address(m.From+"/"), address(m.To+"/")))
		}
	}
	return append(lines, below...)
}

// anyBelow reports whether a feed lies below a key.
func (p *Plan) anyBelow(key string) bool {
	return slices.ContainsFunc(p.Feeds, func(f *Feed) bool { return strings.HasPrefix(f.Name, key+"/") })
}

// liveAt are the paths of the feeds, the feed's own and its editions', that an output gets.
func (f *Feed) liveAt(output string) (paths []string) {
	channels := []render.Channel{f.Channel}
	for _, e := range f.Editions {
		channels = append(channels, e.Channel)
	}
	for _, c := range channels {
		if !f.goesTo(output, c.Edition) {
			continue
		}
		for _, format := range c.Formats {
			paths = append(paths, c.Path(format))
		}
	}
	return paths
}

// pagesAt reports whether an output gets the feed's pages.
func (f *Feed) pagesAt(output string) bool { return f.goesTo(output, "") }

func (f *Feed) goesTo(output, edition string) bool {
	return slices.ContainsFunc(f.Outputs, func(o mill.Output) bool {
		return o.Name == output && (o.Editions == nil || slices.Contains(o.Editions, edition))
	})
}
