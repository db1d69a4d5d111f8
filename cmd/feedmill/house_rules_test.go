package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// importRule forbids imports. Packages are named by import path; "x/..." is x and everything below it, "std" is the
// standard library.
type importRule struct {
	rule, why string
	binds     []string // the packages that must keep it; none: all
	except    []string // packages that need not
	never     []string // what they may not import
	only      []string // or: all that they may import
	kinds     bool     // or: nothing of another folder beside theirs
}

// importRules is DESIGN.md's "May never import". One rule of it is not here: that the client of net/http belongs to
// feed/fetch, for an import does not tell client from server.
var importRules = []importRule{
	{
		rule: "feed imports only the standard library", why: "everybody speaks the words of the trade, and they bring nothing along",
		binds: []string{"feedmill/feed"}, only: []string{"std"},
	}, {
		rule: "feed/* imports no source, output, config or cmd", why: "a program that embeds feedmill has kinds and a configuration of its own",
		binds: []string{"feedmill/feed/..."},
		never: []string{"feedmill/source/...", "feedmill/output/...", "feedmill/config/...", "feedmill/cmd/..."},
	}, {
		rule: "a source imports no output", why: "articles come in without knowing where they go",
		binds: []string{"feedmill/source/..."}, never: []string{"feedmill/output/..."},
	}, {
		rule: "an output imports no source", why: "documents go out without knowing where they came from",
		binds: []string{"feedmill/output/..."}, never: []string{"feedmill/source/..."},
	}, {
		rule:  "sources and outputs import no feed/store, feed/schedule, feed/mill or config",
		why:   "a kind is given what it needs, so that a new kind is one folder and one field",
		binds: []string{"feedmill/source/...", "feedmill/output/..."},
		never: []string{"feedmill/feed/store/...", "feedmill/feed/schedule/...", "feedmill/feed/mill/...", "feedmill/config/..."},
	}, {
		rule: "one kind imports no other kind", why: "each can be changed or removed alone; what two need lives under feed",
		binds: []string{"feedmill/source/...", "feedmill/output/..."}, kinds: true,
	}, {
		rule: "nothing imports cmd", why: "what lives there is of use to this process only",
		except: []string{"feedmill/cmd/..."}, never: []string{"feedmill/cmd/..."},
	},
	oneImporter("gorilla/feeds", "feedmill/feed/render", "github.com/gorilla/feeds/..."),
	oneImporter("gofeed", "feedmill/feed/parse", "github.com/mmcdole/gofeed/..."),
	oneImporter("robfig/cron", "feedmill/feed/schedule/...", "github.com/robfig/cron/..."),
	oneImporter("River", "feedmill/feed/schedule/queue", "github.com/riverqueue/river/..."),
	oneImporter("viper", "feedmill/config", "github.com/spf13/viper/..."),
	oneImporter("bluemonday", "feedmill/feed/clean", "github.com/microcosm-cc/bluemonday/..."),
	oneImporter("gojq", "feedmill/feed/jq", "github.com/itchyny/gojq/..."),
	oneImporter("the parser of XPath", "feedmill/feed/markup", "github.com/antchfx/..."),
	oneImporter("go-readability", "feedmill/feed/readable", "codeberg.org/readeck/go-readability/..."),
	oneImporter("chromedp", "feedmill/feed/browser", "github.com/chromedp/..."),
	oneImporter("go-imap", "feedmill/source/mailbox", "github.com/emersion/..."),
	oneImporter("certmagic", "feedmill/cmd/feedmill/internal/certificate", "github.com/caddyserver/...", "go.uber.org/zap/..."),
	oneImporter("the S3 client", "feedmill/output/s3", "github.com/minio/minio-go/...", "github.com/aws/aws-sdk-go-v2/..."),
}

func oneImporter(library, importer string, paths ...string) importRule {
	return importRule{
		rule: "only " + importer + " imports " + library, why: "a library that one folder knows can be replaced in one folder",
		except: []string{importer}, never: paths,
	}
}

func (r importRule) allows(importer, imported string) bool {
	switch {
	case len(r.binds) > 0 && !within(importer, r.binds), within(importer, r.except):
		return true
	case r.kinds:
		ours, theirs := strings.Split(importer, "/"), strings.Split(imported, "/")
		return len(ours) < 3 || len(theirs) < 3 || !slices.Equal(ours[:2], theirs[:2]) || ours[2] == theirs[2]
	case len(r.only) > 0:
		return within(imported, r.only)
	}
	return !within(imported, r.never)
}

func within(importPath string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if pattern == "std" {
			first, _, _ := strings.Cut(importPath, "/")
			return first != "feedmill" && !strings.Contains(first, ".")
		}
		above, open := strings.CutSuffix(pattern, "/...")
		return importPath == above || open && strings.HasPrefix(importPath, above+"/")
	})
}

func brokenImports(p goPackage) (problems []string) {
	for _, imported := range p.Imports {
		for _, r := range importRules {
			if !r.allows(p.ImportPath, imported) {
				problems = append(problems, fmt.Sprintf("%s imports %s, but %s: %s", p.ImportPath, imported, r.rule, r.why))
			}
		}
	}
	return problems
}

// unfitNames say nothing about what is inside.
var unfitNames = []string{"util", "common", "helper", "manager", "base", "impl"}

func brokenPackage(p goPackage) (problems []string) {
	for _, name := range append(strings.Split(p.ImportPath, "/"), p.Name) {
		if slices.Contains(unfitNames, strings.TrimSuffix(name, "s")) {
			problems = append(problems, fmt.Sprintf("%s: no package or folder is named %s: the name tells what is inside, in words of the trade", p.ImportPath, name))
			break
		}
	}
	opening := "Package " + p.Name + " "
	if p.Name == "main" {
		opening = "Command " + path.Base(p.ImportPath) + " "
	}
	if len(p.GoFiles) > 0 && !strings.HasPrefix(p.Doc, opening) {
		problems = append(problems, fmt.Sprintf("%s: every package has a comment, %q and on: what it owns, what it never does, where to add", p.ImportPath, opening))
	}
	return problems
}

// tree are the folders that DESIGN.md draws; a package is one that holds Go code. A folder that is not needed yet does
// not exist.
var tree = map[string]struct{ isPackage bool }{
	"cmd": {}, "cmd/feedmill": {true}, "cmd/feedmill/internal": {},
	"cmd/feedmill/internal/daemon": {true}, "cmd/feedmill/internal/admin": {true}, "cmd/feedmill/internal/alert": {true},
	"cmd/feedmill/internal/why": {true}, "cmd/feedmill/internal/draft": {true}, "cmd/feedmill/internal/doctor": {true},
	"cmd/feedmill/internal/certificate": {true}, "cmd/feedmill/internal/certificate/certificatetest": {true},
	"cmd/feedmill/internal/systemd": {true}, "cmd/feedmill/packaging": {},

	"feed": {true}, "feed/setting": {true}, "feed/fetch": {true}, "feed/parse": {true}, "feed/clean": {true}, "feed/filter": {true},
	"feed/markup": {true}, "feed/jq": {true}, "feed/field": {true}, "feed/listing": {true}, "feed/rows": {true}, "feed/readable": {true}, "feed/fulltext": {true},
	"feed/browser": {true}, "feed/batch": {true}, "feed/record": {true}, "feed/table": {true}, "feed/media": {true}, "feed/late": {true}, "feed/turns": {true},
	"feed/mill": {true}, "feed/render": {true}, "feed/render/pages": {}, "feed/check": {true},
	"feed/schedule": {true}, "feed/schedule/local": {true}, "feed/schedule/queue": {true}, "feed/schedule/scheduletest": {true},
	"feed/store": {true}, "feed/store/sqlite": {true}, "feed/store/postgres": {true}, "feed/store/storetest": {true}, "feed/store/migrations": {},

	"source": {}, "source/files": {true}, "source/upstream": {true}, "source/page": {true}, "source/json": {true}, "source/sitemap": {true},
	"source/sql": {true}, "source/command": {true}, "source/mailbox": {true}, "source/opml": {true}, "source/each": {true}, "source/sourcetest": {true},

	"output": {}, "output/file": {true}, "output/serve": {true}, "output/s3": {true}, "output/command": {true}, "output/websub": {true},
	"output/webhook": {true}, "output/outputtest": {true},

	"config": {true}, "config/examples": {},
}

// material are folders of the tree that hold what is no code, in folders as it needs.
var material = []string{"cmd/feedmill/packaging", "config/examples"}

func strayFolders(folders []folder) (problems []string) {
	for _, top := range []string{"cmd", "feed", "source", "config", "output"} {
		if !slices.ContainsFunc(folders, func(f folder) bool { return f.goCode && strings.HasPrefix(f.path+"/", top+"/") }) {
			problems = append(problems, top+": the root has cmd, feed, source, config and output with Go code, but this has none")
		}
	}
	for _, f := range folders {
		top, _, _ := strings.Cut(f.path, "/")
		_, ours := tree[top]
		drawn, known := tree[f.path]
		switch {
		case !ours && f.goCode:
			problems = append(problems, f.path+": Go code lives in cmd, feed, source, config and output only: whatever needs a home finds it inside one of them")
		case ours && !known && !slices.ContainsFunc(material, func(m string) bool { return strings.HasPrefix(f.path, m+"/") }):
			problems = append(problems, f.path+": is not in DESIGN.md's tree: what it holds finds its home in a folder that is, or the tree is drawn anew first")
		case ours && f.goCode && !drawn.isPackage:
			problems = append(problems, f.path+": holds other folders or material, no Go code, as DESIGN.md draws it")
		}
	}
	return problems
}

// brokenFile reports what the Go file of that name, from the root, must not hold.
func brokenFile(name string, text []byte) (problems []string, err error) {
	places := token.NewFileSet()
	file, err := parser.ParseFile(places, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		if f, is := d.(*ast.FuncDecl); is && f.Recv == nil && f.Name.Name == "init" {
			problems = append(problems, fmt.Sprintf("%s: no init functions: what runs unasked cannot be given what it needs, nor be left out", places.Position(f.Pos())))
		}
	}
	if !strings.HasPrefix(name, "config/") || strings.HasSuffix(name, "_test.go") {
		return problems, nil
	}
	kinds := kindNames(file)
	ast.Inspect(file, func(n ast.Node) bool {
		s, is := n.(*ast.SelectorExpr)
		if !is {
			return true
		}
		kind, is := s.X.(*ast.Ident)
		if is && slices.Contains(kinds, kind.Name) && s.Sel.Name != "Config" && s.Sel.Name != "Default" {
			problems = append(problems, fmt.Sprintf("%s: config reads the Config of a kind and its Default, not %s.%s: checking a configuration opens nothing",
				places.Position(s.Pos()), kind.Name, s.Sel.Name))
		}
		return true
	})
	return problems, nil
}

// kindNames are the names under which the file imports source and output kinds.
func kindNames(file *ast.File) (names []string) {
	for _, i := range file.Imports {
		imported, err := strconv.Unquote(i.Path.Value)
		if err != nil || !within(imported, []string{"feedmill/source/...", "feedmill/output/..."}) {
			continue
		}
		if i.Name != nil {
			names = append(names, i.Name.Name)
		} else {
			names = append(names, path.Base(imported))
		}
	}
	return names
}
