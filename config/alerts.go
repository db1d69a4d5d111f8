package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"feedmill/feed/setting"
)

// WebhookAlert posts alerts, as JSON, to an address.
type WebhookAlert struct {
	// URL is an absolute web address, which may lie in a private network. It never shows, for its path may be a key.
	URL setting.Secret `yaml:"url"`
	// Secret signs each body: X-Feedmill-Signature is sha256= and the HMAC of the body with SHA-256 in hexadecimal digits.
	// Without it nothing is signed.
	Secret setting.Secret `yaml:"secret"`
}

// Validate reports what is wrong with the words.
func (w WebhookAlert) Validate() error {
	if w.URL == "" {
		return errors.New("has no url; write where alerts go, such as url: https://ops.example.org/alert")
	}
	if _, err := parseWebURL(w.URL.Reveal()); err != nil {
		return fmt.Errorf("url %w", err)
	}
	return nil
}

// CommandAlert runs a program for each alert, without a shell, and gives it the alert as JSON on standard input.
type CommandAlert struct {
	// Run is the program and its arguments.
	Run []string `yaml:"run" words:"single"`
	// Timeout is how long it may run.
	Timeout setting.Duration `yaml:"timeout"`
}

// The bounds of the time that a program may take.
const (
	defaultAlertTimeout = setting.Duration(30 * time.Second)
	longestAlertTimeout = setting.Duration(10 * time.Minute)
)

// Validate reports what is wrong with the words.
func (c CommandAlert) Validate() error {
	switch {
	case len(c.Run) == 0 || strings.TrimSpace(c.Run[0]) == "":
		return errors.New("run names no program; write it with its arguments, such as run: [/usr/local/bin/page-me]")
	case c.Timeout <= 0 || c.Timeout > longestAlertTimeout:
		return fmt.Errorf("timeout %v is out of range; write one up to %v, such as 30s", c.Timeout, longestAlertTimeout)
	}
	return nil
}

// Alert is one place where alerts go. Exactly one of its kinds is set.
type Alert struct{ AlertKinds }

// same reports whether both would tell the same place.
func (a Alert) same(b Alert) bool {
	switch {
	case a.Webhook != nil && b.Webhook != nil:
		return a.Webhook.URL == b.Webhook.URL
	case a.Command != nil && b.Command != nil:
		return slices.Equal(a.Command.Run, b.Command.Run)
	}
	return false
}

// alerts takes the places where alerts go.
func (l *loader) alerts(words []word[alertWords]) {
	for i, w := range words {
		if w.State != good {
			continue
		}
		alert := Alert{w.Value.AlertKinds}
		if first := slices.IndexFunc(words[:i], func(o word[alertWords]) bool {
			return o.State == good && alert.same(Alert{o.Value.AlertKinds})
		}); first >= 0 {
			l.report(w.At, "is the same place as the one on line %d; each alert is told once", words[first].At.line)
			continue
		}
		l.config.Alerts = append(l.config.Alerts, alert)
	}
}
