package serve

import (
	"strconv"
	"strings"
)

// coding is a content coding that documents are kept in.
type coding int

// The codings, each of which is preferred to those before it when a reader takes them equally gladly.
const (
	codingNone     coding = iota - 1 // nothing the reader takes
	codingIdentity                   // as it is
	codingGzip
	codingZstd
	codingBrotli
	codings // how many there are
)

// unset is the weight of a coding that was not named.
const unset = -1

// unnamed is the weight of sending a document as it is when that was neither named nor refused: any coding that is taken
// is better.
const unnamed = 1e-9

// acceptance is the weight that a reader gives each coding; 0 is one he does not take.
type acceptance [codings]float64

// takes reads the Accept-Encoding fields of a request (RFC 9110 section 12.5.3). Without any, documents are sent as they
// are. An element that cannot be understood counts as not there.
func takes(fields []string) acceptance {
	if len(fields) == 0 {
		return acceptance{codingIdentity: 1}
	}
	weights, other := acceptance{unset, unset, unset, unset}, float64(unset)
	for _, field := range fields {
		for element := range strings.SplitSeq(field, ",") {
			name, weight, ok := weigh(element)
			if !ok {
				continue
			}
			if name == "*" {
				other = max(other, weight)
			} else if c := codingNamed(name); c != codingNone {
				weights[c] = max(weights[c], weight)
			}
		}
	}
	for c := range weights {
		switch {
		case weights[c] != unset:
		case coding(c) == codingIdentity && other != 0:
			weights[c] = unnamed
		default:
			weights[c] = max(other, 0)
		}
	}
	return weights
}

func codingNamed(name string) coding {
	switch {
	case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
		return codingGzip
	case strings.EqualFold(name, "br"):
		return codingBrotli
	case strings.EqualFold(name, "zstd"):
		return codingZstd
	case strings.EqualFold(name, "identity"):
		return codingIdentity
	}
	return codingNone
}

// best is the coding that the reader likes best of those that are there.
func (a *acceptance) best(there func(coding) bool) coding {
	best, weight := codingNone, float64(0)
	for c := codings - 1; c >= 0; c-- {
		if a[c] > weight && there(c) {
			best, weight = c, a[c]
		}
	}
	return best
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
