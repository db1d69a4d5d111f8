package mailbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// newsletter is a message as programs that send newsletters make them: HTML of some 30 KB in tables, with links made for one reader.
func newsletter(n int) string {
	var rows strings.Builder
	for i := range 25 {
		fmt.Fprintf(&rows, `<tr><td style="padding:10px 20px;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:24px" align="left"><h2 style="margin:0"><a href="https://click.sender.example/ls/click?upn=u001.%[2]s&e=1" style="color:#123456">Story %[1]d of the day</a></h2>`+
			`<p style="margin:0 0 10px">%[3]s</p></td></tr>`, i, strings.Repeat("Ab3dEf9h", 20), strings.Repeat("The council has met and decided about the bridge. ", 8))
	}
	return fmt.Sprintf("Message-ID: <%[1]d@sender.example>\r\nFrom: The Digest <digest@sender.example>\r\nTo: Anna <anna@example.org>\r\nDelivered-To: anna@example.org\r\n"+
		"Subject: =?utf-8?Q?Issue_%[1]d?=\r\nDate: Fri, 20 Nov 2026 %02[2]d:%02[3]d:00 +0000\r\nList-Unsubscribe: <https://sender.example/u/%[1]d>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/alternative; boundary=\"=_b%[1]d\"\r\n\r\n--=_b%[1]d\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis is issue %[1]d.\r\n\r\n--=_b%[1]d\r\nContent-Type: text/html; charset=utf-8\r\n"+
		"\r\n<html><head><style>p{margin:0}</style></head><body><table role=presentation width=100%%>%[4]s<tr><td><p>You get this because anna@example.org is subscribed. <a href=\"https://sender.example/u/%[1]d\">Unsubscribe</a></p></td></tr></table>"+
		"<img src=\"https://sender.example/open/%[1]d.gif\" width=1 height=1></body></html>\r\n--=_b%[1]d--\r\n", n, n/60%24, n%60, rows.String())
}

func BenchmarkArticle(b *testing.B) {
	m := New(Config{URL: "maildir:x"}, "", nil, time.UTC, time.Now, nil)
	plain := strings.Replace(letter0, "TEXT", strings.Repeat("It goes on and on and on, as letters do.\r\n", 20_000), 1)
	for name, raw := range map[string][]byte{"newsletter": []byte(newsletter(7)), "long": []byte(plain)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if a, err := m.article(raw, time.Time{}, nil); err != nil || a.Content == "" {
					b.Fatal(err)
				}
			}
		})
	}
}

const letter0 = "Message-ID: <1@sender.example>\r\nFrom: The Digest <digest@sender.example>\r\nTo: anna@example.org\r\nSubject: Long\r\n\r\nTEXT"
