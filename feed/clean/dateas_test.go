package clean

import (
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestDateAs(t *testing.T) {
	for _, test := range []struct{ text, layout, language, want string }{
		{"24. November 2026", "2. January 2006", "de", "2026-11-24"},
		{"  Dienstag,  24 November  2026 ", "Monday, 2 January 2006", "de", "2026-11-24"},
		{"Do. 5. März 2026", "Mon 2. Jan 2006", "de", "2026-03-05"},
		{"5 MAERZ 2026", "2 January 2006", "de", "2026-03-05"},
		{"mar. 24 nov. 2026", "Mon 2 Jan 2006", "fr", "2026-11-24"},
		{"24 de noviembre de 2026", "2 de January de 2006", "es", "2026-11-24"},
		{"24 ноября 2026 г.", "2 January 2006", "ru", "2026-11-24"},
		{"24 Kasım 2026", "2 January 2006", "tr", "2026-11-24"},
		{"Nov 24, 2026", "Jan 2, 2006", "xx", "2026-11-24"},
		{"24/11/26", "02/01/06", "", "2026-11-24"},
		{"24. November", "2. January", "de", "0000-11-24"},
		{"24.11.2026", "2. January 2006", "de", ""},
		{"31. April 2026", "2. January 2006", "de", ""},
		{"24. November 0026", "2. January 2006", "de", ""},
		{"", "2. January 2006", "de", ""},
	} {
		got, err := DateAs(test.text, test.layout, test.language, nil)
		if shown := got.Format(time.DateOnly); err != nil && test.want != "" || err == nil && shown != test.want {
			t.Errorf("%q as %q in %s gives %s, %v, want %s", test.text, test.layout, test.language, shown, err, test.want)
		}
	}
}

func FuzzDateAs(f *testing.F) {
	f.Add("24. November 2026", "2. January 2006", "de")
	f.Add("mar. 24 nov", "Mon 2 Jan", "fr")
	f.Fuzz(func(t *testing.T, text, layout, language string) {
		if at, err := DateAs(text, layout, language, time.UTC); err == nil && at.Year() != 0 && (at.Year() < 1900 || at.Year() > 9999) {
			t.Errorf("%q gives %v", text, at)
		}
	})
}

func TestPicture(t *testing.T) {
	for _, test := range []struct{ src, srcset, lazy, want string }{
		{"a.jpg", "", "", "a.jpg"},
		{"a.jpg", "s.jpg 100w, l.jpg 900w", "", "l.jpg"},
		{"a.jpg", "s.jpg 100w, l.jpg 5000w", "", "s.jpg"},
		{"a.jpg", "l.jpg 5000w, m.jpg 3000w", "", "m.jpg"},
		{"a.jpg", "one.jpg, two.jpg 2x", "", "two.jpg"},
		{"blank.gif", "", "a.jpg", "a.jpg"},
		{"data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==", "", "a.jpg", "a.jpg"},
		{"data:image/gif;base64,R0", "", "", ""},
		{"spacer.gif", "", "", ""},
		{"", "", "", ""},
	} {
		var attributes []html.Attribute
		for name, value := range map[string]string{"src": test.src, "srcset": test.srcset, "data-src": test.lazy} {
			if value != "" {
				attributes = append(attributes, html.Attribute{Key: name, Val: value})
			}
		}
		if got := Picture(attributes); got != test.want {
			t.Errorf("%+v shows %q", test, got)
		}
	}
}
