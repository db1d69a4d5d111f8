package clean

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// Readdress puts other addresses in the place of those in an HTML fragment: href, src, srcset, poster and their like. Each
// is passed through f as it is meant, without references and outer space. Only tags with an address that changes are
// written anew; all other markup stays byte for byte.
func Readdress(fragment string, f func(address string) string) string {
	return readdress(fragment, func(address string) (string, bool) {
		if to := f(strings.TrimSpace(address)); to != strings.TrimSpace(address) {
			return to, true
		}
		return address, true
	})
}

// readdress passes each address through f, which says false of one that is to be dropped.
func readdress(fragment string, f func(string) (string, bool)) string {
	if !strings.Contains(fragment, "=") {
		return fragment
	}
	var out bytes.Buffer
	tokens := scan(fragment)
	copied, end := 0, 0
	for kind := tokens.next(); kind != html.ErrorToken; kind = tokens.next() {
		begin := end
		end += len(tokens.source)
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken || !strings.Contains(tokens.source, "=") {
			continue
		}
		e := tokens.element(kind)
		e.rewrite(f)
		if e.changed {
			out.WriteString(fragment[copied:begin])
			e.render(&out)
			copied = end
		}
	}
	if copied == 0 {
		return fragment
	}
	out.WriteString(fragment[copied:])
	return out.String()
}
