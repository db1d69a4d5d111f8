package doctor

import (
	"context"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"feedmill/feed/parse"
)

// site looks at what belongs to no feed.
func (v *visit) site(ctx context.Context) {
	index := v.addressOf("")
	v.report.Addresses++
	if a, ok := v.page(ctx, index); ok {
		v.lists(ctx, index, a)
	}
	if !v.ended(ctx) {
		v.insecure(ctx, index)
	}
}

// page asks as a browser does for a page.
func (v *visit) page(ctx context.Context, address string) (answer, bool) {
	a, ok := v.ask(ctx, address, browser())
	if !ok {
		return a, false
	}
	f := v.refused(a)
	if f == nil {
		f = mistyped("text/html", a)
	}
	v.fault(address, f)
	if f == nil {
		v.fault(address, cookie(a))
	}
	return a, f == nil
}

// articlePage looks at the page of an article in the document s.
func (v *visit) articlePage(ctx context.Context, s subject, address, authorization string) {
	if authorization == "" {
		v.page(ctx, address)
		return
	}
	s.address = address
	if v.guarded(ctx, s, "") && v.admitted(ctx, s, address, authorization) {
		v.guarded(ctx, s, " after a reader was there")
	}
}

// lists looks at the list of feeds that a page offers.
func (v *visit) lists(ctx context.Context, address string, page answer) {
	here, err := v.base.Parse(address)
	if err != nil {
		return // it was asked for
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(page.Body)))
	if err != nil {
		return // the parser of HTML takes anything
	}
	doc.Find(`[type="text/x-opml"][href]`).Each(func(_ int, link *goquery.Selection) {
		to, err := here.Parse(link.AttrOr("href", ""))
		if err == nil && v.ours(to.String()) {
			v.opml(ctx, to.String())
		}
	})
}

func (v *visit) opml(ctx context.Context, address string) {
	a, ok := v.ask(ctx, address, feedly())
	if !ok {
		return
	}
	if f := v.refused(a); f != nil {
		v.fault(address, f)
		return
	}
	v.fault(address, mistyped("text/x-opml", a))
	if _, err := parse.Outlines(a.Body, a.Header.Get("Content-Type")); err != nil {
		v.fault(address, &fault{"opml", Error, "Is no good list of feeds as it arrives: " + err.Error() + ".", v.wayIn()})
	}
}
