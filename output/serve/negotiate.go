package serve

import (
	"strconv"
	"strings"
)

// coding is a content coding that documents are kept in.
type coding int

const (
	codingNone coding = iota // nothing the reader takes
	codingIdentity
	codingGzip
)

// unset is the weight of a coding that was not named.
const unset = -1

// choose picks the coding of an answer from the Accept-Encoding fields of a request (RFC 9110 section 12.5.3): gzip
// when it is taken and identity is not preferred. An element that cannot be understood counts as not there.
func choose(fields []string) coding {
	if len(fields) == 0 {
		return codingIdentity
	}
	gzip, identity, other := float64(unset), float64(unset), float64(unset)
	for _, field := range fields {
		for element := range strings.SplitSeq(field, ",") {
			name, weight, ok := weigh(element)
			switch {
			case !ok:
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				gzip = max(gzip, weight)
			case strings.EqualFold(name, "identity"):
				identity = max(identity, weight)
			case name == "*":
				other = max(other, weight)
			}
		}
	}
	if gzip == unset {
		gzip = other
	}
	refused := identity == 0 || identity == unset && other == 0
	switch {
	case gzip > 0 && gzip >= identity:
		return codingGzip
	case refused && gzip > 0:
		return codingGzip
	case refused:
		return codingNone
	default:
		return codingIdentity
	}
}

// weigh reads one element: a coding with or without a weight between 0 and 1.
func weigh(element string) (name string, weight float64, ok bool) {
	name, parameter, weighted := strings.Cut(element, ";")
	name = strings.TrimSpace(name)
	if !weighted {
		return name, 1, name != ""
	}
	key, value, _ := strings.Cut(parameter, "=")
	if !strings.EqualFold(strings.TrimSpace(key), "q") {
		return "", 0, false
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(weight >= 0 && weight <= 1) {
		return "", 0, false
	}
	return name, weight, name != ""
}
