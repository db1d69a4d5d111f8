//go:build unix

package main

import (
	"path/filepath"
	"testing"

	"feedmill/source/sourcetest"
)

// TestMailboxExample runs config/examples/mailbox.yaml against the real Dovecot, and a Maildir.
func TestMailboxExample(t *testing.T) {
	server := sourcetest.StartDovecot(t, "", "")
	const digest = "From: The Digest <digest@sender.example>\r\nTo: anna@example.org\r\nDate: Fri, 20 Nov 2026 06:00:00 +0000\r\nSubject: Issue "
	const unsubscribe = "<p>Sent to anna@example.org. <a href=\"https://sender.example/u?e=anna%40example.org\">Unsubscribe</a></p>"
	server.Mail.Deliver("Message-ID: <1@a>\r\n" + digest + "1\r\nContent-Type: text/html\r\n\r\n<p>The first one</p>" + unsubscribe)
	server.Mail.Deliver("From: somebody@else.example\r\nSubject: Private\r\n\r\nDear Anna")
	mail := sourcetest.NewMaildir(t)
	mail.Deliver("List-Id: Announcements <announce.lists.example>\r\nArchived-At: <https://lists.example/1>\r\n" + digest + "9\r\n\r\nA new version.\r\n")
	mail.Deliver("Subject: Private\r\n\r\nDear Anna")

	file := copied(t, filepath.Dir(mail.Dir), "mailbox.yaml", "\nfetch: {allow_private: [\""+server.Plain+"\"]}\n", "imaps://mail.example.org", "imap://"+server.Plain)
	e := runs(t, file, november24, nil, "IMAP_PASSWORD="+sourcetest.MailPassword, "DIGEST_TOKEN=0123456789abcdef")
	for name, want := range map[string][]string{
		"digest":        {"Issue 1  2026-11-20T06:00  The first one"},
		"announcements": {"Issue 9 https://lists.example/1 2026-11-20T06:00  A new version."},
	} {
		e.refresh(name)
		e.brings(name, want...)
	}
	if f := e.plan.Feed("digest"); !f.Private() {
		t.Error("everybody may read the digest")
	}
}
