package daemon

import (
	"slices"
	"strings"

	"feedmill/config"
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
