package alert

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/setting"
)

// webhookTimeout is for one request.
const webhookTimeout = 15 * time.Second

// Follow takes over what a configuration says: where alerts go, and which feeds there are.
func (d *Desk) Follow(ctx context.Context, c *config.Config, client *fetch.Client) {
	var targets []*target
	for _, a := range c.Alerts {
		targets = append(targets, open(a, c, client))
	}
	d.mu.Lock()
	d.site, d.targets = c.BaseURL, targets
	d.mu.Unlock()
	select {
	case d.retarget <- struct{}{}:
	default: // a change is waiting already, and will find the newest targets
	}
	feeds := make([]string, 0, len(c.Feeds)+len(c.Blocks)+len(c.Included))
	for _, b := range c.Blocks {
		feeds = append(feeds, b.Key)
	}
	for _, f := range c.Included {
		feeds = append(feeds, f.Name)
	}
	for _, f := range c.Feeds {
		if !f.Retired { // what is wrong with one that nobody refreshes any more can neither last nor heal
			feeds = append(feeds, f.Key)
		}
	}
	d.Keep(ctx, feeds)
}

func open(a config.Alert, c *config.Config, client *fetch.Client) *target {
	t := &target{wake: make(chan struct{}, 1), direct: make(chan message, mostDirect)}
	name := ""
	switch {
	case a.Webhook != nil:
		manners := c.Fetch.Clone()
		manners.Timeout = setting.Duration(webhookTimeout)
		t.sender = webhook{client: client, url: a.Webhook.URL.Reveal(), secret: a.Webhook.Secret, manners: manners}
		t.kind, name, t.timeout = "webhook", a.Webhook.URL.Reveal(), webhookTimeout+5*time.Second
		t.shown = "webhook"
		if u, err := url.Parse(a.Webhook.URL.Reveal()); err == nil {
			t.shown += " at " + u.Host // its path may be a key
		}
	case a.Command != nil:
		t.sender = command{run: a.Command.Run, dir: c.Dir, timeout: time.Duration(a.Command.Timeout)}
		t.kind, name, t.timeout = "command", strings.Join(a.Command.Run, "\x00"), time.Duration(a.Command.Timeout)+5*time.Second
		t.shown = "command " + a.Command.Run[0]
	}
	sum := sha256.Sum256([]byte(t.kind + "\x00" + name))
	t.key = hex.EncodeToString(sum[:8])
	return t
}

// webhook posts messages to an address.
type webhook struct {
	client  *fetch.Client
	url     string
	secret  setting.Secret
	manners fetch.Config
}

func (w webhook) send(ctx context.Context, body []byte) error {
	r := fetch.Message{URL: w.url, Body: body, Config: w.manners}
	if w.secret != "" {
		r.Header = map[string]setting.Secret{"X-Feedmill-Signature": setting.Secret("sha256=" + sign(w.secret, body))}
	}
	return w.client.Post(ctx, r)
}

// sign is the HMAC of a body with SHA-256 (RFC 2104), in hexadecimal digits.
func sign(secret setting.Secret, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// command runs a program for each message, without a shell, and gives it the message on standard input. It has the
// environment of this process.
type command struct {
	run     []string
	dir     string
	timeout time.Duration
}

// What a program that was told to end may still take, and how much of what it says is kept.
const (
	lastWords   = 2 * time.Second
	mostMutters = 2 << 10
)

func (c command) send(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	said := &tail{}
	program := exec.CommandContext(ctx, c.run[0], c.run[1:]...) //nolint:gosec // the operator names the program
	program.Dir, program.WaitDelay = c.dir, lastWords
	program.Stdin = strings.NewReader(string(body) + "\n")
	program.Stdout, program.Stderr = io.Discard, said
	err := program.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		err = fmt.Errorf("did not end within %v", c.timeout)
	}
	if words := strings.Join(strings.Fields(string(said.kept)), " "); words != "" {
		err = fmt.Errorf("%w: %s", err, words)
	}
	return feed.Classify(feed.Unavailable, fmt.Errorf("run %s: %w", c.run[0], err))
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

func (t *tail) Write(text []byte) (int, error) {
	t.kept = append(t.kept, text...)
	t.kept = t.kept[max(0, len(t.kept)-mostMutters):]
	return len(text), nil
}
