// Package readable takes the article out of a web page: its title, authors, dates, language, lead image and summary as
// the page says them about itself, and its text without what stands around it.
//
// It fetches nothing, knows no feed and no store, and keeps no state: everything is a pure function of the page's bytes,
// and may be called from many goroutines at once. Pages are foreign: a hostile one costs bounded time and memory and
// gives an error, never a panic. The content is the page's own markup, cut down but not made safe; that is the work of
// clean.HTML, through which every article goes.
//
// It is the only importer of go-readability, which weighs the parts of a page. On the 181 pages of
// scrapinghub/article-extraction-benchmark it has an F1 of 0.952 by itself and of 0.960 with what is done here;
// go-trafilatura has 0.953, is four times as large in a binary, and takes twice the time.
//
// What a page says about itself is read by head.go with title.go, author.go, date.go and linked.go (JSON-LD). Before the
// text is weighed, clutter.go takes out what names itself as something else, by the words of its classes; afterwards trim.go
// takes off it what readers would: dates, links to other articles, marks of advertisements. wall.go tells pages that are
// no articles, own.go reads documents of authors. A new word for clutter goes into clutter.go, a new wall into wall.go.
package readable
