// Package readable takes the article out of a web page: its title, authors, dates, language, lead image and summary as
// the page says them about itself, and its text without what stands around it.
//
// It fetches nothing, knows no feed and no store, and keeps no state: everything is a pure function of the page's bytes,
// and may be called from many goroutines at once. Pages are foreign: a hostile one costs bounded time and memory and
// gives an error, never a panic. The content is the page's own markup, cut down but not made safe; that is the work of
// clean.HTML, through which every article goes.
//
// It is the only importer of go-readability. What a page says about itself is read in head.go and linked.go, where the
// text stands is found in body.go, what is taken away around and in it is listed in clutter.go, and pages that are no
// articles are told in wall.go.
package readable
