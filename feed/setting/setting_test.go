package setting_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"feedmill/feed/setting"
)

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "90s": 90 * time.Second, "15m": 15 * time.Minute, "2h": 2 * time.Hour, "30d": 720 * time.Hour,
		"4w": 672 * time.Hour, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "250ms": 250 * time.Millisecond,
	} {
		var d setting.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s is %v, %v; want %v", text, d, err, want)
		}
	}
	for _, text := range []string{"", "5", "m", "-5m", "5 m", "5y", "1h 30m", "1..5h", "99999999w", "1e3s"} {
		d := setting.Duration(7)
		if err := d.UnmarshalText([]byte(text)); err == nil || d != 7 {
			t.Errorf("%q is taken as %v", text, d)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]setting.Size{"0": 0, "12": 12, "500KB": 500 << 10, "32mb": 32 << 20, "1 GB": 1 << 30, "7B": 7} {
		var z setting.Size
		if err := z.UnmarshalText([]byte(text)); err != nil || z != want {
			t.Errorf("%s is %d, %v; want %d", text, z, err, want)
		}
	}
	for _, text := range []string{"", "KB", "-1KB", "1.5MB", "1TB", "9999999999GB"} {
		var z setting.Size
		if err := z.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken as %d", text, z)
		}
	}
}

func TestSecretNeverShows(t *testing.T) {
	s := setting.Secret("hunter2")
	encoded, err := json.Marshal(map[string]any{"token": s})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", s)
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q", s, s, s), string(encoded), log.String()} {
		if strings.Contains(shown, "hunter2") || !strings.Contains(shown, "***") {
			t.Errorf("it shows as %s", shown)
		}
	}
	if s.Reveal() != "hunter2" {
		t.Error("it is lost")
	}
}

func TestTemplate(t *testing.T) {
	values := setting.Values{
		Slug: "a b", Path: "x/y", Title: "T", ID: "7", Published: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC), Escape: url.PathEscape,
	}
	for text, want := range map[string]string{
		"plain":                           "plain",
		"https://x/{slug}":                "https://x/a%20b",
		"{published:2006/01/02}/{id}":     "2026/11/24/7",
		"{published}-{title}{path}{slug}": "2026-11-24-Tx%2Fya%20b",
	} {
		var tpl setting.Template
		if err := tpl.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := tpl.Expand(values); err != nil || got != want || tpl.String() != text {
			t.Errorf("%s is %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"{", "{slug", "{slag}", "{slug:x}", "{}"} {
		var tpl setting.Template
		if err := tpl.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	var tpl setting.Template
	if err := tpl.UnmarshalText([]byte("{id}")); err != nil {
		t.Fatal(err)
	}
	if got, err := tpl.Expand(setting.Values{}); err == nil {
		t.Errorf("an empty id gives %q", got)
	}
}
