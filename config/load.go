package config

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"feedmill/feed"
	"feedmill/feed/browser"
	"feedmill/feed/fetch"
)

// maxFile bounds a configuration file.
const maxFile = 16 << 20

// Options are what a configuration may take from outside its files.
type Options struct {
	// Env are variables as [os.Environ] gives them: for ${NAME} in values, and to override single values outside feeds
	// (FEEDMILL_SERVER_LISTEN). Nil: there are none.
	Env []string
	// Set are words with values, such as "server.listen=:9000". They win over Env, which wins over the file.
	Set []string
	// Instead are texts that stand for files, to see what a change would do. The names are those of [Config].Files.
	Instead map[string][]byte
	// Kept gives the last good text of an included file, nil when there is none; state is the absolute path of the
	// configuration's state. With it a broken included file is no problem of the configuration: what is kept takes its
	// place, and [Config.Included] tells. Without it every problem is one.
	Kept func(state, file string) []byte
}

// The values of words that are not written.
const (
	defaultServer   = "127.0.0.1:8080"
	defaultAdmin    = "127.0.0.1:8081"
	defaultState    = "./feedmill.db"
	defaultSchedule = "@every 30m"
	defaultArticles = 30
	defaultContent  = "full"
	defaultShrink   = 0.2
	defaultRelease  = 3
)

// Load reads the configuration at path and all it includes. It looks at nothing else than these files and the secrets
// they name, files of readers among them.
//
// The error is [Problems] when the configuration has faults, all of them at once. When the main file cannot be read it
// says why, and its class is [feed.Refused]. An included file that cannot be read, or is broken, is a problem like any
// other: nothing of the configuration is taken.
func Load(path string, opts Options) (*Config, error) {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("find the folder of %s: %w", path, err))
	}
	data, err := opts.file(path)
	if err != nil {
		return nil, feed.Classify(feed.Refused,
			fmt.Errorf("read configuration file %s: %w; name another with -c FILE", path, reason(err)))
	}
	broken := map[string]*substitute{}
	for {
		l := &loader{file: opts.file, config: &Config{Dir: dir, Files: []string{path}}, env: newEnvironment(opts.Env, dir), broken: broken,
			kept: opts.Kept, schedules: map[string]feed.Schedule{}}
		l.read(path, data, opts.Set)
		if len(l.problems) == 0 {
			return l.config, nil
		}
		problems := l.problems.sorted(l.config.Files)
		if opts.Kept == nil || !l.replace(problems) {
			return nil, problems
		}
	}
}

// file reads a file, or what stands for it.
func (o Options) file(name string) ([]byte, error) {
	if text, ok := o.Instead[name]; ok {
		return text, nil
	}
	return readUpTo(name, maxFile)
}

// loader builds one configuration.
type loader struct {
	file     func(name string) ([]byte, error)
	config   *Config
	env      *environment
	problems Problems
	// defaults are the words below defaults, with the built-in values where none are written.
	defaults feedDefaults
	// keys are the feeds so far.
	keys map[string]place
	// reports are the sources that write a report, by its file.
	reports map[string]place
	// dressed are the editions so far, whose addresses no feed may have.
	dressed []dressed
	// names are the documents with names of their own.
	names []fixed
	// references are the feeds that take articles from others, to be checked when all keys are known.
	references []reference
	// kept is that of [Options].
	kept func(state, file string) []byte
	// current is the included file that is read; empty: the main one.
	current string
	// may is what that file may do; nil: all but to run programs.
	may *leave
	// broken are the included files that others take the place of.
	broken map[string]*substitute
	// schedules are those that were parsed already; nil: none is kept.
	schedules map[string]feed.Schedule
}

func (l *loader) report(at place, format string, args ...any) {
	if at.of == "" {
		at.of = l.current
	}
	l.problems = append(l.problems, at.problem(format, args...))
}

func (l *loader) read(file string, data []byte, sets []string) {
	doc := readDocument(file, data, l.env.vars, sets)
	l.problems = append(l.problems, doc.problems...)
	if doc.root == nil {
		return
	}
	w := &walk{file: file, env: l.env, origin: doc.origin}
	w.anchors(doc.root, map[string]*yaml.Node{})
	var words mainWords
	w.read(doc.root, &words, path{})
	top := place{file: file, line: 1, column: 1}
	if doc.root.Kind == yaml.MappingNode {
		l.take(w, &words, top)
	}
	l.problems = append(l.problems, w.problems...)
	if len(l.keys)+len(l.config.Blocks) == 0 && len(l.problems) == 0 && len(l.broken) == 0 {
		top.path = "feeds"
		l.report(top, "there is no feed; write one below feeds:, or include a file that has some")
	}
}

// take makes values of the words, each after those that it builds on.
func (l *loader) take(w *walk, words *mainWords, top place) {
	l.site(words, top)
	l.outputs(words.Outputs.Value)
	l.alerts(words.Alerts)
	l.fetch(w, &words.Fetch)
	l.browser(words.Browser)
	l.defaults = l.feedDefaults(words.Defaults)
	l.keys, l.reports = map[string]place{}, map[string]place{}
	words.Feeds.read(w)
	l.feeds(words.Feeds.Value, w)
	l.include(words.Include)
	l.origins()
	l.apartFromFeeds()
	l.apartFromNames()
	l.moved(words.Moved)
}

// fetch takes the manners on the web, which hold for every source that writes none of its own.
func (l *loader) fetch(w *walk, written *deferred[fetch.Config]) {
	manners := fetch.Default()
	manners.UserAgent = "feedmill (+" + l.config.BaseURL + ")"
	written.Value = manners.Clone()
	if written.read(w) {
		manners = written.Value
	}
	l.config.Fetch, w.fetch = manners, manners
}

// browser takes what renders pages. A path with a folder in it is one like all others; a bare name is looked for in PATH.
func (l *loader) browser(written word[browser.Config]) {
	b := written.or(browser.Config{})
	if strings.ContainsRune(b.Path, filepath.Separator) && !filepath.IsAbs(b.Path) {
		b.Path = filepath.Join(l.config.Dir, b.Path)
	}
	l.config.Browser = b
}

// site takes the words that stand outside outputs, fetch and feeds.
func (l *loader) site(words *mainWords, top place) {
	c := l.config
	c.Location = words.Timezone.or(zone{time.UTC}).Location
	c.State = filepath.Clean(string(words.State.or(defaultState)))
	if !filepath.IsAbs(c.State) {
		c.State = filepath.Join(c.Dir, c.State)
	}
	c.Log = Log{Level: slog.Level(words.Log.Level), Format: string(words.Log.Format)}
	if c.Log.Format == "" {
		c.Log.Format = "text"
	}
	if words.Server != nil {
		l.server(words.Server)
	} else if words.Outputs.State == missing {
		top.path = "server"
		l.report(top, "the feeds would go nowhere; write server: {listen: %s} to serve them, or outputs: to write them to a folder", defaultServer)
	}
	l.admin(words)
	l.baseURL(words, top)
}

func (l *loader) admin(words *mainWords) {
	listen := words.Admin.Listen.or(defaultAdmin)
	l.config.Admin = Admin{Listen: string(listen), Token: words.Admin.Token.or("")}
	if l.config.Admin.Token == "" && words.Admin.Token.State != refused && !listen.loopback() {
		l.report(words.Admin.Listen.At, "can be reached from other machines and has no token; write admin: {token: \"${NAME}\"}, or listen at %s", defaultAdmin)
	}
	if s := l.config.Server; s != nil && s.Listen == string(listen) && !listen.anyPort() {
		at := words.Admin.Listen.At
		if words.Admin.Listen.State == missing {
			at = words.Server.Listen.At
		}
		l.report(at, "server and admin listen at the same address; give them different ports")
	}
}

// baseURL takes the written address, or makes one of where the server listens.
func (l *loader) baseURL(words *mainWords, top place) {
	if words.BaseURL.State != missing {
		l.config.BaseURL = string(words.BaseURL.Value)
		l.encrypted(words)
		return
	}
	top.path = "base_url"
	switch {
	case words.Server == nil && words.Outputs.State != missing:
		l.report(top, "is missing; without a server, write the address at which readers find the documents")
	case words.Server == nil:
	case l.config.Server.TLS != nil:
		l.config.BaseURL = "https://" + l.config.Server.TLS.Domains[0]
	case words.Server.Listen.or(defaultServer).everywhere():
		at := words.Server.Listen.At
		at.path = "base_url"
		l.report(at, "is missing; a server that listens at every address of this machine does not know by which one readers find it")
	default:
		l.config.BaseURL = "http://" + strings.TrimSuffix(l.config.Server.Listen, ":80")
	}
}

func (l *loader) outputs(words []word[outputWords]) {
	taken := map[string]place{}
	for _, o := range words {
		if o.Value.Name.State == refused {
			continue
		}
		kinds := o.Value.OutputKinds
		name := string(o.Value.Name.or(segment(kindOf(kinds))))
		if first, ok := taken[name]; ok && name != "" {
			l.report(o.At, "another output is called %s, on line %d; give them different names with name:", name, first.line)
			continue
		}
		taken[name] = o.At
		l.config.Outputs = append(l.config.Outputs, Output{Name: name, Private: o.Value.Private, Line: o.At.line, OutputKinds: kinds})
		l.secluded(o.At)
	}
}
