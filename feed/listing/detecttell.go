package listing

import (
	"fmt"
	"strings"

	"feedmill/feed/clean"
	"feedmill/feed/field"
)

// mostLosers bounds how many of the groups that lost are told.
const mostLosers = 3

// tell explains a finding: what was found, by what, and what else looked like a list.
func (s *survey) tell(g *cluster, all []*cluster, f Finding) []string {
	told := []string{fmt.Sprintf("%d articles were found in %v by %s: each is %s", len(g.leads), g.place, f.Way, f.Items)}
	var words []string
	for _, word := range field.Words {
		if rules := f.Fields.Of(word); len(rules) > 0 {
			words = append(words, word+" "+rules[0].Select.String())
		}
	}
	told = append(told, "of each are read: "+strings.Join(words, ", "))
	known := map[string]bool{}
	for _, l := range g.leads {
		known[l.href] = true
	}
	for _, other := range all {
		if other == g || len(told) == 2+mostLosers {
			continue
		}
		var fresh []lead
		for _, l := range other.leads {
			if !known[l.href] {
				fresh = append(fresh, l)
				known[l.href] = true
			}
		}
		if 2*len(fresh) < len(other.leads) || len(fresh) < fewest {
			continue // the same articles by another of their links
		}
		told = append(told, fmt.Sprintf("left out: %d links such as “%s”, %s", len(fresh), clean.Summary(fresh[0].title, 50), s.why(other, g)))
	}
	return told
}

// why says what speaks against a group.
func (s *survey) why(loser, winner *cluster) string {
	switch {
	case loser.place > content:
		return "which stand in " + loser.place.String()
	case len(loser.leads) < len(winner.leads)/2:
		return "which are fewer"
	case loser.titles == nil && meanTitle(loser) < 0.6:
		return "whose texts are no titles"
	default:
		return "which have less of a title, date, text and picture each"
	}
}

func meanTitle(g *cluster) (mean float64) {
	for _, l := range g.leads {
		mean += titleLike(l) / float64(len(g.leads))
	}
	return mean
}
