//go:build unix

package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/store/sqlite"
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

	text, err := os.ReadFile(filepath.Join(root, "config", "examples", "mailbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(filepath.Dir(mail.Dir), "mailbox.yaml")
	here := strings.Replace(string(text), "imaps://mail.example.org", "imap://"+server.Plain, 1) + "\nfetch: {allow_private: [\"" + server.Plain + "\"]}\n"
	if err := os.WriteFile(file, []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, config.Options{Env: []string{"IMAP_PASSWORD=" + sourcetest.MailPassword, "DIGEST_TOKEN=0123456789abcdef"}})
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, time.November, 24, 6, 0, 0, 0, time.UTC) }
	log := slog.New(slog.DiscardHandler)
	plan, err := daemon.Open(c, fetch.New(now, log), now, log)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	state, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	m := mill.New(state, state, now)
	for name, want := range map[string][]string{
		"digest":        {"Issue 1  2026-11-20T06:00  The first one"},
		"announcements": {"Issue 9 https://lists.example/1 2026-11-20T06:00  A new version."},
	} {
		for range 2 {
			if _, err := m.Refresh(t.Context(), &plan.Feed(name).Feed); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := published(t, state, name); !slices.Equal(got, want) {
			t.Errorf("%s holds\n%s, want\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if f := plan.Feed("digest"); !f.Private() {
		t.Error("everybody may read the digest")
	}
}
