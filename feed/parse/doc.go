// Package parse turns the bytes of a feed document into articles: RSS 0.90 to 2.0 with RDF (1.0), Atom 0.3 and 1.0,
// JSON Feed 1.0 and 1.1, Microsoft's CDF, and the extensions in use beside them (Dublin Core, content, media, iTunes and
// podcast, FeedBurner). What comes out is as safe to keep as what package clean makes: valid UTF-8, plain titles and
// summaries, sanitised HTML, absolute addresses, believable dates.
//
// XML is read twice at most. The first pass is strict; when it fails, the second mends known faults (undefined entities,
// bare ampersands, stray controls, tags that do not match, rubbish before the document) and the feed is marked Lenient.
// Neither pass takes a document whose root element does not close: half a feed looks like withdrawn articles. Documents
// that declare entities are refused. Articles are made one by one while the tokens go by, so that a document costs its
// own text and one article's tree; depth, nodes, items and the length of a field are bounded before anything is built.
//
// Lists are read beside feeds: of feeds ([Outlines]) and of pages ([Addresses]: sitemaps, with their extensions), under the
// same bounds and by the same mending.
//
// Package gofeed/json reads the items of JSON Feeds, with its tolerance for numbers as ids and strings as sizes. Its
// parsers for XML are not used: they read a document as a whole and without bounds, know neither UTF-16 nor the charset of
// the HTTP header, resolve few relative addresses, and hand out titles and contents of which nobody can say any more
// whether they were text or markup.
//
// The package knows no network, no clock and no state: who fetched the bytes says where they came from and what time it
// is. A new extension is a name in names.go and a line in article.go, text.go or media.go; a new repair goes into mend.go.
//
// A document of 20 items of 1 KB each takes about 1 ms and 200 KB of garbage in each
// format (BenchmarkParse, one core of a busy server): 50 µs an article.
package parse
