package config

import (
	"maps"
	"slices"
	"strings"

	"feedmill/feed/setting"
)

// reference is a source that is another feed.
type reference struct {
	child, parent string
	shown         string // the parent as written
	at            place
}

// parents returns the keys that the sources of a feed name, each once, and keeps them for [loader.origins].
func (l *loader) parents(child string, sources []word[sourceWords]) []string {
	var keys []string
	for _, s := range sources {
		from := s.Value.From
		if from.State != good || slices.Contains(keys, from.Value) {
			continue
		}
		keys = append(keys, from.Value)
		l.references = append(l.references, reference{child, from.Value, from.Shown, from.At})
	}
	return keys
}

// origins checks that every feed which others are made from is there, and that none is made from itself.
func (l *loader) origins() {
	keys := l.feedKeys()
	parents := map[string][]reference{}
	for _, r := range l.references {
		if _, ok := slices.BinarySearch(keys, r.parent); !ok && l.mayCome(r.parent) {
			continue
		} else if !ok {
			l.report(r.at, "there is no feed %q%s", r.shown, meant(r.shown, keys))
			continue
		}
		parents[r.child] = append(parents[r.child], r)
	}
	l.secret(l.references)
	search := rings{loader: l, parents: parents, seen: map[string]bool{}}
	for _, r := range l.references {
		search.from(r.child)
	}
}

// mayCome reports whether a feed that is not there may be one of those that are not read yet, or not now: of a row, or of
// an included file that is broken.
func (l *loader) mayCome(key string) bool {
	for _, s := range l.broken {
		if s.text == nil {
			return true
		}
	}
	return slices.ContainsFunc(l.config.Blocks, func(b *Block) bool { return b.Makes(key) })
}

// feedKeys are the keys of all feeds in order, also of those that cannot be an address, which is reported already.
func (l *loader) feedKeys() []string {
	keys := slices.Collect(maps.Keys(l.keys))
	for _, f := range l.config.Feeds {
		keys = append(keys, f.Key)
	}
	slices.Sort(keys)
	return keys
}

// meant says which feed a name may stand for.
func meant(name string, keys []string) string {
	if key := setting.Nearest(name, keys); key != "" {
		return "; did you mean " + key + "?"
	}
	return "; write the key of a feed of this configuration"
}

// rings looks for feeds that are made from themselves, by way of others or directly.
type rings struct {
	*loader
	parents map[string][]reference
	seen    map[string]bool
	way     []string // from the feed where the search began to the one it is at
}

// from follows the parents of a feed. It comes to every feed once, so that each ring is reported once.
func (s *rings) from(key string) {
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	s.way = append(s.way, key)
	for _, r := range s.parents[key] {
		if i := slices.Index(s.way, r.parent); i >= 0 {
			s.report(r.at, "feeds %s → %s: a feed cannot be made from itself; take one from: of these out",
				strings.Join(s.way[i:], " → "), r.parent)
			continue
		}
		s.from(r.parent)
	}
	s.way = s.way[:len(s.way)-1]
}
