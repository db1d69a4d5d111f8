package config

import (
	"time"

	"feedmill/feed/setting"
)

// The bounds of guard.
const (
	maxGuard   = 1_000_000
	minSilence = setting.Duration(time.Minute)
)

// guard puts the written words over the inherited ones.
func (l *loader) guard(words guardWords, inherited Guard) Guard {
	before := len(l.problems)
	number := func(w word[int], inherited int) int {
		n := w.or(inherited)
		if n < 0 || n > maxGuard {
			l.report(w.At, "takes a number from 0, which is off, to %d", maxGuard)
		}
		return n
	}
	g := Guard{
		MinArticles:  number(words.MinArticles, inherited.MinArticles),
		MaxNew:       number(words.MaxNew, inherited.MaxNew),
		Shrink:       words.Shrink.or(inherited.Shrink),
		MaxSilence:   words.MaxSilence.or(inherited.MaxSilence),
		ReleaseAfter: number(words.ReleaseAfter, inherited.ReleaseAfter),
	}
	if !(g.Shrink >= 0 && g.Shrink <= 1) {
		l.report(words.Shrink.At, "takes a share from 0, which is off, to 1, such as 0.2")
	}
	if g.MaxSilence > 0 && g.MaxSilence < minSilence {
		l.report(words.MaxSilence.At, "is shorter than a minute; write one such as 60d, or 0 for off")
	}
	if len(l.problems) > before {
		return inherited
	}
	return g
}
