package page_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/listing"
	"feedmill/source/sourcetest"
)

// redesigned is the page of list after a redesign.
func redesigned(numbers ...int) http.HandlerFunc {
	var b strings.Builder
	for _, n := range numbers {
		fmt.Fprintf(&b, `<li class=minutes><time datetime="2026-11-%02[1]d">some day</time><h3><a href="/%[1]d">Meeting %[1]d</a></h3><div>Minutes of %[1]d</div></li>`, n)
	}
	return sourcetest.Page("<title>Minutes</title>", "<ul>"+b.String()+"</ul>")
}

// TestRedesign: the error says the new selectors, time after time; with these the page gives the articles it gave before.
func TestRedesign(t *testing.T) {
	d := newDesk(t)
	d.Site.Script("/minutes", list("", 5, 4, 3, 2, 1), redesigned(6, 5, 4, 3, 2))
	before := d.MustRead()
	var outgrown *listing.Outgrown
	for range 3 {
		b, err := d.Read()
		var ok bool
		if outgrown, ok = errors.AsType[*listing.Outgrown](err); !ok || outgrown.Mend == nil || feed.ClassOf(err) != feed.Unreadable || len(b.Articles) > 0 {
			t.Fatalf("%v", err)
		}
		for _, words := range []string{home, "items: .minutes", "title: h3", "link: a@href", "5 articles", "4 of them known"} {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("it does not say %q:\n%v", words, err)
			}
		}
	}
	d.Items, d.Fields = outgrown.Mend.Items, outgrown.Mend.Fields
	d.Memory = sourcetest.NewMemory() // other words are another source
	after := d.MustRead()
	if titles(after) != "6 5 4 3 2" {
		t.Fatalf("it gives %s", titles(after))
	}
	for i, a := range after.Articles[1:] {
		was := before.Articles[i]
		if a.Link != was.Link || a.Title != was.Title || a.Key != was.Key || !a.Published.Equal(was.Published) {
			t.Errorf("%+v was %+v", a, was)
		}
	}
}
