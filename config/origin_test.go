package config

import (
	"fmt"
	"strings"
	"testing"

	"feedmill/feed/fetch"
	"feedmill/feed/filter"
	"feedmill/feed/setting"
	"feedmill/source/opml"
	"feedmill/source/upstream"
)

// feedsByKey are the feeds of a file that has no fault.
func feedsByKey(t *testing.T, file string, set ...string) map[string]Feed {
	t.Helper()
	feeds := map[string]Feed{}
	for _, f := range load(t, file, set...).Feeds {
		feeds[f.Key] = f
	}
	return feeds
}

func TestSources(t *testing.T) {
	feeds := feedsByKey(t, "testdata/good/sources.yaml")
	var got []string
	for _, s := range feeds["planet"].Sources {
		what := s.Address + s.From
		switch {
		case s.Feed != nil:
			what += "feed " + s.Feed.URL
		case s.OPML != nil:
			what += "opml " + s.OPML.Path
		}
		got = append(got, s.Name+": "+what)
	}
	equal(t, "sources", strings.Join(got, "\n"), strings.Join([]string{
		"alice.example: https://alice.example/feed.xml",
		"bob.example: feed https://bob.example:8443/atom.xml",
		"bob.example-2: feed https://bob.example/rss",
		"carol: feed https://carol.example/",
		"opml: opml friends.opml",
		"dave.example: opml https://dave.example/blogroll.opml",
		"from: world",
		"again: teams/north",
	}, "\n"))
	equal(t, "parents", feeds["planet"].Parents, []string{"world", "teams/north"})
	equal(t, "parents of another file", feeds["teams/north"].Parents, []string{"text"})
	equal(t, "address", feeds["text"].Sources[0].Address, "https://erin.example/")
}

// TestFetchOfSources writes words of fetch above and below: a source replaces those that it names.
func TestFetchOfSources(t *testing.T) {
	c := load(t, "testdata/good/sources.yaml")
	feeds := feedsByKey(t, "testdata/good/sources.yaml")
	planet := feeds["planet"].Sources
	show := func(f fetch.Config) string {
		secrets := []string{f.Headers["Accept-Language"].Reveal(), f.Headers["X.Y"].Reveal(), f.Headers["x-key"].Reveal(), f.Cookies["Session"].Reveal()}
		return fmt.Sprint(f.UserAgent, " ", f.Timeout, f.MaxBody, f.PerHost, f.AllowPrivate, f.Robots, " ") + strings.Join(secrets, ",")
	}
	usual := "feedmill (+http://127.0.0.1:8080) 10s 16777216 {2 1s} [10.0.0.1:80] true en,z,,hunter2"
	equal(t, "fetch", show(c.Fetch), usual)
	equal(t, "fetch of a short form", show(planet[1].Feed.Fetch), usual)
	equal(t, "fetch in another file", show(feeds["teams/north"].Sources[0].Feed.Fetch), usual)
	equal(t, "timeout, concurrency, headers", show(planet[2].Feed.Fetch),
		"feedmill (+http://127.0.0.1:8080) 1m0s 16777216 {1 1s} [10.0.0.1:80] true ,,hunter2,hunter2")
	equal(t, "allow_private, robots", show(planet[3].Feed.Fetch),
		"feedmill (+http://127.0.0.1:8080) 10s 16777216 {2 1s} [] false en,z,,hunter2")
	equal(t, "max_body", show(planet[5].OPML.Fetch),
		"feedmill (+http://127.0.0.1:8080) 10s 1048576 {2 1s} [10.0.0.1:80] true en,z,,hunter2")
	planet[1].Feed.Fetch.Headers["X.Y"] = "changed"
	equal(t, "a neighbour's header", planet[3].Feed.Fetch.Headers["X.Y"].Reveal(), "z")

	c = load(t, "testdata/good/sources.yaml", "fetch.user_agent=me", "fetch.timeout=7s", "fetch.auth.user=desk")
	equal(t, "fetch from outside", fmt.Sprint(c.Fetch.UserAgent, c.Fetch.Timeout, c.Fetch.Auth.User), "me7sdesk")
	equal(t, "fetch of a source", c.Feeds[1].Sources[1].Feed.Fetch.UserAgent, "me")
	if printed := fmt.Sprintf("%v %+v", c, c.Feeds[1].Sources[2].Feed); strings.Contains(printed, "hunter2") {
		t.Errorf("a secret is printed: %s", printed)
	}
}

func TestFilters(t *testing.T) {
	feeds := feedsByKey(t, "testdata/good/filters.yaml")
	filters := feeds["world"].Filters
	if len(filters) != 9 || len(feeds["copy"].Filters) != 9 || len(feeds["none"].Filters) != 0 {
		t.Fatalf("filters are %+v, %+v, %+v", filters, feeds["copy"].Filters, feeds["none"].Filters)
	}
	if _, err := filter.New(filters); err != nil {
		t.Errorf("they are no filters: %v", err)
	}
	equal(t, "keep", fmt.Sprint(filters[0].Keep.Title[0], filters[0].Keep.Tags[1]), `golang /^go1\./`)
	equal(t, "where", filters[1].Where.String(), `title contains "Go" or age < days(3)`)
	equal(t, "set", fmt.Sprintf("%q %s %s", *filters[2].Set.Summary, filters[2].Set.Tags, filters[2].Set.Author.Name), `"" [go] Desk`)
	equal(t, "set title", filters[2].Set.Title == nil, true)
	equal(t, "replace", filters[3].Replace.With, "${x}")
	equal(t, "strip", fmt.Sprint(*filters[5].Strip), "[.share]")
	equal(t, "full_text", fmt.Sprint(filters[6].FullText.Select, filters[6].FullText.Remove), "main .body [nav .share]")
	equal(t, "summary", filters[7].Summary.Words, 7)
	equal(t, "dedupe", *filters[8].Dedupe, filter.Keys{filter.ByLink})
}

// TestDigestOfTheWeb holds the digest to what decides which document an address gives.
func TestDigestOfTheWeb(t *testing.T) {
	of := func(change func(c *upstream.Config)) string {
		c := upstream.Config{URL: "https://alice.example/feed.xml", Fetch: fetch.Default()}
		change(&c)
		return digest(Kinds{Feed: &c})
	}
	base := of(func(*upstream.Config) {})
	for name, change := range map[string]func(c *upstream.Config){
		"user_agent": func(c *upstream.Config) { c.Fetch.UserAgent = "me" },
		"timeout":    func(c *upstream.Config) { c.Fetch.Timeout *= 2 },
		"per_host":   func(c *upstream.Config) { c.Fetch.PerHost.Concurrency = 1 },
		"password":   func(c *upstream.Config) { c.Fetch.Auth.Password = "hunter2" },
		"proxy":      func(c *upstream.Config) { c.Fetch.Proxy = "http://proxy.example" },
	} {
		if of(change) != base {
			t.Errorf("%s changes the digest", name)
		}
	}
	header := func(name, value string) func(c *upstream.Config) {
		return func(c *upstream.Config) { c.Fetch.Headers = map[string]setting.Secret{name: setting.Secret(value)} }
	}
	if of(header("X-Key", "a")) != of(header("x-key", "b")) {
		t.Error("the value or the case of a header changes the digest")
	}
	seen := map[string]string{base: "nothing"}
	for name, change := range map[string]func(c *upstream.Config){
		"url":     func(c *upstream.Config) { c.URL = "https://alice.example/rss" },
		"headers": header("X-Key", "a"),
		"cookies": func(c *upstream.Config) { c.Fetch.Cookies = map[string]setting.Secret{"X-Key": "a"} },
		"user":    func(c *upstream.Config) { c.Fetch.Auth.User = "desk" },
	} {
		d := of(change)
		if seen[d] != "" {
			t.Errorf("%s changes as much as %s", name, seen[d])
		}
		seen[d] = name
	}
	opmlDigest := digest(Kinds{OPML: &opml.Config{Path: "friends.opml", Fetch: fetch.Default()}})
	// Memory is found again by these after an update of the program.
	equal(t, "digest of a feed", base, "c9a5a21eeb159a927dae56c985a32310")
	equal(t, "digest of an opml", opmlDigest, "333c0f09ba57208e0b5c7af1725894f7")
	equal(t, "digest of an address", feedsByKey(t, "examples/planet.yaml")["planet"].Sources[0].Digest, "6914df8b9adb46206de6d7503d05cff0")
	equal(t, "digest of from", hash("from", "world"), "b20d3ef430f374a66ca7a1673454b73c")
}
