package config

import "feedmill/feed/setting"

// mainWords are the words of the main file. The yaml tag is the word; fields are in the order of examples/all.yaml.
//
// A field of type word remembers its place, for checks that need more than the value itself. In the words tag, short
// means that a single value stands for the struct's first word, and single that one entry may stand without its list.
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
	Outputs  word[[]word[outputWords]] `yaml:"outputs"`
	Defaults defaultWords              `yaml:"defaults"`
	// Include names more files with feeds and nothing else, by globs.
	Include []word[glob]        `yaml:"include"`
	Feeds   entries[*feedWords] `yaml:"feeds"`
}

// includedWords are the words of an included file.
type includedWords struct {
	Feeds entries[*feedWords] `yaml:"feeds"`
}

type logWords struct {
	Level  logLevel  `yaml:"level"`
	Format logFormat `yaml:"format"`
}

type serverWords struct {
	Listen word[address] `yaml:"listen"`
}

type adminWords struct {
	Listen word[address] `yaml:"listen"`
	// Token is required when Listen is not a loopback address.
	Token word[setting.Secret] `yaml:"token"`
}

type outputWords struct {
	// Name is for outputs of a feed.
	Name        word[segment] `yaml:"name"`
	OutputKinds `yaml:",inline"`
}

// defaultWords are words of a feed that hold for every feed which does not write them itself.
type defaultWords struct {
	// Schedule is a cron line of five fields, @hourly and the like, or @every 10m.
	Schedule word[string]       `yaml:"schedule"`
	Formats  word[[]formatWord] `yaml:"formats"`
	Limit    word[limitWords]   `yaml:"limit" words:"short"`
	Content  contentWord        `yaml:"content"`
}

// limitWords bound the live document: the newest articles and all of the last hours, never above size.
type limitWords struct {
	Articles word[int]          `yaml:"articles"`
	Hours    word[int]          `yaml:"hours"`
	Size     word[setting.Size] `yaml:"size"`
}

type feedWords struct {
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
	Source       word[[]word[sourceWords]] `yaml:"source" words:"single"`
	defaultWords `yaml:",inline"`
	// Outputs are names of outputs; without this word the feed goes to all of them.
	Outputs word[[]word[segment]] `yaml:"outputs"`
}

type authorWords struct {
	Name  word[line]         `yaml:"name"`
	Email word[emailAddress] `yaml:"email"`
	URL   word[webURL]       `yaml:"url"`
}

type sourceWords struct {
	Name  word[segment] `yaml:"name"`
	Kinds `yaml:",inline"`
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
