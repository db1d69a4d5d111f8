package mailbox

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// head is the header of a message to Anna; more are lines added to it.
func head(more ...string) string {
	return strings.Join(append([]string{
		"Delivered-To: anna+news@example.org", "Message-ID: <7@sender.example>", "From: The Digest <digest@sender.example>",
		"To: Anna <Anna@Example.org>", "Subject: Issue 7", "Date: Fri, 20 Nov 2026 06:00:00 +0100",
	}, more...), "\r\n") + "\r\n\r\n"
}

func read(t testing.TB, raw string) feed.Article {
	t.Helper()
	a, err := reader().article([]byte(raw), time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func reader() *Mailbox {
	c := Default()
	c.URL, c.User = "imaps://mail.example.org/INBOX", "anna@example.org"
	return New(c, "", nil, time.UTC, func() time.Time { return beginning }, nil)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, raw, title, author, published string }{
		{"plain", head(), "Issue 7", "The Digest", "2026-11-20T05:00:00Z"},
		{"encoded words", "From: =?iso-8859-1?Q?J=F6rg_Gro=DF?= <j@sender.example>\nSubject: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte("Ґанок і чай")) + "?=\n\n", "Ґанок і чай", "Jörg Groß", ""},
		{"words cut within a character", "Subject: =?UTF-8?Q?caf=C3?=\r\n =?UTF-8?Q?=A9_noir?=\n\n", "café noir", "", ""},
		{"Japanese", "Subject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\n\n", "日本", "", ""},
		{"Russian without encoding", "Subject: \xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\n\n", "Привет", "", ""},
		{"koi8-r", "Subject: =?koi8-r?B?8NLJ18XU?=\n\n", "Привет", "", ""},
		{"cp850", "Subject: =?ibm850?Q?caf=82?=\n\n", "café", "", ""},
		{"lying charset", "Subject: =?us-ascii?Q?caf=C3=A9?=\n\n", "café", "", ""},
		{"unknown charset", "Subject: =?x-martian?Q?hello?=\n\n", "hello", "", ""},
		{"broken word", "Subject: =?utf-8?Q?unfinished\n\n", "=?utf-8?Q?unfinished", "", ""},
		{"language", "Subject: =?utf-8*de?Q?gr=C3=BCn?=\n\n", "grün", "", ""},
		{"no subject", "From: a@sender.example\n\nThe first words are the title.", "The first words are the title.", "sender.example", ""},
		{"no date", "Subject: x\nReceived: from a by b;\n Fri, 20 Nov 2026 06:00:00 +0000\n\n", "x", "", "2026-11-20T06:00:00Z"},
		{"absurd date", "Subject: x\nDate: Fri, 20 Nov 2099 06:00:00 +0000\n\n", "x", "", ""},
		{"odd date", "Subject: x\nDate: 20 November 2026 6:00\n\n", "x", "", "2026-11-20T06:00:00Z"},
		{"broken lines", "no colon here\nSubject: x\n: empty\n\xff\xfe: y\nbad key: z\n\n", "x", "", ""},
		{"quoted name", "From: \"Doe, Jo\" <jo@sender.example>\nSubject: x\n\n", "x", "Doe, Jo", ""},
		{"comment", "From: jo@sender.example (Jo Doe)\nSubject: x\n\n", "x", "Jo Doe", ""},
		{"passed on", "Subject: Fwd: WG: x\n\n", "x", "", ""},
	} {
		a := read(t, c.raw)
		author, published := "", ""
		if len(a.Authors) > 0 {
			author = a.Authors[0].Name
		}
		if !a.Published.IsZero() {
			published = a.Published.UTC().Format(time.RFC3339)
		}
		if a.Title != c.title || author != c.author || published != c.published {
			t.Errorf("%s: %q by %q, %s; want %q by %q, %s", c.name, a.Title, author, published, c.title, c.author, c.published)
		}
		if len(a.Authors) > 0 && a.Authors[0].Email != "" {
			t.Errorf("%s: the sender's address is shown: %v", c.name, a.Authors)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	const mixed = "Content-Type: multipart/mixed; boundary=b"
	const alternative = "Content-Type: multipart/alternative; boundary=\"a b\""
	for _, c := range []struct{ name, raw, want string }{
		{"plain", head() + "One line\r\n\r\nAnother <line> & https://sender.example/a?b=1.\r\n", `<p>One line</p> <p>Another &lt;line&gt; &amp; <a href="https://sender.example/a?b=1">https://sender.example/a?b=1</a>.</p>`},
		{"hard lines", head() + "Roses are red,\nviolets are blue.\n", `<p>Roses are red,<br>violets are blue.</p>`},
		{"wrapped lines", head() + strings.Repeat("word ", 14) + "\n" + strings.Repeat("word ", 3) + "\n", "<p>" + strings.TrimSpace(strings.Repeat("word ", 17)) + "</p>"},
		{"quotes", head() + "> a\n>> b\nc\n", `<blockquote><p>a</p> <blockquote><p>b</p> </blockquote></blockquote><p>c</p>`},
		{"flowed", head("Content-Type: text/plain; format=flowed; delsp=yes") + "One \nword  \nmore\n", `<p>Oneword more</p>`},
		{"quoted-printable", head("Content-Transfer-Encoding: quoted-printable", "Content-Type: text/plain; charset=iso-8859-1") + "Gr=FC=\r\n=DFe =ZZ\r\n", `<p>Grüße =ZZ</p>`},
		{"base64", head("Content-Transfer-Encoding: BASE64", "Content-Type: text/html; charset=utf-8") + "PHA+SGVs\r\n !bG88L3A+\r\n", `<p>Hello</p>`},
		{"charset that lies", head("Content-Type: text/plain; charset=us-ascii") + "caf\xc3\xa9\n", `<p>café</p>`},
		{"charset of the page", head("Content-Type: text/html") + "<meta charset=windows-1251><p>\xcf\xf0\xe8\xe2\xe5\xf2</p>", `<p>Привет</p>`},
		{"utf-7", head("Content-Type: text/plain; charset=utf-7") + "caf+AOk- +- tea\n", `<p>café + tea</p>`},
		{"the best alternative", head(alternative) + "--a b\r\n\r\nplain\r\n--a b\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--a b\r\nContent-Type: text/x-amp-html\r\n\r\namp\r\n--a b--\r\n", `<p>rich</p>`},
		{"an empty alternative", head(alternative) + "--a b\r\n\r\nplain\r\n--a b\r\nContent-Type: text/html\r\n\r\n\r\n--a b--\r\n", `<p>plain</p>`},
		{"several", head(mixed) + "--b\n\none\n--b\nContent-Type: text/html\n\n<p>two</p>\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\nthree\n--b--\nepilogue", `<p>one</p> <hr> <p>two</p>`},
		{"never closed", head(mixed) + "preamble\n--b\n\none", `<p>one</p>`},
		{"related", head("Content-Type: multipart/related; boundary=b; start=\"<root>\"") + "--b\nContent-Type: image/png\nContent-ID: <pic>\n\nx\n--b\nContent-Type: text/html\nContent-ID: <root>\n\n<p>a<img src=cid:pic alt='A bridge'></p>\n--b--\n", `<p>a[A bridge]</p>`},
		{"boundary that is not there", head(mixed) + "just text\n", `<p>just text</p>`},
		{"no type at all", head("Content-Type: ;;;") + "text\n", `<p>text</p>`},
		{"broken type", head("Content-Type: multipart/mixed; boundary=b; =; x") + "--b\n\none\n--b--\n", `<p>one</p>`},
		{"passed on as a whole", head(mixed) + "--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\nSubject: Inner\n\ninside\n--b--\n", `<p>inside</p>`},
		{"digest", head("Content-Type: multipart/digest; boundary=b") + "--b\n\nSubject: First\n\none\n--b\n\nSubject: Second\n\ntwo\n--b--\n", `<h3>First</h3> <hr> <p>one</p> <hr> <h3>Second</h3> <hr> <p>two</p>`},
		{"signed", head("Content-Type: multipart/signed; boundary=b") + "--b\n\none\n--b\nContent-Type: application/pgp-signature\n\nxxx\n--b--\n", `<p>one</p>`},
		{"script", head("Content-Type: text/html") + `<style>p{}</style><script>x()</script><p onclick="x()">a</p><a href="javascript:x()">b</a>`, `<p>a</p>b`},
		{"layout", head("Content-Type: text/html") + `<table><tr><td><div>a</div></td></tr></table><table><tr><th>n</th><th>m</th></tr><tr><td>1</td><td>2</td></tr></table>`,
			`<div><div><div><div><div>a</div></div></div></div></div><table><tbody><tr><th>n</th><th>m</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>`},
		{"pixels", head("Content-Type: text/html") + `<p>a<img src="https://t.example/wf/open?upn=x" alt=""><img src="https://t.example/p.gif" width=1 height=1><img src="https://i.example/a.jpg" alt="A"></p>`, `<p>a<img src="https://i.example/a.jpg" alt="A"></p>`},
		{"hidden", head("Content-Type: text/html") + `<div style="display:none">preview &zwnj;</div><p>a</p><p style="mso-hide:all">b</p>`, `<p>a</p>`},
	} {
		if got := strings.Join(strings.Fields(read(t, c.raw).Content), " "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestWaysToLeaveGo(t *testing.T) {
	t.Parallel()
	const leave = "List-Unsubscribe: <mailto:leave@sender.example>, <https://sender.example/x/77>"
	for _, c := range []struct{ name, raw, want string }{
		{"by its words", head("Content-Type: text/html") + `<p>News.</p><p>You may <a href="https://sender.example/q">unsubscribe here</a>.</p>`, "News."},
		{"by the header", head(leave, "Content-Type: text/html") + `<p>News.</p><div>Enough? <a href="https://sender.example/x/77">Click</a></div>`, "News."},
		{"by its address", head("Content-Type: text/html") + `<p>News.</p><td><a href="https://x.list-manage.com/unsubscribe?u=1">Bye</a></td>`, "News."},
		{"German", head("Content-Type: text/html") + `<p>Neues.</p><p><a href="https://a.example/1">Newsletter abbestellen</a> | <a href="https://a.example/2">Im Browser ansehen</a></p>`, "Neues."},
		{"in a long text", head("Content-Type: text/html") + `<p>` + strings.Repeat("Long. ", 200) + `<a href="https://a.example/1">unsubscribe</a> End.</p>`, strings.TrimSpace(strings.Repeat("Long. ", 200)) + " End."},
		{"plain", head(leave) + "News.\n\nTo unsubscribe: https://sender.example/bye\n\nOr write to leave@sender.example\n", "News."},
		{"footer of a list", head() + "News.\n\n_______________________________________________\nnews mailing list\nnews@lists.example\nhttps://lists.example/mailman/listinfo/news\n", "News."},
		{"news about it", head() + "How to unsubscribe from everything: the law has changed.\n", "How to unsubscribe from everything: the law has changed."},
	} {
		if got := strings.Join(strings.Fields(clean.PlainText(read(t, c.raw).Content)), " "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestHeadersOfForwardedMessagesGo(t *testing.T) {
	t.Parallel()
	fields := []string{"From: Jo Hill <jo@paper.example>", "Date: Thu, 19 Nov 2026 at 10:00", "Subject: The river", "To: Anna <anna@example.org>"}
	for _, c := range []struct{ name, raw string }{
		{"plain", head() + "---------- Forwarded message ---------\n" + strings.Join(fields, "\n") + "\n\nThe river rose.\n"},
		{"Gmail", head("Content-Type: text/html") + `<div dir="ltr"><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>` +
			strings.Join([]string{"From: <b>Jo Hill</b> &lt;jo@paper.example&gt;", "Date: Thu", "Subject: The river", "To: &lt;anna@example.org&gt;"}, "<br>") + `<br></div><br><p>The river rose.</p></div></div>`},
		{"Outlook", head("Content-Type: text/html") + `<div style="border-top:solid"><p><b>From:</b> Jo Hill &lt;jo@paper.example&gt;<br><b>Sent:</b> Thursday<br><b>To:</b> Anna<br><b>Subject:</b> The river</p></div><p>The river rose.</p>`},
		{"Apple", head("Content-Type: text/html") + `<div>Begin forwarded message:</div><br><blockquote><div><b>From: </b>Jo Hill &lt;jo@paper.example&gt;</div><div><b>Subject: </b>The river</div><div><b>To: </b>anna@example.org</div><br><div>The river rose.</div></blockquote>`},
		{"Thunderbird", head("Content-Type: text/html") + `<p></p><div class="moz-forward-container"><br>-------- Forwarded Message --------<table class="moz-email-headers-table"><tbody><tr><th>Subject: </th><td>The river</td></tr><tr><th>From: </th><td>Jo Hill</td></tr><tr><th>To: </th><td>anna@example.org</td></tr></tbody></table><p>The river rose.</p></div>`},
	} {
		a := read(t, c.raw)
		if got := strings.TrimSpace(clean.PlainText(a.Content)); got != "The river rose." {
			t.Errorf("%s: %s", c.name, a.Content)
		}
		if len(a.Authors) != 1 || a.Authors[0].Name != "Jo Hill" {
			t.Errorf("%s: by %v", c.name, a.Authors)
		}
	}
}

func TestReadersAddressIsNowhere(t *testing.T) {
	t.Parallel()
	const anna = "anna@example.org"
	coded := base64.StdEncoding.EncodeToString([]byte(`{"user":"` + anna + `","n":7}`))
	hash := md5.Sum([]byte(anna))
	for i, text := range []string{
		anna, "ANNA@EXAMPLE.ORG", "anna+news@example.org", "anna%40example.org", "anna=example.org", "anna&#64;example.org",
		"an\u200bna@exam\u00adple.org", `anna<span>@</span>example.org`, `anna@<wbr>example.org`, coded, strings.TrimRight(coded, "="),
		base64.URLEncoding.EncodeToString([]byte("xx" + anna)), hex.EncodeToString([]byte(anna)), hex.EncodeToString(hash[:]),
		base64.StdEncoding.EncodeToString([]byte(coded)), "bounce-7-anna=example.org@sender.example",
	} {
		for _, place := range []string{
			`<p>This was sent to %s.</p>`, `<p><a href="https://sender.example/a?q=1&amp;e=%s&amp;z=2">Read</a></p>`, `<p><a href="https://sender.example/%s/x">Read</a></p>`,
			`<p><a href="mailto:%s">Write</a></p>`, `<p><img src="https://sender.example/i.png?%s" alt="%[1]s"></p>`, `<p title="%s" id="%[1]s">x</p>`, `<p><a href="https://sender.example/#%s">Read</a></p>`,
		} {
			if strings.Contains(text, "<") && !strings.HasPrefix(place, "<p>This") {
				continue // there it is no markup
			}
			raw := head("Content-Type: text/html", "Archived-At: <https://sender.example/%s>", "Keywords: "+strings.NewReplacer("<span>", "", "</span>", "", "<wbr>", "").Replace(text)) + "<p>Before.</p>" + fmt.Sprintf(place, text) + "<p>After.</p>"
			raw = strings.Replace(raw, "Subject: Issue 7", "Subject: For "+strings.NewReplacer("<span>", "", "</span>", "", "<wbr>", "").Replace(text)+" only", 1)
			a := read(t, raw)
			all := fmt.Sprintf("%s\n%s\n%s\n%s\n%v\n%v", a.Title, a.Summary, a.Content, a.Link, a.Authors, a.Tags)
			shown := strings.ToLower(clean.PlainText(all) + all)
			for _, bad := range []string{anna, "anna%40", "anna=", "anna+", coded[10:30], hex.EncodeToString([]byte(anna)), hex.EncodeToString(hash[:])} {
				if strings.Contains(shown, strings.ToLower(bad)) {
					t.Errorf("%d: %s in %s leaves\n%s", i, text, place, all)
				}
			}
			if !strings.Contains(a.Content, "Before.") || !strings.Contains(a.Content, "After.") {
				t.Errorf("%d: %s in %s takes the rest along:\n%s", i, text, place, a.Content)
			}
		}
	}
	a := read(t, head()+"See https://sender.example/a?q=1&e=anna%40example.org&z=2 and https://sender.example/b.\n")
	if want := `<a href="https://sender.example/a?q=1&amp;z=2">`; !strings.Contains(a.Content, want) || strings.Contains(a.Content, "anna") {
		t.Errorf("a link without its parameter: %s", a.Content)
	}
}

func TestBadMessagesAreNamed(t *testing.T) {
	t.Parallel()
	deep := "\r\n\r\nx"
	for i := range 40 {
		deep = fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%[1]d\r\n%s\r\n--b%[1]d--\r\n", i, deep)
	}
	for _, c := range []struct{ name, raw, want string }{
		{"nothing", "", "is empty"},
		{"blank", "\r\n\r\n  \r\n", "is empty"},
		{"parts", head("Content-Type: multipart/mixed; boundary=b") + strings.Repeat("--b\n\nx\n", 10_000), "more than 1000 parts"},
		{"deep", deep, "nested more than 30 deep"},
		{"encrypted", head("Content-Type: multipart/encrypted; boundary=b") + "--b\n\nx\n--b--\n", "is encrypted"},
		{"long", head() + strings.Repeat("x", 3<<20), "more than 2 MB of text"},
		{"no text", head("Content-Type: text/plain") + "\x00\x01\x02\x03\xff\xfe\x00\x00", "text"},
	} {
		if _, err := reader().article([]byte(c.raw), time.Time{}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestWhatIsLeftOutIsNoted(t *testing.T) {
	t.Parallel()
	a := read(t, head("Content-Type: multipart/mixed; boundary=b", "Content-Language: de-AT, en", "Keywords: a, b")+"--b\n\none\n--b\nContent-Type: image/png\n\nx\n--b\nContent-Type: application/pdf\n\nx\n--b\nContent-Type: application/pdf\n\nx\n--b--\n")
	if got := strings.Join(a.Notes, "; "); got != "without a picture that came inside the message; without 2 attachments" {
		t.Errorf("the notes are %s", got)
	}
	if a.Language != "de-AT" || len(a.Tags) != 2 || a.Key != "7@sender.example" || len(a.Enclosures) != 0 {
		t.Errorf("the article is %+v", a)
	}
	if a = read(t, head("Archived-At: <https://lists.example/archive/7>")+"x"); a.Link != "https://lists.example/archive/7" {
		t.Errorf("the link is %s", a.Link)
	}
}
