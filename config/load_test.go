package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/browser"
	"feedmill/feed/filter"
	"feedmill/feed/setting"
	"feedmill/source/files"
)

// load reads a file that has no fault.
func load(t *testing.T, file string, set ...string) *Config {
	t.Helper()
	c, err := Load(file, Options{Env: testEnv, Set: set})
	if err != nil {
		t.Fatalf("%s:\n%v", file, err)
	}
	return c
}

// write makes a configuration of text and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "feedmill.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func equal[T any](t *testing.T, name string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s is %s, want %s", name, g, w)
	}
}

func TestGoodFilesLoad(t *testing.T) {
	for _, pattern := range []string{"testdata/good/*.yaml", "examples/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) < 2 {
			t.Fatalf("%s: %v %v", pattern, found, err)
		}
		for _, file := range found {
			t.Run(filepath.Base(file), func(t *testing.T) { load(t, file) })
		}
	}
}

func TestBuiltInValues(t *testing.T) {
	c := load(t, "testdata/good/minimal.yaml")
	dir, err := filepath.Abs("testdata/good")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "Dir", c.Dir, dir)
	equal(t, "Files", c.Files, []string{"testdata/good/minimal.yaml"})
	equal(t, "BaseURL", c.BaseURL, "http://127.0.0.1:8080")
	equal(t, "Location", c.Location, time.UTC)
	equal(t, "State", c.State, filepath.Join(dir, "feedmill.db"))
	equal(t, "Log", c.Log, Log{slog.LevelInfo, "text"})
	equal(t, "Server", *c.Server, Server{Listen: "127.0.0.1:8080"})
	equal(t, "Admin", c.Admin, Admin{"127.0.0.1:8081", ""})
	f := c.Feeds[0]
	equal(t, "Key", f.Key, "world")
	equal(t, "Title", f.Title, "world")
	equal(t, "Formats", f.Formats, []string{"rss", "atom", "json"})
	equal(t, "Limit", f.Limit, Limit{Articles: 30})
	equal(t, "Content", f.Content, "full")
	equal(t, "Guard", f.Guard, Guard{Shrink: 0.2, ReleaseAfter: 3})
	equal(t, "Location", f.Location, time.UTC)
	equal(t, "place", fmt.Sprint(f.File, ":", f.Line), "testdata/good/minimal.yaml:3")
	want := files.Default()
	want.Path = "articles/*.md"
	equal(t, "Files", *f.Sources[0].Files, want)
	equal(t, "Name", f.Sources[0].Name, "files")
}

func TestWriteOnly(t *testing.T) {
	c := load(t, "testdata/good/write-only.yaml")
	if c.Server != nil {
		t.Errorf("there is a server: %+v", c.Server)
	}
	equal(t, "BaseURL", c.BaseURL, "https://news.example.org/feeds")
	equal(t, "output", fmt.Sprint(c.Outputs[0].Name, ":", c.Outputs[0].Line, ":", c.Outputs[0].File.Dir), "file:3:./public")
	equal(t, "Outputs", c.Feeds[0].Outputs, []string{"file"})
}

func TestReferences(t *testing.T) {
	c := load(t, "testdata/good/references.yaml")
	equal(t, "BaseURL", c.BaseURL, "https://news.example.org")
	equal(t, "Location", c.Location.String(), "Europe/Kyiv")
	equal(t, "Listen", c.Server.Listen, "127.0.0.1:8080")
	equal(t, "Token", c.Admin.Token.Reveal(), "the-token")
	if printed := fmt.Sprintf("%v %+v %#v", c.Admin, c, c.Admin); strings.Contains(printed, "the-token") {
		t.Errorf("the token is printed: %s", printed)
	}
	f := c.Feeds[0]
	equal(t, "Title", f.Title, "${ZONE} costs 5$ and a: b # c")
	equal(t, "Description", f.Description, "nothing")
	equal(t, "Articles", f.Limit.Articles, 17)
	equal(t, "Report", f.Sources[0].Files.Report, true)
}

func TestAnchorsAndMerges(t *testing.T) {
	c := load(t, "testdata/good/anchors.yaml")
	var got []string
	for _, f := range c.Feeds {
		var paths []string
		for _, s := range f.Sources {
			paths = append(paths, s.Name+"="+s.Files.Path)
		}
		got = append(got, fmt.Sprintln(f.Key, f.Title, f.Author.Name, f.Tags, f.Limit.Articles, f.Limit.Hours, paths))
	}
	equal(t, "feeds", got, []string{
		"north North Desk [news] 7 24 [files=north/*.md]\n",
		"south South Desk [news other] 7 24 [files=south/*.md]\n",
		"east North Desk [news] 7 24 [files=east/*.md files-2=east/*.txt]\n",
	})
}

func TestBrowser(t *testing.T) {
	c := load(t, "testdata/good/browser.yaml")
	want, err := filepath.Abs("testdata/good/bin/chromium")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "Path", c.Browser.Path, want)
	equal(t, "without a folder", load(t, "testdata/good/minimal.yaml").Browser, browser.Config{})
}

func TestGuard(t *testing.T) {
	c := load(t, "testdata/good/guard.yaml")
	equal(t, "world", c.Feeds[0].Guard, Guard{Shrink: 0.5, MaxSilence: setting.Duration(60 * 24 * time.Hour), ReleaseAfter: 3})
	equal(t, "sport", c.Feeds[1].Guard, Guard{MinArticles: 5, MaxNew: 20, ReleaseAfter: 1})
}

func TestTextIsTakenAsWritten(t *testing.T) {
	f := load(t, "testdata/good/text.yaml").Feeds[0]
	equal(t, "texts", []string{f.Key, f.Title, f.Description, f.Language, f.Rights}, []string{"2026", "2026", "yes", "no", "1.10"})
	equal(t, "Tags", f.Tags, []string{"on", "08:30", "2026-11-22", "null"})
}

func TestInclude(t *testing.T) {
	c := load(t, "testdata/good/include.yaml")
	equal(t, "Files", c.Files, []string{
		"testdata/good/include.yaml", "testdata/good/include.d/one.yaml", "testdata/good/include.d/two.yaml",
	})
	var keys []string
	for _, f := range c.Feeds {
		keys = append(keys, fmt.Sprintf("%s %s:%d", f.Key, filepath.Base(f.File), f.Line))
	}
	equal(t, "feeds", keys, []string{"world include.yaml:7", "one one.yaml:2", "two/one two.yaml:2", "two two.yaml:3"})
}

func TestSchedules(t *testing.T) {
	feeds := map[string]feed.Schedule{}
	for _, f := range load(t, "testdata/good/schedules.yaml").Feeds {
		feeds[f.Key] = f.Schedule
	}
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	next := func(key string) string { return feeds[key].Next(midnight).UTC().Format("15:04:05") }
	equal(t, "explicit", next("explicit"), "05:15:00")
	equal(t, "elsewhere", next("elsewhere"), "11:15:00")
	for _, key := range []string{"inherited", "every"} {
		if first := feeds[key].Next(midnight); first.Sub(midnight) > time.Hour || first.Minute() == 0 && first.Second() == 0 {
			t.Errorf("%s is not spread: %v", key, first)
		}
	}
}

func TestPrecedence(t *testing.T) {
	file := write(t, "server: {listen: 127.0.0.1:1000}\ndefaults: {limit: 5}\nlog: &log {level: warn}\n"+
		"feeds:\n  world: {source: {files: a.md}}\n")
	cases := []struct {
		name     string
		env, set []string
		read     func(*Config) any
		want     any
	}{
		{"file", nil, nil, func(c *Config) any { return c.Server.Listen }, "127.0.0.1:1000"},
		{"variable over file", []string{"FEEDMILL_SERVER_LISTEN=127.0.0.1:2000"}, nil,
			func(c *Config) any { return c.Server.Listen + " " + c.BaseURL }, "127.0.0.1:2000 http://127.0.0.1:2000"},
		{"flag over variable", []string{"FEEDMILL_SERVER_LISTEN=127.0.0.1:2000"}, []string{"server.listen=127.0.0.1:3000"},
			func(c *Config) any { return c.Server.Listen }, "127.0.0.1:3000"},
		{"last flag", nil, []string{"log.level=debug", "log.level=error"}, func(c *Config) any { return c.Log.Level }, slog.LevelError},
		{"empty variable is none", []string{"FEEDMILL_LOG_LEVEL="}, nil, func(c *Config) any { return c.Log.Level }, slog.LevelWarn},
		{"word not in the file", []string{"FEEDMILL_TIMEZONE=Europe/Kyiv"}, nil, func(c *Config) any { return c.Feeds[0].Location }, "Europe/Kyiv"},
		{"section not in the file", []string{"FEEDMILL_ADMIN_LISTEN=:9", "FEEDMILL_ADMIN_TOKEN=12345"}, nil,
			func(c *Config) any { return c.Admin.Listen + c.Admin.Token.Reveal() }, ":912345"},
		{"short form and its words", []string{"FEEDMILL_DEFAULTS_LIMIT_SIZE=1MB"}, []string{"defaults.limit.hours=12"},
			func(c *Config) any { return c.Feeds[0].Limit }, Limit{5, 12, 1 << 20}},
		{"short form over words", []string{"FEEDMILL_DEFAULTS_LIMIT=9"}, nil, func(c *Config) any { return c.Feeds[0].Limit.Articles }, 9},
		{"variable as it is", []string{"FEEDMILL_ADMIN_TOKEN=${X}"}, nil, func(c *Config) any { return c.Admin.Token.Reveal() }, "${X}"},
		{"flag with a reference", []string{"X=secret"}, []string{"admin.token=${X}"}, func(c *Config) any { return c.Admin.Token.Reveal() }, "secret"},
		{"others are ignored", []string{"FEEDMILL_SERVER_PORT=1", "FEEDMILL_FEEDS=x"}, nil, func(c *Config) any { return len(c.Feeds) }, 1},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Load(file, Options{Env: tt.env, Set: tt.set})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "value", fmt.Sprint(tt.read(c)), fmt.Sprint(tt.want))
		})
	}
}

// TestOverridesReachOnlyTheirPlace sets a word of a section that another place refers to.
func TestOverridesReachOnlyTheirPlace(t *testing.T) {
	file := write(t, "server: &here {listen: 127.0.0.1:1000}\nadmin: {<<: *here, token: x}\nfeeds:\n  world: {source: {files: a.md}}\n")
	c := load(t, file, "server.listen=127.0.0.1:2000")
	equal(t, "listeners", c.Server.Listen+" "+c.Admin.Listen, "127.0.0.1:2000 127.0.0.1:1000")
}

func TestProblemsOutsideFiles(t *testing.T) {
	cases := []struct{ env, set, want string }{
		{"FEEDMILL_LOG_LEVEL=loud", "", `FEEDMILL_LOG_LEVEL: log.level: "loud" is not known; write debug, info, warn or error`},
		{"FEEDMILL_DEFAULTS_SCHEDULE=x", "", `FEEDMILL_DEFAULTS_SCHEDULE: defaults.schedule: schedule "x": it has 1 of five fields; write minute, hour, day of month, month, day of week, such as "15 6 * * *"`},
		{"", "server.listen", `--set: server.listen: has no value; write --set word=value, such as --set server.listen=:9000`},
		{"", "server.lisen=hunter2", `--set: server.lisen: unknown word; did you mean server.listen?`},
		{"", "push.hub=true", `--set: push.hub: is not in this version`},
		{"", "fetch.timeout=soon", `--set: fetch.timeout: "soon" is not a duration; write 90s, 15m, 2h, 30d or 4w`},
		{"", "fetch.timeout=1h", `--set: fetch.timeout: 1h0m0s is out of range; write one up to 10m0s, such as 30s`},
		{"FEEDMILL_FETCH_PROXY=gopher://hunter2", "", `FEEDMILL_FETCH_PROXY: fetch.proxy: is not the address of a proxy; write http://host:port, https://host:port or socks5://host:port`},
		{"", "feeds.world.title=x", `--set: feeds.world.title: cannot be set here; --set and variables take single values outside feeds, outputs and include: write it in the file`},
		{"", "timezone=Mars", `--set: timezone: "Mars" is not a time zone; write a name such as UTC, Europe/Berlin or America/New_York`},
		{"P=hunter2", "timezone=${P}", `--set: timezone: what it stands for does not fit here: "${P}" is not a time zone; write a name such as UTC, Europe/Berlin or America/New_York`},
	}
	for _, tt := range cases {
		options := Options{Env: []string{tt.env}}
		if tt.set != "" {
			options.Set = []string{tt.set}
		}
		_, err := Load("testdata/good/minimal.yaml", options)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s %s:\ngot  %v\nwant %s", tt.env, tt.set, err, tt.want)
		}
	}
}

// TestAllProblemsAtOnce compares the whole report on one file with many faults.
func TestAllProblemsAtOnce(t *testing.T) {
	_, err := Load("testdata/several.yaml", Options{Env: append(slices.Clone(testEnv), "FEEDMILL_LOG_FORMAT=xml")})
	want, readErr := os.ReadFile("testdata/several.golden")
	if readErr != nil {
		t.Fatal(readErr)
	}
	if err == nil || err.Error()+"\n" != string(want) {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestUnreadableFile(t *testing.T) {
	_, err := Load("testdata/none.yaml", Options{})
	equal(t, "error", err.Error(), "read configuration file testdata/none.yaml: no such file or directory; name another with -c FILE")
	if feed.ClassOf(err) != feed.Refused || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is of class %s", err, feed.ClassOf(err))
	}
	if _, err := Load("testdata", Options{}); err == nil || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("a folder gave %v", err)
	}
}

func TestDigest(t *testing.T) {
	base := Kinds{Files: &files.Config{Path: "a.md", Watch: files.Default().Watch, Gone: files.Keep}}
	same := Kinds{Files: &files.Config{Path: "a.md", Watch: files.Default().Watch, Gone: files.Keep}}
	other := Kinds{Files: &files.Config{Path: "b.md", Watch: files.Default().Watch, Gone: files.Keep}}
	slower := Kinds{Files: &files.Config{Path: "a.md", Watch: setting.Duration(time.Minute), Gone: files.Keep}}
	if digest(base) != digest(same) || digest(base) == digest(other) || digest(base) == digest(slower) {
		t.Error("a digest does not follow the words")
	}
	// Memory is found again by this digest after an update of the program.
	equal(t, "digest", digest(base), "9b6d4e066d9f6d997b1d2eff93e7ea79")
}

func TestLoadIsPure(t *testing.T) {
	first := fmt.Sprintf("%+v", load(t, "examples/newsroom.yaml").Feeds[0].Sources[0].Digest)
	load(t, "testdata/good/references.yaml", "server.listen=127.0.0.1:9")
	equal(t, "second load", load(t, "examples/newsroom.yaml").Feeds[0].Sources[0].Digest, first)
	equal(t, "listen", load(t, "examples/newsroom.yaml").Server.Listen, "127.0.0.1:8080")
}

func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml", "examples/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range found {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	file := filepath.Join(f.TempDir(), "feedmill.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("include")) || bytes.Contains(data, []byte("${file:")) || bytes.Contains(data, []byte("access")) && bytes.Contains(data, []byte("file:")) {
			t.Skip("reads other files")
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(file, Options{Env: testEnv, Set: []string{"log.level=warn", "defaults.limit.hours=3"}})
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v, error %v", c, err)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
		if c == nil {
			return
		}
		for _, f := range c.Feeds {
			if f.Schedule == nil || f.Location == nil || len(f.Formats) == 0 || len(f.Sources) == 0 {
				t.Fatalf("feed %s is not whole: %+v", f.Key, f)
			}
			for _, s := range f.Sources {
				if (s.Address == "") == (s.From == "" && kindOf(s.Kinds) == "") || s.Name == "" || s.Digest == "" {
					t.Fatalf("a source of feed %s is not whole: %+v", f.Key, s)
				}
			}
			if _, err := filter.New(f.Filters); err != nil {
				t.Fatalf("the filters of feed %s: %v", f.Key, err)
			}
		}
	})
}

func TestAlerts(t *testing.T) {
	var got []string
	for _, a := range load(t, "testdata/good/alerts.yaml").Alerts {
		if a.Webhook != nil {
			got = append(got, a.Webhook.URL.Reveal()+" "+a.Webhook.Secret.Reveal())
		} else {
			got = append(got, fmt.Sprint(a.Command.Run, " ", a.Command.Timeout))
		}
	}
	equal(t, "Alerts", got, []string{
		"https://ops.example.org/alert hunter2", "http://127.0.0.1:9000/ ", "[/usr/local/bin/page-me --urgent] 5s", "[/usr/local/bin/page-me] 30s",
	})
}

func TestMoved(t *testing.T) {
	c := load(t, "testdata/good/moved.yaml")
	equal(t, "Moved", c.Moved, []Move{{"old/name", "world"}, {"older", "world"}, {"teams/red", "teams/blue"}})
}

func TestServer(t *testing.T) {
	c, err := Load("testdata/good/server.yaml", Options{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "Listen", c.Server.Listen, ":443")
	equal(t, "Proxies", fmt.Sprint(c.Server.Proxies), "[10.0.0.7/32 10.1.0.0/16 2001:db8::/48 ::1/128 192.0.2.1/32]")
	equal(t, "TLS", fmt.Sprint(*c.Server.TLS), "{[feeds.example.org xn--zrich-kva.example.org] desk@example.org}")
}
