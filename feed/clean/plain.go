package clean

import "strings"

// isPlain reports whether a fragment is already what sanitize would make of it, judged without a tokenizer: text, the
// commonest elements without attributes, properly nested, and simple links and images. It says no when in doubt; that it
// never says yes wrongly is what FuzzHTML checks.
func isPlain(s string) bool {
	nest := nesting{}
	for {
		i := strings.IndexAny(s, "<>&\r")
		if i < 0 {
			break
		}
		switch s = s[i:]; s[0] {
		case '&':
			size := plainReference(s)
			if size == 0 {
				return false
			}
			s = s[size:]
		case '<':
			end := strings.IndexByte(s, '>')
			if end < 0 || !plainTag(&nest, s[1:end]) {
				return false
			}
			s = s[end+1:]
		default:
			return false
		}
	}
	return len(nest.names) == 0
}

// plainReference returns the length of a reference that would be written the same again, else 0.
func plainReference(s string) int {
	for _, reference := range []string{"&amp;", "&lt;", "&gt;"} {
		if strings.HasPrefix(s, reference) {
			return len(reference)
		}
	}
	return 0
}

// plainTag reports whether the inside of a tag is plain and closes just what it should.
func plainTag(nest *nesting, tag string) bool {
	if name, ok := strings.CutPrefix(tag, "/"); ok {
		return plainElement(name) && len(nest.close(name)) == 1
	}
	name, attributes, _ := strings.Cut(tag, " ")
	if !plainElement(name) || !plainAttributes(name, attributes) {
		return false
	}
	closing, kept := nest.open(name)
	return len(closing) == 0 && kept
}

func plainElement(name string) bool {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "b", "i", "s", "del", "sup",
		"sub", "table", "thead", "tbody", "tr", "th", "td", "hr", "br", "figure", "figcaption", "a", "img":
		return true
	}
	return false
}

// plainAttributes accepts <a href="…">, <img src="…" alt="…"> and <code class="language-…">, and of all other elements
// only those without attributes.
func plainAttributes(element, s string) bool {
	switch element {
	case "a":
		href, ok := strings.CutPrefix(s, `href="`)
		href, end := strings.CutSuffix(href, `"`)
		return ok && end && plainAddress(href) && !tracked(href)
	case "img":
		src, rest, ok := strings.Cut(strings.TrimPrefix(s, `src="`), `" alt="`)
		alt, end := strings.CutSuffix(rest, `"`)
		return strings.HasPrefix(s, `src="`) && ok && end && plainAddress(src) && !pixelAddress(src) && len(alt) < 1000 && !strings.ContainsAny(alt, `"'&<`)
	case "code":
		if s == "" {
			return true
		}
		language, ok := strings.CutPrefix(s, `class="language-`)
		language, end := strings.CutSuffix(language, `"`)
		return ok && end && language != "" && len(language) < 50 && only(language, "+-_")
	default:
		return s == ""
	}
}

// plainAddress accepts http, https and relative addresses without anything that might be written in two ways.
func plainAddress(s string) bool {
	rest, absolute := strings.CutPrefix(s, "https://")
	if !absolute {
		rest, absolute = strings.CutPrefix(s, "http://")
	}
	if absolute {
		host, _, _ := strings.Cut(rest, "/")
		if len(host) > 200 || !only(host, ".-") || strings.ToLower(host) != host || strings.Trim(host, ".-") != host {
			return false
		}
		rest = rest[len(host):]
		if host == "" {
			return false
		}
	}
	if !absolute && (rest == "" || strings.HasPrefix(rest, "//")) {
		return false
	}
	path, query, _ := strings.Cut(rest, "?")
	return only(path, "/.-_~") && only(strings.ReplaceAll(query, "&amp;", ""), "=.-_~")
}

// tracked reports whether an address, written as in a tag, holds what [Link] takes out.
func tracked(href string) bool {
	address := strings.ReplaceAll(href, "&amp;", "&")
	return untracked(address) != address
}

// only reports whether s holds nothing but ASCII letters, digits and the given characters.
func only(s, also string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte(also, c) < 0 {
			return false
		}
	}
	return true
}
