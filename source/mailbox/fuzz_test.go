package mailbox

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"feedmill/feed/clean"
)

// FuzzArticle reads any bytes as a message: it never panics, and what comes out is text without an address of the reader's.
func FuzzArticle(f *testing.F) {
	const anna = "anna@example.org"
	coded := base64.StdEncoding.EncodeToString([]byte("{\"e\":\"" + anna + "\"}"))
	for _, seed := range []string{
		letter0, newsletter(7), head() + anna, head("Content-Type: text/html") + `<p><a href="https://a.example/?e=` + coded + `">x</a><img src=cid:1>`,
		head("Content-Type: multipart/mixed; boundary=b") + "--b\n\none\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b--", head("Content-Type: text/plain; charset=utf-7") + "+AOk-",
		head("Content-Transfer-Encoding: quoted-printable") + "a=\r\n=C3=A9 =", head() + "---------- Forwarded message ---------\nFrom: x\n\ny",
		head("Content-Type: text/html") + "<table><tr><td>anna<b>@</b>example.org", "Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=A9?=\n\n",
	} {
		f.Add([]byte(seed))
	}
	m := reader()
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := m.article(raw, time.Time{}, nil)
		if err != nil {
			return
		}
		if strings.Contains(a.Content, "cid:") && strings.Contains(a.Content, `src="cid:`) {
			t.Errorf("a picture that nobody has is shown: %s", a.Content)
		}
		for _, text := range append([]string{a.Title, a.Summary, a.Content, clean.PlainText(a.Content), a.Link}, a.Tags...) {
			if !utf8.ValidString(text) || strings.Contains(strings.ToLower(text), anna) || strings.Contains(text, coded) {
				t.Errorf("there is %q", text)
			}
		}
	})
}
