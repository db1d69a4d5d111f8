// Package sitemap is the source kind sitemap: it makes articles of the pages that a site lists for search engines.
//
// A [Sitemap] reads a sitemap, an index of them with those inside of it, or what robots.txt of a site names (walk.go,
// robots.go). Of each file it remembers what it said (record.go) and which addresses stood in it (pages.go), so that only
// those files are asked for that may have changed, each with its own validators: one whose date in the index stands still is
// asked for twice a day. Package parse reads their formats.
//
// Bounds: 50,000 addresses a file, 300 files and 500,000 addresses a source, 50 files a fetch, three indexes inside of each
// other. A batch is a listing of the newest 1,000 pages, newest first: at the first look the newest by lastmod, those without
// one in the order of the sitemap behind them; later also what appears (one without a lastmod is as old as its first sight)
// and what moves. A page that was left out at first, because others were newer or because of max_age, comes in when it
// changes. A page that was taken stays for as long as it is listed and among the newest.
//
// A lastmod is the first date of an article unless the page has one, and moves its updated date when it moves. Many sites
// write the moment at which they are asked, or the one at which all was built anew: a lastmod of the last hour (or of today,
// where it has no time) counts when it is the same the next time, and when most of a file moves at once nothing does.
//
// A sitemap speaks for its own site only (sitemaps.org, protocol): addresses on other hosts are left out and counted, but for
// the host that a redirect of the configured address led to, a www in front, and hosts that only names by an expression with
// :// in it. The files themselves may lie anywhere; robots.txt holds for them and for all pages.
//
// Title, summary, image, authors, tags, language and date come from the head of each page ([Sitemap.Completer], head.go); an
// entry of a news sitemap with a title and a date needs none ([Sitemap.Whole]). When and how often pages are asked for is
// the mill's business.
//
// A sitemap of 50,000 addresses takes 0.4 s of CPU and 240 MB of garbage at the first look, and as much when it has changed;
// 18 ms when its bytes are the same, and 0.05 ms when its validators are (BenchmarkSitemap, with the origin's side, without
// sockets, two busy cores).
//
// The package starts no goroutine. A new extension is read in package parse and put into an article in batch.go.
package sitemap
