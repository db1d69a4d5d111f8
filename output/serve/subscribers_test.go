package serve

import (
	"strings"
	"testing"
)

func TestSubscribers(t *testing.T) {
	for agent, want := range map[string]claim{
		"Feedly/1.0 (+http://www.feedly.com/fetcher.html; 123 subscribers; like FeedFetcher-Google)":              {"Feedly", "", 123},
		"NewsBlur Feed Fetcher - 12 subscribers - http://www.newsblur.com/site/1/world (Mozilla/5.0 (Macintosh))": {"NewsBlur Feed Fetcher", "", 12},
		"Mozilla/5.0 (compatible; inoreader.com; 5 subscribers)":                                                  {"inoreader.com", "", 5},
		"Mozilla/5.0 (compatible; Inoreader/1.0; +http://www.inoreader.com/feed-fetcher; 1 subscriber; )":         {"Inoreader", "", 1},
		"Feedbin feed-id:1373711 - 3 subscribers":                                                                 {"Feedbin", "1373711", 3},
		"theoldreader.com; 2 subscribers; feed-id=5a1b":                                                           {"theoldreader.com", "5a1b", 2},
		"Mozilla/5.0 (compatible; theoldreader.com; 2 subscribers; feed-id=5a1b)":                                 {"theoldreader.com", "5a1b", 2},
		"FeedFetcher-Google; (+http://www.google.com/feedfetcher.html; 5 subscribers; feed-id=123)":               {"FeedFetcher-Google", "123", 5},
		"Netvibes (http://www.netvibes.com/; 4 subscribers; feedID: 1234)":                                        {"Netvibes", "1234", 4},
		"Feed Wrangler/1.0 (12 subscribers; feed-id=123; http://feedwrangler.net; Allow like Gecko)":              {"Feed Wrangler", "123", 12},
		"BazQux/2.4 (+https://bazqux.com/fetcher; 2 Subscribers)":                                                 {"BazQux", "", 2},
		"\x1b[31mred 7 subscribers":   {"unknown", "", 7},
		"x\x1b[31m/1 (7 subscribers)": {"x", "", 7},
		strings.Repeat("long", 99) + "/1 (999999999 subscribers; feed-id=" + strings.Repeat("9", 99) + ")": {strings.Repeat("long", 10), strings.Repeat("9", 64), 999999999},
		"Feedspot/1.0 (+https://www.feedspot.com/fs/fetcher; like FeedFetcher-Google; 0 subscribers)":      {"Feedspot", "", 0},
		"NewsGatorOnline/2.0 (http://www.newsgator.com; 5 subscribers; 6 subscribers)":                     {"NewsGatorOnline", "", 5},
	} {
		if got, ok := subscribers(agent); !ok || got != want {
			t.Errorf("%.80q gives %+v %v", agent, got, ok)
		}
	}
	for _, agent := range []string{
		"", "NetNewsWire (RSS Reader; https://netnewswire.com/)", "newsboat/2.38.0 (Linux x86_64)", "subscribers", "x subscribers", " subscribers",
		"Feedly/1.0 (many subscribers)", "Feedly/1.0 (-1000000000 subscribers)", "Feedly/1.0 (99999999999999999999 subscribers)", "12 unsubscribers",
	} {
		if got, ok := subscribers(agent); ok {
			t.Errorf("%q gives %+v", agent, got)
		}
	}
}

func FuzzSubscribers(f *testing.F) {
	f.Add("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 123 subscribers; like FeedFetcher-Google)")
	f.Add("Mozilla/5.0 (compatible;1 subscribers feedid:")
	f.Add("1 subscriber feed-id")
	f.Fuzz(func(t *testing.T, agent string) {
		c, ok := subscribers(agent)
		if !ok {
			return
		}
		if c.subscribers < 0 || c.subscribers > maxSubscribers || c.product == "" || len(c.product) > maxProduct || len(c.feedID) > maxFeedID {
			t.Errorf("%q gives %+v", agent, c)
		}
		for _, r := range c.product + c.feedID {
			if r > 0x7f || r != ' ' && !plain(byte(r)) {
				t.Errorf("%q gives %+v", agent, c)
			}
		}
	})
}
