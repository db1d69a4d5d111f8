package draft

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"feedmill/feed/clean"
	"feedmill/feed/listing"
	"feedmill/feed/parse"
)

// recent is the max_age that is proposed where some pages are younger, and many older.
const recent = 30 * 24 * time.Hour

// Sitemap is the draft for a sitemap at an address.
func Sitemap(list parse.List, address string, now time.Time) Draft {
	d := Draft{Key: address, Source: "sitemap:\n  url: " + listing.Scalar(address) + "\n"}
	if list.Index {
		d.Notes = append(d.Notes, fmt.Sprintf("the address is an index of %s", counted(len(list.Entries), "sitemap")))
		d.Source += "  # only: ^/guide/    # a regular expression in the path of each address\n  # max_age: 30d      # at first only what has changed in the last 30 days\n"
		return d
	}
	dated, young, news := 0, 0, 0
	var newest *parse.Entry
	for i := range list.Entries {
		e := &list.Entries[i]
		if e.IsNews() {
			news++
		}
		if e.Modified.IsZero() {
			continue
		}
		dated++
		if now.Sub(e.Modified) < recent {
			young++
		}
		if newest == nil || e.Modified.After(newest.Modified) {
			newest = e
		}
	}
	d.Notes = append(d.Notes, fmt.Sprintf("the address is a sitemap of %s, %d of them with a date", counted(len(list.Entries), "address"), dated))
	if news > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("%d are news that need no page to be read", news))
	}
	if newest != nil {
		d.Notes = append(d.Notes, fmt.Sprintf("the newest: %s of %s", clean.Summary(newest.URL, 120), newest.Modified.Format(time.DateOnly)))
	}
	if folder, n := folderOf(list.Entries); n > 0 {
		d.Source += fmt.Sprintf("  # only: %s    # %d of %s; a regular expression in the path\n", listing.Scalar("^"+regexp.QuoteMeta(folder)), n, counted(len(list.Entries), "address"))
	}
	if young > 0 && young < dated {
		d.Source += fmt.Sprintf("  max_age: 30d    # at first only what has changed in the last 30 days: %s\n", counted(young, "address"))
	}
	return d
}

// folderOf is the first folder that holds the most of the addresses, if it does not hold all.
func folderOf(entries []parse.Entry) (folder string, n int) {
	counts := map[string]int{}
	for _, e := range entries {
		u, err := url.Parse(e.URL)
		if err != nil {
			continue
		}
		if first, _, deeper := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/"); deeper && first != "" {
			counts["/"+first+"/"]++
		}
	}
	var all []string
	for name := range counts {
		all = append(all, name)
	}
	if len(all) == 0 {
		return "", 0
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b)) })
	if n = counts[all[0]]; n == len(entries) || strings.ContainsAny(all[0], "%$") {
		return "", 0
	}
	return all[0], n
}
