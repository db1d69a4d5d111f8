package clean

import (
	"slices"
	"strings"
)

// isAddress reports whether an attribute of an element holds an address.
func isAddress(element, attribute string) bool {
	switch attribute {
	case "href", "src", "poster", "cite", "longdesc":
		return true
	case "data":
		return element == "object"
	}
	return slices.Contains(lazyAddresses, attribute)
}

// isAddressSet reports whether an attribute holds several addresses with descriptors.
func isAddressSet(attribute string) bool {
	return attribute == "srcset" || slices.Contains(lazySets, attribute)
}

// rewrite passes each address of an element through f, which returns it as it shall be, or false to drop its attribute.
func (e *element) rewrite(f func(address string) (string, bool)) {
	kept := e.attrs[:0]
	for _, a := range e.attrs {
		value, ok := a.Val, true
		switch {
		case isAddress(e.name, a.Key):
			value, ok = f(a.Val)
		case isAddressSet(a.Key):
			value, ok = rewriteSet(a.Val, f)
		}
		if !ok || value != a.Val {
			e.changed = true
		}
		if ok {
			a.Val = value
			kept = append(kept, a)
		}
	}
	e.attrs = kept
}

// candidate is one image of a srcset.
type candidate struct{ address, descriptor string }

// rewriteSet rewrites each address of a srcset (HTML, section 4.8.4.2.1) and drops those that f refuses; it reports false
// when none is left. An unchanged set keeps its spelling.
func rewriteSet(set string, f func(string) (string, bool)) (string, bool) {
	var out strings.Builder
	changed := false
	for rest := set; ; {
		var c candidate
		c, rest = cutCandidate(rest)
		if c.address == "" {
			break
		}
		address, ok := f(c.address)
		// A comma at either end would be read as a separator.
		if !ok || address == "" || strings.HasPrefix(address, ",") || strings.HasSuffix(address, ",") {
			changed = true
			continue
		}
		changed = changed || address != c.address
		if out.Len() > 0 {
			out.WriteString(", ")
		}
		out.WriteString(address)
		if c.descriptor != "" {
			out.WriteString(" " + c.descriptor)
		}
	}
	if !changed {
		return set, out.Len() > 0
	}
	return out.String(), out.Len() > 0
}

// cutCandidate takes the first image off a srcset. Addresses may hold commas, though not at their ends.
func cutCandidate(s string) (candidate, string) {
	s = strings.TrimLeft(s, " \t\n\r\f,")
	end := strings.IndexAny(s, " \t\n\r\f")
	if end < 0 {
		end = len(s)
	}
	address, rest := s[:end], s[end:]
	if trimmed := strings.TrimRight(address, ","); trimmed != address {
		return candidate{address: trimmed}, rest
	}
	descriptor, rest, _ := strings.Cut(rest, ",")
	return candidate{address, strings.Join(strings.Fields(descriptor), " ")}, rest
}
