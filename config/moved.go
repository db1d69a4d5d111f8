package config

import "slices"

// moved takes the keys that feeds had before. One may have moved more than once: what is taken is where it is now.
func (l *loader) moved(words entries[word[string]]) {
	next := map[string]string{}
	for _, m := range words {
		next[m.Key] = m.Value.Value
	}
	for _, m := range words {
		at := m.Value.At
		if m.Value.State != good {
			continue
		}
		if problem := keyProblem(m.Key); problem != "" {
			l.report(m.At, "%s", problem)
			continue
		}
		if first, ok := l.keys[m.Key]; ok {
			l.report(m.At, "there is a feed %s, in %s on line %d: it has not moved; take this line out, or the feed", m.Key, first.file, first.line)
			continue
		}
		to := m.Value.Value
		for way := []string{m.Key}; next[to] != ""; to = next[to] {
			if slices.Contains(way, to) {
				l.report(at, "leads back to %s; write the key that the feed has now", m.Key)
				break
			}
			way = append(way, to)
		}
		if next[to] != "" {
			continue
		}
		if _, ok := l.keys[to]; !ok && !l.mayCome(to) {
			l.report(at, "there is no feed %q%s", m.Value.Shown, meant(m.Value.Shown, l.feedKeys()))
			continue
		}
		l.config.Moved = append(l.config.Moved, Move{From: m.Key, To: to})
	}
}
