package clean

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// lazyAddresses and lazySets are the attributes in which pages keep what a script puts into src and srcset, once the
// reader is near. The first one that is usable counts.
var (
	lazyAddresses = []string{"data-src", "data-lazy-src", "data-original", "data-lazy", "data-echo", "data-hi-res-src"}
	lazySets      = []string{"data-srcset", "data-lazy-srcset", "data-original-set"}
)

// lazyImage gives an image that a script would load the address it would load: from the attributes of its kind, else
// from its own set, else what the sources of its picture offer.
func lazyImage(e *element, offered string) {
	lazySet(e)
	src, _ := e.get("src")
	if !isPlaceholder(src) {
		return
	}
	choices := make([]string, 0, len(lazyAddresses)+2)
	for _, name := range lazyAddresses {
		address, _ := e.get(name)
		choices = append(choices, address)
	}
	for _, address := range append(choices, largest(*e), offered) {
		if !isPlaceholder(address) {
			e.set("src", address)
			return
		}
	}
}

// lazySet gives an image or a source of a picture the set of candidates that a script would load.
func lazySet(e *element) {
	if _, has := e.get("srcset"); has {
		return
	}
	for _, name := range lazySets {
		if set, ok := e.get(name); ok {
			e.set("srcset", set)
			return
		}
	}
}

// isPlaceholder reports whether an address shows nothing: none at all, or one of the files that stand in until a script
// has run.
func isPlaceholder(address string) bool {
	if address == "" {
		return true
	}
	name := strings.ToLower(path.Base(withoutQuery(address)))
	stem := strings.TrimSuffix(name, path.Ext(name))
	return slices.Contains(placeholders, stem)
}

// placeholders are names of such files, without their ending.
var placeholders = []string{"blank", "placeholder", "lazy", "lazyload", "lazy-load", "lazy_placeholder", "spacer", "transparent", "trans", "1x1", "1px",
	"pixel", "loading", "loader", "clear", "grey", "gray", "empty", "img-placeholder", "image-placeholder", "lazy-placeholder"}

func withoutQuery(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		return address[:i]
	}
	return address
}

// largest is the candidate of an element's srcset with the largest width or density.
func largest(e element) string {
	set, _ := e.get("srcset")
	address, most := "", 0.0
	for {
		var c candidate
		c, set = cutCandidate(set)
		if c.address == "" {
			return address
		}
		if size := sizeOf(c); size > most {
			address, most = c.address, size
		}
	}
}

// sizeOf is the width or density of a candidate.
func sizeOf(c candidate) float64 {
	if n := len(c.descriptor); n > 0 {
		if v, err := strconv.ParseFloat(c.descriptor[:n-1], 64); err == nil {
			return v
		}
	}
	return 1
}

// widest is the width, in pixels, above which a picture is larger than readers can use.
const widest = 2048

// Picture returns the address of the picture that an img element with these attributes shows, as it is written: the
// largest of its set of candidates up to 2048 pixels, else its own, else the one that a script would load. "" when it is only
// something that stands in for a picture.
func Picture(attributes []html.Attribute) string {
	e := element{name: "img", attrs: slices.Clone(attributes)}
	if src, has := e.get("src"); has && strings.HasPrefix(strings.TrimSpace(src), "data:") {
		e.set("src", "")
	}
	lazySet(&e)
	if address := usable(e); !isPlaceholder(address) {
		return address
	}
	lazyImage(&e, "")
	if src, _ := e.get("src"); !isPlaceholder(src) {
		return strings.TrimSpace(src)
	}
	return ""
}

// usable is the candidate of an element's srcset with the largest width or density, of those that are not wider than
// widest; the narrowest when all are.
func usable(e element) string {
	set, _ := e.get("srcset")
	best, most, least := "", 0.0, ""
	for smallest := 0.0; ; {
		var c candidate
		if c, set = cutCandidate(set); c.address == "" {
			break
		}
		size := sizeOf(c)
		if strings.HasPrefix(c.address, "data:") {
			continue
		}
		if size > widest {
			if least == "" || size < smallest {
				least, smallest = c.address, size
			}
		} else if size > most {
			best, most = c.address, size
		}
	}
	if best == "" {
		return least
	}
	return best
}
