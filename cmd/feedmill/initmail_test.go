//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/source/sourcetest"
)

// TestInitOfIMAP writes the feed of a folder of the real Dovecot, and shows it.
func TestInitOfIMAP(t *testing.T) {
	server := sourcetest.StartDovecot(t, "", "")
	server.Mail.Deliver(digest)
	t.Setenv("IMAP_PASSWORD", sourcetest.MailPassword)
	t.Setenv("READER_TOKEN", "0123456789abcdef")
	file := filepath.Join(t.TempDir(), "feedmill.yaml")
	printed, code := output(t, "init", "imap://anna%40example.org:s3cret-word@"+server.Plain+"/INBOX", "-c", file)
	for _, want := range []string{"  anna:\n", "url: imap://" + server.Plain + "/INBOX\n", "user: 'anna@example.org'  ", `password: "${IMAP_PASSWORD}"`, "access: "} {
		if code != 0 || !strings.Contains(printed, want) {
			t.Errorf("exit %d: %s does not say %q", code, printed, want)
		}
	}
	if strings.Contains(printed, "s3cret") {
		t.Errorf("the password is printed: %s", printed)
	}
	if err := os.WriteFile(file, []byte(printed+"fetch: {allow_private: [\""+server.Plain+"\"]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, code := output(t, "preview", "anna", "--format", "json", "-c", file); code != 0 || !strings.Contains(got, "A new version is out") {
		t.Errorf("exit %d: %s", code, got)
	}
	for _, what := range []string{"imaps://mail.example.org/INBOX", "imap://"} {
		if got, code := output(t, "init", what, "-c", file); code != exitUsage || !strings.Contains(got, "no user or no host") {
			t.Errorf("%s: exit %d: %s", what, code, got)
		}
	}
}
