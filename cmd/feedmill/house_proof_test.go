package main

import (
	"slices"
	"strings"
	"testing"
)

// TestHouseImportRules breaks every import rule with an invented package, and goes as near as is allowed.
func TestHouseImportRules(t *testing.T) {
	tests := []struct{ importer, imported, rule string }{
		{"feedmill/feed", "encoding/json", ""},
		{"feedmill/feed", "feedmill/feed/setting", "feed imports only the standard library"},
		{"feedmill/feed", "golang.org/x/text/language", "feed imports only the standard library"},
		{"feedmill/feed/mill", "feedmill/feed/render", ""},
		{"feedmill/feed/mill", "feedmill/source/files", "feed/* imports no source, output, config or cmd"},
		{"feedmill/feed/store/sqlite", "feedmill/output/file", "feed/* imports no source, output, config or cmd"},
		{"feedmill/feed/check", "feedmill/config", "feed/* imports no source, output, config or cmd"},
		{"feedmill/feeds", "feedmill/config", ""}, // no import rule: it is not in the tree
		{"feedmill/source/page", "feedmill/output/file", "a source imports no output"},
		{"feedmill/output/serve", "feedmill/source/files", "an output imports no source"},
		{"feedmill/source/page", "feedmill/feed/clean", ""},
		{"feedmill/source/page", "feedmill/feed/store", "sources and outputs import no feed/store"},
		{"feedmill/source/page", "feedmill/feed/schedule/local", "sources and outputs import no feed/store"},
		{"feedmill/output/file", "feedmill/feed/mill", "sources and outputs import no feed/store"},
		{"feedmill/output/file", "feedmill/config", "sources and outputs import no feed/store"},
		{"feedmill/source/opml", "feedmill/source/upstream", "one kind imports no other kind"},
		{"feedmill/source/files/text", "feedmill/source/page/text", "one kind imports no other kind"},
		{"feedmill/output/serve", "feedmill/output/outputtest", "one kind imports no other kind"},
		{"feedmill/source/files", "feedmill/source/files/text", ""},
		{"feedmill/config", "feedmill/cmd/feedmill/internal/daemon", "nothing imports cmd"},
		{"feedmill/cmd/feedmill", "feedmill/cmd/feedmill/internal/daemon", ""},
		{"feedmill/cmd/feedmill", "feedmill/config", ""},
		{"feedmill/feed/render", "github.com/gorilla/feeds", ""},
		{"feedmill/feed/check", "github.com/gorilla/feeds", "only feedmill/feed/render imports gorilla/feeds"},
		{"feedmill/feed/parse", "github.com/mmcdole/gofeed/rss", ""},
		{"feedmill/source/upstream", "github.com/mmcdole/gofeed/rss", "only feedmill/feed/parse imports gofeed"},
		{"feedmill/feed/browser", "github.com/chromedp/cdproto/page", ""},
		{"feedmill/source/page", "github.com/chromedp/chromedp", "only feedmill/feed/browser imports chromedp"},
		{"feedmill/feed/schedule", "github.com/robfig/cron/v3", ""},
		{"feedmill/feed/schedule/local", "github.com/robfig/cron/v3", ""},
		{"feedmill/config", "github.com/robfig/cron/v3", "only feedmill/feed/schedule/... imports robfig/cron"},
		{"feedmill/feed/schedule/local", "github.com/riverqueue/river", "only feedmill/feed/schedule/queue imports River"},
		{"feedmill/config", "github.com/spf13/viper", ""},
		{"feedmill/cmd/feedmill", "github.com/spf13/viper", "only feedmill/config imports viper"},
		{"feedmill/source/page", "github.com/microcosm-cc/bluemonday", "only feedmill/feed/clean imports bluemonday"},
		{"feedmill/feed/jq", "github.com/itchyny/gojq", ""},
		{"feedmill/source/json", "github.com/itchyny/gojq", "only feedmill/feed/jq imports gojq"},
		{"feedmill/feed/listing", "github.com/antchfx/xpath", "only feedmill/feed/markup imports the parser of XPath"},
		{"feedmill/source/page", "codeberg.org/readeck/go-readability/v2", "only feedmill/feed/readable imports go-readability"},
		{"feedmill/source/page", "github.com/chromedp/chromedp", "only feedmill/feed/browser imports chromedp"},
		{"feedmill/output/file", "github.com/minio/minio-go/v7", "only feedmill/output/s3 imports the S3 client"},
		{"feedmill/source/mailbox", "github.com/emersion/go-imap/v2/imapclient", ""},
		{"feedmill/cmd/feedmill/internal/certificate", "github.com/caddyserver/certmagic", ""},
		{"feedmill/output/serve", "github.com/caddyserver/certmagic", "only feedmill/cmd/feedmill/internal/certificate imports certmagic"},
		{"feedmill/source/page", "github.com/emersion/go-imap/v2", "only feedmill/source/mailbox imports go-imap"},
	}
	broken := map[string]bool{}
	for _, test := range tests {
		got := brokenImports(goPackage{ImportPath: test.importer, Imports: []string{"fmt", test.imported}})
		if test.rule == "" {
			if len(got) > 0 {
				t.Errorf("%s may import %s, got %q", test.importer, test.imported, got)
			}
			continue
		}
		if !slices.ContainsFunc(got, func(problem string) bool { return strings.Contains(problem, ", but "+test.rule) }) {
			t.Errorf("%s imports %s: got %q, want the rule %q", test.importer, test.imported, got, test.rule)
		}
		for _, r := range importRules {
			if strings.HasPrefix(r.rule, test.rule) {
				broken[r.rule] = true
			}
		}
	}
	for _, r := range importRules {
		if !broken[r.rule] {
			t.Errorf("nothing here breaks the rule %q", r.rule)
		}
	}
}

// TestHouseOtherRules breaks the rules about packages, folders and files.
func TestHouseOtherRules(t *testing.T) {
	file := func(name, text string) []string {
		problems, err := brokenFile(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return problems
	}
	tops := []folder{{".", false}, {"cmd", false}, {"cmd/feedmill", true}, {"feed", true}, {"source", false}, {"source/files", true},
		{"output", false}, {"output/file", true}, {"config", true}}
	with := func(path string, goCode bool) []string {
		return strayFolders(append(slices.Clone(tops), folder{path, goCode}))
	}
	described := goPackage{ImportPath: "feedmill/feed/clean", Name: "clean", Doc: "Package clean makes HTML safe.", GoFiles: []string{"a.go"}}
	silent := described
	silent.Doc = ""
	const importing = "package config\nimport \"feedmill/source/files\"\n"
	for _, test := range []struct {
		name string
		got  []string
		want string // a part of the one problem; none if empty
	}{
		{"a described package", brokenPackage(described), ""},
		{"a silent package", brokenPackage(silent), "every package has a comment"},
		{"tests alone", brokenPackage(goPackage{ImportPath: "feedmill/feed/clean", Name: "clean"}), ""},
		{"the command", brokenPackage(goPackage{ImportPath: "feedmill/cmd/feedmill", Name: "main", Doc: "Command feedmill publishes.", GoFiles: []string{"main.go"}}), ""},
		{"helpers", brokenPackage(goPackage{ImportPath: "feedmill/feed/helpers", Name: "helpers"}), "is named helpers"},
		{"below util", brokenPackage(goPackage{ImportPath: "feedmill/feed/util/text", Name: "text"}), "is named util"},
		{"a name unlike its folder", brokenPackage(goPackage{ImportPath: "feedmill/feed/text", Name: "base"}), "is named base"},
		{"database", brokenPackage(goPackage{ImportPath: "feedmill/feed/database", Name: "database"}), ""},

		{"the tree", strayFolders(tops), ""},
		{"no config", strayFolders(tops[:len(tops)-1]), "config: the root has"},
		{"a package of the tree", with("feed/fetch", true), ""},
		{"a package that is not", with("feed/text", true), "feed/text: is not in DESIGN.md's tree"},
		{"a folder that is not", with("source/rss", false), "source/rss: is not in DESIGN.md's tree"},
		{"a sixth folder with code", with("internal/text", true), "internal/text: Go code lives in"},
		{"code at the root", strayFolders(append([]folder{{".", true}}, tops[1:]...)), ".: Go code lives in"},
		{"housekeeping", with(".ci", false), ""},
		{"examples", with("config/examples/articles", false), ""},
		{"code between the examples", with("config/examples/articles", true), "no Go code"},
		{"code among the migrations", with("feed/store/migrations", true), "no Go code"},

		{"init", file("feed/a.go", "package feed\nfunc init() {}\n"), "feed/a.go:2:1: no init functions"},
		{"a method named init", file("feed/a.go", "package feed\ntype t int\nfunc (t) init() {}\n"), ""},
		{"Config and Default", file("config/a.go", importing+"var c files.Config = files.Default()\n"), ""},
		{"a constructor in config", file("config/a.go", importing+"var s = files.New()\n"), "not files.New"},
		{"a constructor by another name", file("config/a.go", "package config\nimport f \"feedmill/output/file\"\nvar s = f.New()\n"), "not f.New"},
		{"a constructor elsewhere", file("cmd/feedmill/a.go", strings.Replace(importing, "config", "main", 1)+"var s = files.New()\n"), ""},
	} {
		if test.want == "" && len(test.got) > 0 || test.want != "" && (len(test.got) != 1 || !strings.Contains(test.got[0], test.want)) {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
}
