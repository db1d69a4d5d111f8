package config

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"feedmill/feed/browser"
	"feedmill/feed/fetch"
	"feedmill/feed/filter"
	"feedmill/feed/setting"
)

// mainWords are the words of the main file. The yaml tag is the word; fields are in the order of examples/all.yaml.
//
// A field of type word remembers its place, for checks that need more than the value itself. In the words tag, short
// means that a single value stands for the struct's first word, and single that one entry may stand without its list. An
// inline struct tagged kinds is a table, and its tag holds for each of its kinds; a field tagged kind stands beside one.
type mainWords struct {
	// BaseURL stands in front of every address; its path, if any, is served as written.
	BaseURL word[baseURL] `yaml:"base_url"`
	// Timezone is for dates that name none, cron lines, and pages.
	Timezone word[zone] `yaml:"timezone"`
	// State is the SQLite file.
	State word[statePath] `yaml:"state"`
	Log   logWords        `yaml:"log"`
	// Server is left out to write files only.
	Server *serverWords `yaml:"server"`
	Admin  adminWords   `yaml:"admin"`
	// Outputs are where documents are written, besides being served.
	Outputs word[[]word[outputWords]] `yaml:"outputs"`
	// Alerts are told of a feed that is held, silent or broken, and of one that is well again.
	Alerts []word[alertWords] `yaml:"alerts"`
	// Fetch is read when the base address is known, which the user agent names.
	Fetch deferred[fetch.Config] `yaml:"fetch"`
	// Browser renders pages whose source says so.
	Browser  word[browser.Config] `yaml:"browser"`
	Defaults defaultWords         `yaml:"defaults"`
	// Moved are keys that feeds had before, with those that they have now.
	Moved entries[word[string]] `yaml:"moved"`
	// Include names more files with feeds and nothing else, by globs.
	Include []word[includeWords] `yaml:"include" words:"short"`
	// Feeds are read when Fetch is known, over which sources write theirs.
	Feeds deferred[feedEntries] `yaml:"feeds"`
}

// feedEntries are feeds by their keys. Each is read when its key tells whether it is one feed or a block of many.
type feedEntries = entries[deferred[*feedWords]]

// includeWords name files with feeds. Without another word than the path they may do what the main file may.
type includeWords struct {
	Path word[glob] `yaml:"path"`
	// Prefix is put before the keys of their feeds.
	Prefix word[keyPrefix] `yaml:"prefix"`
	// Kinds of sources, Hosts of addresses and Secrets are all that the files may name.
	Kinds   word[[]word[string]]  `yaml:"kinds"`
	Hosts   word[[]hostPattern]   `yaml:"hosts"`
	Secrets word[[]secretPattern] `yaml:"secrets"`
}

// includedWords are the words of an included file.
type includedWords struct {
	Feeds feedEntries `yaml:"feeds"`
}

type logWords struct {
	Level  logLevel  `yaml:"level"`
	Format logFormat `yaml:"format"`
}

type serverWords struct {
	Listen word[address] `yaml:"listen"`
	// TrustedProxies are addresses and networks whose Forwarded and X-Forwarded-For headers are believed.
	TrustedProxies []network `yaml:"trusted_proxies"`
	// TLS makes the server one for HTTPS when domains are named.
	TLS word[tlsWords] `yaml:"tls"`
	// Theme is a folder with templates or style that override those of the pages, in file outputs too.
	Theme word[string] `yaml:"theme"`
}

// tlsWords are for certificates by ACME.
type tlsWords struct {
	Domains []word[domain] `yaml:"domains"`
	Email   word[contact]  `yaml:"email"`
}

type adminWords struct {
	Listen word[address] `yaml:"listen"`
	// Token is required when Listen is not a loopback address.
	Token word[setting.Secret] `yaml:"token"`
}

type outputWords struct {
	// Name is for outputs of a feed.
	Name word[segment] `yaml:"name"`
	// Private lets private feeds go there.
	Private     bool `yaml:"private"`
	OutputKinds `yaml:",inline" words:"kinds short"`
}

type alertWords struct {
	AlertKinds `yaml:",inline" words:"kinds short"`
}

// defaultWords are words of a feed that hold for every feed which does not write them itself.
type defaultWords struct {
	// Schedule is a cron line of five fields, @hourly and the like, or @every 10m.
	Schedule word[string]       `yaml:"schedule"`
	Formats  word[[]formatWord] `yaml:"formats"`
	Limit    word[limitWords]   `yaml:"limit" words:"short"`
	Content  contentWord        `yaml:"content"`
	Keep     word[keepWords]    `yaml:"keep"`
	// Guard says what is not believed of the sources.
	Guard word[guardWords] `yaml:"guard"`
}

// keepWords bound the history: the newest articles, and those not older than age.
type keepWords struct {
	Count word[int]              `yaml:"count"`
	Age   word[setting.Duration] `yaml:"age"`
}

// guardWords are limits for what a source may give at once; 0 is off.
type guardWords struct {
	MinArticles  word[int]              `yaml:"min_articles"`
	MaxNew       word[int]              `yaml:"max_new"`
	Shrink       word[float64]          `yaml:"shrink"`
	MaxSilence   word[setting.Duration] `yaml:"max_silence"`
	ReleaseAfter word[int]              `yaml:"release_after"`
}

// limitWords bound the live document: the newest articles, up to 100,000, and all of the last hours, never above size.
type limitWords struct {
	Articles word[int]          `yaml:"articles"`
	Hours    word[int]          `yaml:"hours"`
	Size     word[setting.Size] `yaml:"size"`
}

type feedWords struct {
	// Each makes a feed of every row, with {column} in the key and in the words.
	Each        word[eachWords]   `yaml:"each"`
	Title       line              `yaml:"title"`
	Description line              `yaml:"description"`
	Link        webURL            `yaml:"link"`
	Language    languageTag       `yaml:"language"`
	Author      word[authorWords] `yaml:"author"`
	Image       webURL            `yaml:"image"`
	Icon        webURL            `yaml:"icon"`
	Rights      line              `yaml:"rights"`
	Tags        []line            `yaml:"tags"`
	Timezone    zone              `yaml:"timezone"`
	// Source is one source or a list of them.
	Source word[[]word[sourceWords]] `yaml:"source" words:"single"`
	// Filters are applied in their order, once, when an article comes in or changes.
	Filters      []filterWords `yaml:"filters"`
	defaultWords `yaml:",inline"`
	// Profile leaves out what an aggregator would refuse.
	Profile word[profileWord] `yaml:"profile"`
	// Facets are what articles have in common that has documents of its own: tags.
	Facets []facetWord `yaml:"facets"`
	// Ended is the date at which a last article says that the feed has ended.
	Ended word[endDate] `yaml:"ended"`
	// Editions are the same articles in other dress, by their names.
	Editions entries[*editionWords] `yaml:"editions"`
	// Outputs are names of outputs; without this word the feed goes to all of them.
	Outputs word[[]word[segment]] `yaml:"outputs"`
	// Access makes the feed private.
	Access word[accessWords] `yaml:"access"`
	// Public says aloud that everybody may read the feed.
	Public word[bool] `yaml:"public"`
}

type eachWords struct {
	EachKinds `yaml:",inline" words:"kinds short"`
}

// accessWords name the readers of a private feed, each with a token: here, or in a file.
type accessWords struct {
	Readers word[entries[word[setting.Secret]]] `yaml:"readers"`
	File    word[string]                        `yaml:"file"`
}

// editionWords are the words of a feed that an edition may write for itself.
type editionWords struct {
	Content contentWord        `yaml:"content"`
	Formats word[[]formatWord] `yaml:"formats"`
	Limit   word[limitWords]   `yaml:"limit" words:"short"`
	// Filters choose and mend articles as the edition shows them, each time its documents are made.
	Filters []word[filterWords] `yaml:"filters"`
	Profile word[profileWord]   `yaml:"profile"`
	// Access makes the edition private, or gives it other readers than the feed.
	Access word[accessWords] `yaml:"access"`
	// Outputs are names of outputs; without this word the edition goes where the feed goes.
	Outputs word[[]word[segment]] `yaml:"outputs"`
}

type authorWords struct {
	Name  word[line]         `yaml:"name"`
	Email word[emailAddress] `yaml:"email"`
	URL   word[webURL]       `yaml:"url"`
}

type sourceWords struct {
	// Address is a source of which nothing but its address is written, without a word.
	Address word[sourceAddress] `yaml:"-"`
	Name    word[segment]       `yaml:"name"`
	Kinds   `yaml:",inline" words:"kinds short"`
	// From is the key of another feed: a kind that has no package, for the mill itself reads it.
	From word[string] `yaml:"from" words:"kind"`
}

// alone makes a single value the address.
func (s *sourceWords) alone() any { return &s.Address }

type filterWords struct {
	filter.Kinds `yaml:",inline" words:"kinds"`
}

// Validate asks the filter. What it says begins with the filter's word.
func (f filterWords) Validate() error {
	if _, err := filter.New([]filter.Kinds{f.Kinds}); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "filter 1 "))
	}
	return nil
}

// word is a value that remembers where it was written.
type word[T any] struct {
	Value T
	At    place
	// State tells a word that is missing from one that was refused, which has been reported already.
	State wordState
	// Shown is the text as written, with ${NAME} in it: the only form a message may show.
	Shown string
}

type wordState int

const (
	missing wordState = iota
	refused
	good
)

// open makes the walk fill Value.
func (w *word[T]) open(at place, shown string) any {
	w.At, w.Shown, w.State = at, shown, refused
	return &w.Value
}

func (w *word[T]) accept() { w.State = good }

// or returns the value, or fallback when the word was not written.
func (w *word[T]) or(fallback T) T {
	if w.State == good {
		return w.Value
	}
	return fallback
}

// deferred is a value that the walk leaves for later, because it builds on others that may stand behind it in the file.
type deferred[T any] struct {
	Value T
	node  *yaml.Node
	path  path
}

func (d *deferred[T]) hold(n *yaml.Node, p path) { d.node, d.path = n, p }

// read fills Value, which may hold defaults, unless nothing is written.
func (d *deferred[T]) read(w *walk) bool { return d.node == nil || w.read(d.node, &d.Value, d.path) }

// entries are the values of a mapping whose keys are names given by the user, in file order.
type entries[T any] []entry[T]

type entry[T any] struct {
	Key   string
	At    place
	Value T
}

// add makes room for one more and returns where its value goes.
func (es *entries[T]) add(key string, at place) any {
	*es = append(*es, entry[T]{Key: key, At: at})
	return &(*es)[len(*es)-1].Value
}
