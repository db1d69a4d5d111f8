package alert_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/mill"
	"feedmill/feed/setting"
)

func contextCanceled() error { return fmt.Errorf("get bob: %w", context.Canceled) }

// receiver is a web server that takes alerts, unless it is down.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int // of its answers; 0 is 200
	asked  int
	got    []post
}

type post struct {
	signature string
	body      string
	alert     struct {
		ID, Event, Site, Feed, Source, Output, Kind, Class, Text string
		Since, At, Sent                                          time.Time
		Times                                                    int
	}
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked++
		body, err := io.ReadAll(request.Body)
		if err != nil || request.Method != http.MethodPost || request.Header.Get("Content-Type") != "application/json" {
			t.Errorf("asked %s %v, %v", request.Method, request.Header, err)
		}
		if r.status != 0 {
			w.WriteHeader(r.status)
			return
		}
		p := post{signature: request.Header.Get("X-Feedmill-Signature"), body: string(body)}
		if err := json.Unmarshal(body, &p.alert); err != nil {
			t.Error(err)
		}
		r.got = append(r.got, p)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) alert(secret setting.Secret) config.Alert {
	return config.Alert{AlertKinds: config.AlertKinds{Webhook: &config.WebhookAlert{URL: setting.Secret(r.URL + "/key-in-the-path"), Secret: secret}}}
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) posts() []post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// await waits until so many alerts have come.
func (r *receiver) await(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); len(r.posts()) < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("told was %q", r.texts())
		}
	}
}

func (r *receiver) texts() (texts []string) {
	for _, p := range r.posts() {
		texts = append(texts, p.alert.Text)
	}
	return texts
}

// send sends what is due, as a build does.
func (o *office) send() {
	o.Helper()
	if err := o.desk.Send(o.Context(), 10*time.Second); err != nil {
		o.Fatal(err)
	}
}

func TestWebhook(t *testing.T) {
	hook := newReceiver(t)
	o := newOffice(t, hook.alert("hunter2"))
	o.refreshed(0, "", refused)
	o.sleep(time.Minute)
	o.send()
	o.send()
	o.refreshed(time.Hour, "bob")
	o.send()
	posts := hook.posts()
	if len(posts) != 2 {
		t.Fatalf("%d posts: %+v", len(posts), posts)
	}
	for _, p := range posts {
		mac := hmac.New(sha256.New, []byte("hunter2"))
		mac.Write([]byte(p.body))
		if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); p.signature != want {
			t.Errorf("signed %q, want %q", p.signature, want)
		}
	}
	at := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	a, b := posts[0].alert, posts[1].alert
	if a.Event != "alarm" || a.Site != "https://feeds.example.org" || a.Feed != "world" || a.Source != "bob" || a.Kind != "refused" ||
		a.Class != "refused" || a.Text != "feed world, source bob: refused: get bob: answers 403" || !a.Since.Equal(at) || !a.At.Equal(at) ||
		!a.Sent.Equal(at.Add(time.Minute)) || a.Times != 1 {
		t.Errorf("the alarm is %+v", a)
	}
	if b.Event != "recovery" || b.Kind != "refused" || b.ID == a.ID || b.ID == "" || !b.Since.Equal(at) || !b.At.Equal(at.Add(time.Hour+time.Minute)) ||
		b.Text != "feed world, source bob: well again; it was refused since 2026-11-23 06:00 UTC" {
		t.Errorf("the recovery is %+v", b)
	}
	if strings.Contains(o.log.String(), "key-in-the-path") || !strings.Contains(o.log.String(), "alert sent") {
		t.Errorf("the log is\n%s", &o.log)
	}
}

func TestWithoutASecretNothingIsSigned(t *testing.T) {
	hook := newReceiver(t)
	o := newOffice(t, hook.alert(""))
	o.refreshed(0, "", held)
	o.send()
	if posts := hook.posts(); len(posts) != 1 || posts[0].signature != "" || posts[0].alert.Kind != "held" || posts[0].alert.Class != "suspicious" {
		t.Errorf("posts are %+v", posts)
	}
}

// A receiver that is down gets everything once it is up, in order and each once, whoever is restarted meanwhile.
func TestAReceiverThatWasDown(t *testing.T) {
	hook := newReceiver(t)
	o := newOffice(t, hook.alert(""))
	hook.answers(http.StatusBadGateway)
	o.refreshed(0, "", refused)
	o.send()
	o.refreshed(time.Minute, "", held)
	o.start()
	o.send()
	o.send() // not due yet
	hook.answers(0)
	o.send()
	if got := hook.texts(); len(got) > 0 {
		t.Errorf("without a pause it was told %q", got)
	}
	o.start()
	o.sleep(10 * time.Minute)
	o.send()
	o.refreshed(0, "bob")
	o.send()
	if hook.asked != 5 {
		t.Errorf("it was asked %d times", hook.asked)
	}
	var kinds []string
	for _, p := range hook.posts() {
		kinds = append(kinds, p.alert.Event+" "+p.alert.Kind)
	}
	if fmt.Sprint(kinds) != "[alarm refused alarm held recovery held]" {
		t.Errorf("told was %q", kinds)
	}
	if len(o.sent) != 5 || o.sent[0] == nil || o.sent[4] != nil || !strings.Contains(o.log.String(), "answers 502 Bad Gateway") {
		t.Errorf("tries were %v, the log\n%s", o.sent, &o.log)
	}
}

func TestAnAlertThatNobodyTakesForADay(t *testing.T) {
	hook := newReceiver(t)
	hook.answers(http.StatusInternalServerError)
	o := newOffice(t, hook.alert(""))
	o.refreshed(0, "", refused)
	for range 30 {
		o.sleep(time.Hour)
		o.send()
	}
	hook.answers(0)
	o.sleep(2 * time.Hour)
	o.send()
	if len(hook.posts()) > 0 || strings.Count(o.log.String(), "alert dropped") != 1 {
		t.Errorf("posts are %+v, the log\n%s", hook.posts(), &o.log)
	}
}

func TestASlowTargetStopsNoOther(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	hook := newReceiver(t)
	o := newOffice(t, config.Alert{AlertKinds: config.AlertKinds{Webhook: &config.WebhookAlert{URL: setting.Secret(slow.URL)}}}, hook.alert(""))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.desk.Run(ctx) }()
	o.refreshed(0, "", refused)
	hook.await(t, 1)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) { // a stop before it is noted sends it again
		waiting, err := o.store.Alerts(t.Context())
		if err == nil && waiting == 1 {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%d alerts wait, %v", waiting, err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if waiting, err := o.store.Alerts(t.Context()); err != nil || waiting != 1 {
		t.Errorf("in the end %d alerts wait, %v", waiting, err)
	}
}

// A running desk goes over to the targets of a new configuration.
func TestAReloadThatNamesAnotherTarget(t *testing.T) {
	before, after := newReceiver(t), newReceiver(t)
	o := newOffice(t, before.alert(""))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.desk.Run(ctx) }()
	o.refreshed(0, "", refused)
	before.await(t, 1)
	o.alerts = []config.Alert{after.alert("")}
	o.desk.Follow(t.Context(), o.config("world"), fetch.New(o.clock, slog.New(slog.DiscardHandler)))
	o.refreshed(time.Hour, "bob")
	after.await(t, 1)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(before.posts()) != 1 {
		t.Errorf("the old one was told %q", before.texts())
	}
}

// Without a state that can be written the alert is told from memory, once.
func TestAStateThatCannotBeWritten(t *testing.T) {
	hook := newReceiver(t)
	o := newOffice(t, hook.alert(""))
	o.store.Close()
	for range 3 {
		o.refreshed(time.Minute, "", broken)
	}
	_ = o.desk.Send(t.Context(), 10*time.Second) // the state is closed
	if got := hook.texts(); len(got) != 1 || !strings.Contains(got[0], "feed world: internal: render: world.rss has no title") {
		t.Errorf("told was %q", got)
	}
}

// script writes a program for the shell and returns an alert that runs it.
func (o *office) script(text string, timeout time.Duration) config.Alert {
	o.Helper()
	path := filepath.Join(o.TempDir(), "page-me")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		o.Fatal(err)
	}
	return config.Alert{AlertKinds: config.AlertKinds{Command: &config.CommandAlert{Run: []string{path, "$HOME; *"}, Timeout: setting.Duration(timeout)}}}
}

func TestCommand(t *testing.T) {
	o := newOffice(t)
	o.alerts = []config.Alert{o.script(`printf '%s ' "$1" >>told; cat >>told`, 10*time.Second)}
	o.start()
	o.refreshed(0, "", refused)
	o.send()
	told, err := os.ReadFile(filepath.Join(filepath.Dir(o.path), "told"))
	if err != nil || !strings.HasPrefix(string(told), `$HOME; * {"id":`) || !strings.HasSuffix(string(told), "}\n") ||
		!strings.Contains(string(told), `"text":"feed world, source bob: refused: get bob: answers 403"`) {
		t.Errorf("it was given %s, %v", told, err)
	}
}

func TestACommandThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"with a reason": {"echo 'no pager' >&2; exit 3", []string{"exit status 3", "no pager"}},
		"by its time":   {"echo waiting >&2; sleep 60", []string{"did not end within 300ms", "waiting"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			o.alerts = []config.Alert{o.script(c.text, 300*time.Millisecond)}
			o.start()
			o.refreshed(0, "", refused)
			o.send()
			for _, want := range c.want {
				if !strings.Contains(o.log.String(), want) {
					t.Errorf("the log lacks %q:\n%s", want, &o.log)
				}
			}
			if waiting, err := o.store.Alerts(t.Context()); err != nil || waiting != 1 {
				t.Errorf("%d alerts wait, %v", waiting, err)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	hook := newReceiver(t)
	o := newOffice(t, hook.alert(""))
	for _, err := range []error{
		held, source("bob", feed.Gone, "answers 410"), source("bob", feed.Unreadable, "no feed"), output("site", feed.Refused, "may not write"),
		broken,
	} {
		o.sleep(time.Hour)
		o.desk.Observe(t.Context(), mill.Report{Feed: "sport"}, err)
	}
	o.send()
	var kinds []string
	for _, p := range hook.posts() {
		kinds = append(kinds, p.alert.Event+" "+p.alert.Kind)
	}
	if want := "[alarm held alarm gone alarm unreadable alarm output recovery unreadable alarm internal]"; fmt.Sprint(kinds) != want {
		t.Errorf("told was %q, want %s", kinds, want)
	}
}
