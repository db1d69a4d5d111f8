package rows

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"feedmill/feed"
)

// Kept is a row with the name of what was made of it.
type Kept struct {
	Name string `json:"name"`
	Row  Row    `json:"row"`
}

// Record is what is remembered of a list between two looks, and over restarts. The zero value: it was never read.
type Record struct {
	// Origin tells the list from another one that takes its place.
	Origin string `json:"origin"`
	// Read says that the list was read at least once.
	Read bool `json:"read"`
	// Rows are those that hold, in their order.
	Rows []Kept `json:"rows"`
	// Retired are those that hold no more, by name.
	Retired []Kept `json:"retired"`
	// Held is the digest of a list that is not believed, and Looks how often in a row it was seen.
	Held  string `json:"held,omitempty"`
	Looks int    `json:"looks,omitempty"`
	// HeldRows are how many rows that list has.
	HeldRows int `json:"held_rows,omitempty"`
}

// Guard says which lists are not believed.
type Guard struct {
	Shrink       float64 // less than this share of the rows that there were; an empty list always, unless it is 0
	ReleaseAfter int     // the same looks in a row by which a list is believed all the same; 0: never
}

// Judge takes a new list over the one before. Rows that are there no more retire, and come back when they are there again;
// none retires while incomplete says that some of the list could not be read.
//
// A list that has shrunk too much changes nothing but the count of looks: the error, of class [feed.Suspicious], says so.
// accept believes it all the same.
func Judge(before Record, list []Kept, origin string, incomplete, accept bool, g Guard) (Record, error) {
	digest := digestOf(list)
	if shrunk(before, list, origin, g) && !accept {
		after := before
		if after.Held != digest {
			after.Held, after.Looks = digest, 0
		}
		after.Looks, after.HeldRows = after.Looks+1, len(list)
		if g.ReleaseAfter == 0 || after.Looks < g.ReleaseAfter {
			return after, feed.Classify(feed.Suspicious, fmt.Errorf(
				"there are %d rows where there were %d: the feeds of all of them stay as they are; if it is meant, write feedmill accept with the block's name",
				len(list), len(before.Rows)))
		}
	}
	after := Record{Origin: origin, Read: true, Rows: list}
	listed := map[string]bool{}
	for _, k := range list {
		listed[k.Name] = true
	}
	retired := map[string]Kept{}
	for _, k := range before.Retired {
		if !listed[k.Name] {
			retired[k.Name] = k
		}
	}
	for _, k := range before.Rows {
		switch {
		case listed[k.Name]:
		case incomplete:
			after.Rows = append(after.Rows, k)
			delete(retired, k.Name)
		default:
			retired[k.Name] = k
		}
	}
	for _, name := range slices.Sorted(maps.Keys(retired)) {
		after.Retired = append(after.Retired, retired[name])
	}
	return after, nil
}

// shrunk reports whether a list has too few of the rows of the one before.
func shrunk(before Record, list []Kept, origin string, g Guard) bool {
	if !before.Read || before.Origin != origin || len(before.Rows) == 0 || g.Shrink <= 0 {
		return false
	}
	return len(list) == 0 || float64(len(list)) < g.Shrink*float64(len(before.Rows))
}

func digestOf(list []Kept) string {
	h := sha256.New()
	for _, k := range list {
		fmt.Fprintf(h, "%q", k.Name)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Same reports whether two rows have the same values.
func (r Row) Same(other Row) bool { return maps.Equal(r.Values, other.Values) }

// Only returns the row with no other columns than these, and empty ones left out.
func (r Row) Only(columns []string) Row {
	values := map[string]string{}
	for _, c := range columns {
		if v := r.Values[c]; strings.TrimSpace(v) != "" {
			values[c] = v
		}
	}
	return Row{Place: r.Place, Values: values}
}
