package parse

import "strings"

// unknown is the short name of namespaces that mean nothing here.
const unknown = "?"

// namespaces gives the addresses in use for each namespace, in lower case, without a slash or # at the end, its short
// name. The formats' own are "".
var namespaces = map[string]string{
	"http://purl.org/rss/1.0":                                                     "",
	"http://my.netscape.com/rdf/simple/0.9":                                       "",
	"http://channel.netscape.com/rdf/simple/0.9":                                  "",
	"http://my.netscape.com/publish/formats/rss-0.91":                             "",
	"http://backend.userland.com/rss":                                             "",
	"http://backend.userland.com/rss2":                                            "",
	"http://backend.userland.com/rss091":                                          "",
	"http://blogs.law.harvard.edu/tech/rss":                                       "",
	"http://www.rssboard.org/rss-specification":                                   "",
	"http://purl.org/net/rss1.1":                                                  "",
	"http://my.netscape.com/publish/formats/rss":                                  "",
	"http://purl.org/atom/ns":                                                     "atom",
	"http://www.w3.org/2005/atom":                                                 "atom",
	"https://www.w3.org/2005/atom":                                                "atom",
	"http://example.com/newformat":                                                "atom",
	"http://example.com/necho":                                                    "atom",
	"http://purl.org/echo":                                                        "atom",
	"uri/of/echo/namespace":                                                       "atom",
	"http://purl.org/pie":                                                         "atom",
	"http://purl.org/dc/elements/1.1":                                             "dc",
	"http://purl.org/dc/elements/1.0":                                             "dc",
	"http://purl.org/dc/terms":                                                    "dcterms",
	"http://purl.org/rss/1.0/modules/content":                                     "content",
	"http://www.w3.org/1999/xhtml":                                                "xhtml",
	"http://www.w3.org/1999/02/22-rdf-syntax-ns":                                  "rdf",
	"http://search.yahoo.com/mrss":                                                "media",
	"https://search.yahoo.com/mrss":                                               "media",
	"http://search.yahoo.com/rss":                                                 "media",
	"http://www.itunes.com/dtds/podcast-1.0.dtd":                                  "itunes",
	"https://www.itunes.com/dtds/podcast-1.0.dtd":                                 "itunes",
	"http://example.com/dtds/podcast-1.0.dtd":                                     "itunes",
	"https://podcastindex.org/namespace/1.0":                                      "podcast",
	"http://www.google.com/schemas/play-podcasts/1.0":                             "googleplay",
	"http://rssnamespace.org/feedburner/ext/1.0":                                  "feedburner",
	"http://www.w3.org/xml/1998/namespace":                                        "xml",
	"http://xmlns.com/foaf/0.1":                                                   "foaf",
	"http://www.w3.org/2000/svg":                                                  "svg",
	"http://purl.org/dc":                                                          "dc",
	"http://cyber.law.harvard.edu/rss/rss.html":                                   "",
	"http://www.rssboard.org/rss-0-9-1-n":                                         "",
	"http://static.userland.com/gems/backend/rss2.xml":                            "",
	"https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
}

// shortName gives a namespace its short name. Prefixes that everybody uses count when the address is not known, or was
// forgotten.
func shortName(prefix, address string) string {
	address = strings.TrimRight(strings.ToLower(strings.TrimSpace(address)), "/#")
	if name, ok := namespaces[address]; ok {
		return name
	}
	switch prefix {
	case "":
		if address == "" {
			return ""
		}
	case "dc", "dcterms", "content", "media", "itunes", "atom", "xhtml", "rdf", "podcast", "feedburner", "xml":
		return prefix
	case "atom10", "a10":
		return "atom"
	}
	return unknown
}

// key joins a short name and a local name. The format's own elements have no short name.
func key(space, local, native string) string {
	local = strings.ToLower(local)
	if space == "" || space == native {
		return local
	}
	return space + ":" + local
}
