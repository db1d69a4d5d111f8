// Package config turns the words of a configuration file into typed values: [Load] reads the file, what it includes, the
// environment and --set, and reports everything that is wrong with them at once, each [Problem] with its place.
//
// It owns the words (words.go), which of them belong to which kind of source or output (kinds.go, the table), which words
// of the trade are known but not in this version (later.go), and the values that only a configuration knows (values.go).
// One walk of the YAML node tree against the structs (walk.go) is the only reader of words: strictness, short forms and
// suggestions all follow from the structs. viper decides which of file, environment and --set wins (viper.go).
//
// It never opens a source, an output or a database, calls no constructor of a kind but that of filters, which only looks
// at words, and keeps no state: Load may be
// called again at any time, beside a running configuration.
//
// A new word is a field in words.go and a line in examples/all.yaml; a new kind is a field in kinds.go; a new filter comes
// with package filter, whose table is its own. A test fails when structs and examples/all.yaml differ by a word.
package config

import (
	"log/slog"
	"net/netip"
	"time"

	"feedmill/feed"
	"feedmill/feed/browser"
	"feedmill/feed/fetch"
	"feedmill/feed/filter"
	"feedmill/feed/setting"
)

// Config is a configuration without a fault in it.
type Config struct {
	// Dir is the absolute path of the main file's folder. Relative paths begin here, also those in included files.
	Dir string
	// Files are the files read, the main one first, as the operator would name them.
	Files []string
	// BaseURL stands in front of every address. It is absolute, http or https, and has no trailing slash.
	BaseURL string
	// Location is the time zone for dates that name none. Never nil.
	Location *time.Location
	// State is the absolute path of the SQLite file.
	State string
	Log   Log
	// Server is nil when documents are only written, never served.
	Server *Server
	Admin  Admin
	// Fetch is the manners on the web. Sources carry their own, in which these are included; it is for those that are
	// written as a bare address.
	Fetch fetch.Config
	// Browser renders pages whose source says so. Its path is absolute, or the name of a program.
	Browser browser.Config
	// Outputs are where documents are written, in file order.
	Outputs []Output
	// Alerts are where it is told that a feed is held, silent or broken, and that it is well again.
	Alerts []Alert
	// Moved are the keys that feeds had before, in file order.
	Moved []Move
	// Feeds are all feeds in file order, those of included files after those of the main file. Those that blocks make of
	// rows come last, once [Config.With] has put them in.
	Feeds []Feed
	// Blocks make feeds of rows, in file order.
	Blocks []*Block
	// Included are the included files, in the order in which they were read.
	Included []Included
}

// Included is a file that was read besides the main one.
type Included struct {
	// Name is the file as the operator would name it; ID is one name for it however it is reached.
	Name, ID string
	// Text is what was read of it.
	Text []byte
	// Broken says what is wrong with it; nil: nothing. Then Kept reports whether its last good text took its place; else
	// none of its feeds is here.
	Broken Problems
	Kept   bool
}

// Log says what is logged and how.
type Log struct {
	Level  slog.Level // info unless written
	Format string     // text (unless written) or json
}

// Server is the public listener.
type Server struct {
	Listen string // host:port; unless written 127.0.0.1:8080, or :443 with TLS
	// Proxies are those whose word on whom they ask for is believed.
	Proxies []netip.Prefix
	// TLS is nil when the server speaks plain HTTP.
	TLS *TLS
	// Theme is a folder with templates and a style sheet for the pages; empty: they look as ours do. ThemeLine is where it
	// stands in the main file.
	Theme     string
	ThemeLine int
}

// TLS is for whom certificates are asked of an authority by ACME.
type TLS struct {
	Domains []string // at least one, in lower case and ASCII
	Email   string   // where the authority writes when something is wrong; may be empty
}

// Admin is the private listener: health and actions.
type Admin struct {
	Listen string         // host:port; 127.0.0.1:8081 unless written
	Token  setting.Secret // never empty when Listen is not a loopback address
}

// Output is one place where documents are written. Exactly one of its kinds is set.
type Output struct {
	// Name is unique among the outputs; the kind's own word unless written.
	Name string
	// Private says that private feeds may go there.
	Private bool
	// Line is where the output stands in the main file.
	Line int
	OutputKinds
}

// Feed is one feed with its defaults filled in. Text that is empty was not written.
type Feed struct {
	// Key is the feed's address below the base address, such as "world" or "teams/north".
	Key string
	// Title is the key unless written.
	Title       string
	Description string // one line
	// Link is the page the feed belongs to; empty means the page that feedmill makes for it.
	Link     string
	Language string // a BCP 47 tag; empty: none is claimed
	// Author is for articles that name none. The zero value: nobody is named.
	Author feed.Person
	Image  string   // absolute web address of a picture of the feed
	Icon   string   // absolute web address of a small square picture
	Rights string   // who owns the text
	Tags   []string // added to every article
	// Location is the feed's own time zone, else the configuration's. Never nil.
	Location *time.Location
	// Schedule is parsed in Location. Inherited and @every schedules are spread by the feed's key.
	Schedule feed.Schedule
	// Formats are rss, atom, json, news-sitemap, in the order written, each at most once, at least one.
	Formats []string
	// FileNames are the names of documents that do not lie at the usual address, by format: below the feed's own folder.
	FileNames map[string]string
	Limit     Limit
	Keep      Keep
	// Content says how much of an article is shown: full, teaser or none.
	Content string
	Guard   Guard
	Sources []Source
	// Parents are the keys of the feeds that sources of this one take their articles from, each once, in file order. No
	// feed is among its own ancestors.
	Parents []string
	// Filters are good ones, in their order: filter.New takes them.
	Filters []filter.Kinds
	// Profile is the aggregator whose rules its own documents follow; empty: none.
	Profile string
	// Facets is empty, or [Tags]: each tag of an article has documents of its own.
	Facets []string
	// Ended is when the feed ends; the zero time: it goes on.
	Ended time.Time
	// Editions are the same articles in other dress, in the order written.
	Editions []Edition
	// Outputs are the names of the outputs this feed goes to, in the order of [Config.Outputs]. Those of a private feed may
	// all hold private feeds.
	Outputs []string
	// Access names those who may read the feed, which is private then. Nil: everybody may.
	Access *Access
	// File and Line are where the feed's key stands.
	File string
	Line int
	// Block is the key of the block that made the feed of a row; empty: the feed is written itself.
	Block string
	// Place is where that row stands, for messages.
	Place string
	// Retired says that the row is there no more: the feed is as it was, and is not refreshed.
	Retired bool
}

// Edition is another dress of a feed, with what it does not write taken from the feed.
type Edition struct {
	// Name is the last part of its address: no feed's key is the feed's with this behind it.
	Name    string
	Content string
	Formats []string
	// FileNames are its own: those of the feed's documents are not the edition's.
	FileNames map[string]string
	Limit     Limit
	// Filters look at each article by itself.
	Filters []filter.Kinds
	Profile string
	// Outputs are those that it goes to. If it is private, all of them may hold private feeds.
	Outputs []string
	// Access names those who may read the edition, though all may read the feed. Nil: those who may read the feed.
	Access *Access
}

// Move says that a feed has had another key. No feed has that one now, and no two moves begin at one.
type Move struct{ From, To string }

// Limit is how much of a feed its live document shows: the newest Articles and all of the last Hours, never above Size.
type Limit struct {
	Articles int          // 0 only when Hours is set
	Hours    int          // 0: no article is shown for being recent
	Size     setting.Size // in bytes; 0: no bound
}

// Keep is how much of a feed's history is kept. The zero value keeps everything.
type Keep struct {
	Count int           // the newest articles; at least as many as are shown
	Age   time.Duration // those published not longer ago; at least as long as they are shown
}

// Access is who may read a private feed. Without readers nobody may.
type Access struct{ Readers []Reader }

// Reader is somebody who may read a private feed.
type Reader struct {
	Name  string         // for the operator; unique among the feed's readers
	Token setting.Secret // 16 to 128 characters that need no escaping in an address; unique likewise
}

// Guard is what is not believed of a feed's sources. A zero turns its rule off.
type Guard struct {
	MinArticles  int              // a listing with fewer articles
	MaxNew       int              // a listing with more new articles
	Shrink       float64          // 0 to 1: less than this share of what there was
	MaxSilence   setting.Duration // no new article in that time
	ReleaseAfter int              // the same looks in a row by which a batch is believed all the same
}

// Source is one source of a feed. Exactly one of Address, From and its kinds is set.
type Source struct {
	// Name is unique in the feed. Unless written it is the host for what lies on the web, else the kind's own word;
	// numbered when it is taken.
	Name string
	// Digest tells the source from others, over restarts and updates: its memory is kept under it. It covers the words
	// that differ from their defaults. Of fetch it covers what decides which document an address gives: the names of
	// headers and cookies, and the user. Neither a new user agent or timeout nor a new secret is a new source.
	Digest string
	// Address is an absolute web address of which nothing else is written: whether a feed, an OPML file or a page is
	// there is found out at the first fetch.
	Address string
	// From is the key of another feed of this configuration.
	From string
	// Fetch is the manners for Address, and for pages of articles where the kind has none of its own.
	Fetch fetch.Config
	Kinds
}
