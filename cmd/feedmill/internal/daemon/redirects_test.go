package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// host follows a file of redirects as Cloudflare Pages documents it: what is not in its limits is not followed.
type host struct {
	single  map[string]string
	folders [][2]string
	said    []string // in comments
}

var redirectLine = regexp.MustCompile(`^(/[!-~]*) (/[!-~]*) 301$`)

func readRedirects(t *testing.T, dir string) *host {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, redirectsPath))
	if err != nil {
		t.Fatal(err)
	}
	h := &host{single: map[string]string{}}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			h.said = append(h.said, line)
			continue
		}
		words := redirectLine.FindStringSubmatch(line)
		if words == nil || len(line) > 1000 {
			t.Errorf("no host takes the line %.80q of %d characters", line, len(line))
			continue
		}
		from, to := words[1], words[2]
		folder, ok := strings.CutSuffix(from, "*")
		switch {
		case ok != strings.HasSuffix(to, "/:splat") || strings.ContainsAny(folder+strings.TrimSuffix(to, ":splat"), "*:"):
			t.Errorf("the line %q has signs of a rule in a name", line)
		case ok:
			h.folders = append(h.folders, [2]string{folder, strings.TrimSuffix(to, ":splat")})
		case len(h.folders) > 0:
			t.Errorf("%q stands behind the folders, and counts as one", line)
		case h.single[from] != "":
			t.Errorf("%s is redirected twice", from)
		default:
			h.single[from] = to
		}
	}
	if len(h.single) > 2000 || len(h.folders) > 100 {
		t.Errorf("there are %d redirects of addresses and %d of folders", len(h.single), len(h.folders))
	}
	return h
}

// follow leads from an address to where no redirect leads on from.
func (h *host) follow(t *testing.T, address string) string {
	t.Helper()
	for range 5 {
		next := h.single[address]
		for _, f := range h.folders {
			if rest, below := strings.CutPrefix(address, f[0]); below && next == "" {
				next = f[1] + rest
			}
		}
		if next == "" {
			return address
		}
		address = next
	}
	t.Errorf("redirects lead in a circle at %s", address)
	return address
}

// published is the folder of an output to which the documents of no feed were brought.
func (p *Plan) published(t *testing.T) string {
	t.Helper()
	if err := p.PublishSite(t.Context(), noHeadlines); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(p.Config.Dir, "public")
}

func TestRedirectsLeadWhereFeedsAre(t *testing.T) {
	p := planOf(t, `
base_url: https://feeds.example.org/größe
outputs: [{file: {dir: public}}]
moved: {old: world, old/desk: town, deep: deep/down, x/y/z: town, x: world, x/y: deep/down}
feeds:
  world: {source: {files: "*.md"}, formats: {rss: index.xml}}
  town: {source: {files: "*.md"}, editions: {full: {content: full}}}
  deep/down: {source: {files: "*.md"}}
`)
	h := readRedirects(t, p.published(t))
	const base = "/gr%C3%B6%C3%9Fe"
	for from, to := range map[string]string{
		"/old/index.xml": "/world/index.xml", "/old": "/world/", "/old/": "/world/", "/old/a/slug/": "/world/a/slug/",
		"/old/desk.rss": "/town.rss", "/old/desk/full.json": "/town/full.json", "/old/desk/a/slug": "/town/a/slug", "/old/desk/": "/town/",
		"/deep.rss": "/deep/down.rss", "/deep/": "/deep/down/", "/deep/down/": "/deep/down/", "/deep/down/a/slug": "/deep/down/a/slug",
		"/x/y/z/tag/t/": "/town/tag/t/", "/x/y/a/slug": "/deep/down/a/slug", "/x/a/slug": "/world/a/slug",
		"/world.rss": "/world.rss", "/": "/", "/opml": "/opml",
	} {
		if got := h.follow(t, base+from); got != base+to {
			t.Errorf("%s leads to %s, want %s", from, got, to)
		}
	}
	if len(h.said) != 1 {
		t.Errorf("it says %q", h.said)
	}
}

// TestRedirectsKeepTheLimitsOfHosts moves more than hosts follow: the file says what it leaves out.
func TestRedirectsKeepTheLimitsOfHosts(t *testing.T) {
	for name, c := range map[string]struct {
		feeds, single, folders int
		key                    string
		left                   string
	}{
		"all fit":           {100, 400, 100, "old/%d", ""},
		"too many folders":  {150, 650, 100, "old/%d", "# Left out are 50 more,"},
		"too many of both":  {600, 2000, 100, "old/%d", "# Left out are 1400 more,"},
		"too long a key":    {3, 0, 0, strings.Repeat("x", 1000) + "%d", "# Left out are 18 more,"},
		"as long as can be": {1, 4, 1, strings.Repeat("x", 978) + "%d", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var moved, feeds strings.Builder
			for i := range c.feeds {
				fmt.Fprintf(&moved, "  "+c.key+": f%d\n", i, i)
				fmt.Fprintf(&feeds, "  f%d: {source: {files: \"*.md\"}}\n", i)
			}
			p := planOf(t, "base_url: https://feeds.example.org\noutputs: [{file: {dir: public}}]\nmoved:\n"+moved.String()+"feeds:\n"+feeds.String())
			h := readRedirects(t, p.published(t))
			if len(h.single) != c.single || len(h.folders) != c.folders {
				t.Errorf("there are %d redirects of addresses and %d of folders, want %d and %d", len(h.single), len(h.folders), c.single, c.folders)
			}
			if said := strings.Join(h.said[1:], "\n"); !strings.HasPrefix(said, c.left) || c.left == "" && said != "" {
				t.Errorf("it says %q, want %q", said, c.left)
			}
		})
	}
}
