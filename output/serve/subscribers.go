package serve

import "strings"

// The bounds of what an aggregator may say of itself.
const (
	maxProduct     = 40
	maxFeedID      = 64
	maxSubscribers = 999_999_999
)

// claim is what an aggregator says in its User-Agent: for how many subscribers it asks.
type claim struct {
	product     string // Feedly, NewsBlur Feed Fetcher …
	feedID      string // by which it knows the feed; often empty
	subscribers int
}

// subscribers reads "N subscribers" in a User-Agent, as Feedly, Inoreader, NewsBlur, Feedbin, The Old Reader and others
// write it. The texts are parts of the agent; they hold only letters, digits and " . _ -". It makes no garbage.
func subscribers(agent string) (claim, bool) {
	at := strings.Index(agent, "ubscriber")
	if at < 3 || agent[at-1]|0x20 != 's' {
		return claim{}, false
	}
	before := strings.TrimRight(agent[:at-1], " ")
	begin := len(before)
	for begin > 0 && '0' <= before[begin-1] && before[begin-1] <= '9' {
		begin--
	}
	if digits := before[begin:]; digits == "" || len(digits) > len("999999999") {
		return claim{}, false
	}
	c := claim{product: product(agent), feedID: feedID(agent)}
	for _, digit := range []byte(before[begin:]) {
		c.subscribers = c.subscribers*10 + int(digit-'0')
	}
	return c, c.subscribers <= maxSubscribers
}

// product is the name of a program: what stands before its version or a remark, or what calls itself compatible with
// Mozilla.
func product(agent string) string {
	if strings.HasPrefix(agent, "Mozilla/") {
		if _, own, found := strings.Cut(agent, "compatible;"); found {
			agent = own
		}
	}
	name := strings.TrimLeft(agent, " ")
	end := 0
	for end < min(len(name), maxProduct) && (plain(name[end]) || name[end] == ' ') {
		end++
	}
	name, _, _ = strings.Cut(name[:end], " - ")
	name, _, _ = strings.Cut(name, " feed-id")
	if name = strings.TrimRight(name, " "); name == "" {
		return "unknown"
	}
	return name
}

// feedID is what stands behind feed-id= or feedID:, as one or the other program writes it.
func feedID(agent string) string {
	for _, word := range [...]string{"feed-id", "feedID", "feedid"} {
		_, rest, found := strings.Cut(agent, word)
		if !found || rest == "" || rest[0] != '=' && rest[0] != ':' {
			continue
		}
		rest = strings.TrimLeft(rest[1:], " ")
		end := 0
		for end < min(len(rest), maxFeedID) && plain(rest[end]) {
			end++
		}
		return rest[:end]
	}
	return ""
}

// plain reports whether a byte may stand in a name.
func plain(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '.' || b == '_' || b == '-'
}
