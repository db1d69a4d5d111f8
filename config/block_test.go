package config

import (
	"fmt"
	"strings"
	"testing"

	"feedmill/feed/rows"
)

func block(t testing.TB, key string) *Block {
	t.Helper()
	c, err := Load("testdata/good/each.yaml", Options{Env: testEnv})
	if err != nil {
		t.Fatal(err)
	}
	return c.Block(key)
}

func row(values ...string) rows.Row {
	r := rows.Row{Place: "line 2", Values: map[string]string{}}
	for i := 0; i+1 < len(values); i += 2 {
		r.Values[values[i]] = values[i+1]
	}
	return r
}

func TestRowBecomesFeed(t *testing.T) {
	b := block(t, "teams/{team}")
	equal(t, "columns", b.Columns, []string{"language", "limit", "path", "slug", "team", "title"})
	g := b.Grow([]rows.Row{row("team", "Red", "title", "${PASSWORD} {team}", "language", "", "limit", "7", "path", "a/b c?x=1#y")})[0]
	if g.Err != nil {
		t.Fatal(g.Err)
	}
	f := g.Feed
	equal(t, "key", f.Key, "teams/red")
	equal(t, "title", f.Title, "${PASSWORD} {team} {title} ${title}")
	equal(t, "language", f.Language, "")
	equal(t, "limit", f.Limit.Articles, 7)
	equal(t, "url", f.Sources[1].Feed.URL, "https://api.example.org/a/b%20c%3Fx=1%23y?team=Red")
	equal(t, "header", f.Sources[1].Feed.Fetch.Headers["Authorization"].Reveal(), "Bearer hunter2")
	equal(t, "permalink", f.Sources[0].Files.Permalink.String(), "https://news.example.org/Red/{slug}")
	equal(t, "place", fmt.Sprint(f.Block, " ", f.Place, " ", f.Line), "teams/{team} line 2 6")
}

// TestRowsChooseHosts holds secrets and ways into private networks back from hosts that rows name.
func TestRowsChooseHosts(t *testing.T) {
	g := block(t, "any/{team}").Grow([]rows.Row{row("team", "aa", "url", "https://anywhere.example/feed")})[0]
	if g.Err != nil {
		t.Fatal(g.Err)
	}
	if f := g.Feed.Sources[0].Feed.Fetch; len(f.Headers)+len(f.AllowPrivate) > 0 {
		t.Errorf("a row's host gets %v and may lie in %v", f.Headers, f.AllowPrivate)
	}
}

// TestVariablesInBlocks are not taken for columns, and are no secrets that rows send anywhere while the block names the host.
func TestVariablesInBlocks(t *testing.T) {
	b := block(t, "sql/{team}")
	equal(t, "columns", b.Columns, []string{"team"})
	equal(t, "list", b.Each.SQL.DSN.String(), "postgres://reader@db.example/teams")
	g := b.Grow([]rows.Row{row("team", "red")})[0]
	if g.Err != nil {
		t.Fatal(g.Err)
	}
	equal(t, "header", g.Feed.Sources[0].Feed.Fetch.Headers["X-Key"].Reveal(), "hunter2")
	bare := block(t, "bare/{team}").Grow([]rows.Row{row("team", "red", "url", "https://red.example/")})[0]
	if bare.Err != nil || bare.Feed.Sources[0].Address != "https://red.example/" {
		t.Errorf("an address alone: %v, %+v", bare.Err, bare.Feed.Sources)
	}
	b = block(t, "json/{team}")
	equal(t, "items", fmt.Sprint(b.Each.JSON.URL, " ", b.Each.JSON.Items, " ", b.Each.JSON.Pages), "https://api.example.org/teams .teams 9")
	equal(t, "header of the list", b.Each.JSON.Fetch.Headers["X-Key"].Reveal(), "hunter2")
}

// TestHostileRows are refused and named, each alone.
func TestHostileRows(t *testing.T) {
	good := []string{"team", "red", "title", "Red", "language", "en", "limit", "7", "path", "a"}
	for _, test := range []struct{ column, value, want string }{
		{"team", "", "line 2: has no team, which the address of its feed is made of"},
		{"team", "../../etc", ""}, // no harm in a key, but no folder
		{"team", "///", "no address can be made"},
		{"team", "Köln", "no address can be made"},
		{"team", "*", "no address can be made"},
		{"title", "two\nlines", "title what \"{title}"},
		{"language", "not a language", "language"},
		{"limit", "[1, 2]", "limit takes"},
		{"limit", "-1", "limit takes a number"},
		{"path", "../admin", "leads out of the path"},
		{"path", "a/../../b", "leads out of the path"},
	} {
		values := append([]string{}, good...)
		for i := 0; i < len(values); i += 2 {
			if values[i] == test.column {
				values[i+1] = test.value
			}
		}
		got := block(t, "teams/{team}").Grow([]rows.Row{row(values...), row(good...)})
		if got[0].Err == nil || !strings.Contains(got[0].Err.Error(), test.want) || got[1].Err != nil {
			t.Errorf("%s %q: %v and %v, want %s", test.column, test.value, got[0].Err, got[1].Err, test.want)
		}
	}
}

// FuzzRow holds any value to its place: no file outside of the folder, no other host, no secret.
func FuzzRow(f *testing.F) {
	for _, seed := range []string{"a", "../x", "/etc/passwd", "${PASSWORD}", "${file:/etc/passwd}", "{title}", "@evil.example", "https://evil.example/", "%2e%2e", "a\\..\\b", "*", "x\n- y"} {
		f.Add(seed, seed)
	}
	b := block(f, "teams/{team}")
	anywhere := block(f, "any/{team}")
	f.Fuzz(func(t *testing.T, team, path string) {
		g := b.Grow([]rows.Row{row("team", team, "title", "x "+path, "language", "", "limit", "", "path", path)})[0]
		if g.Err == nil {
			files, feed := g.Feed.Sources[0].Files.Path, g.Feed.Sources[1].Feed.URL
			if strings.Count(files, "/") != 2 || !strings.HasPrefix(files, "each.d/") || strings.Contains(files, "..") && strings.HasPrefix(files, "each.d/..") {
				t.Errorf("the path %q", files)
			}
			if !strings.HasPrefix(feed, "https://api.example.org/") || strings.Contains(feed, "/../") {
				t.Errorf("the address %q", feed)
			}
			if strings.Contains(g.Feed.Title, "hunter2") || keyProblem(g.Key) != "" {
				t.Errorf("title %q, key %q", g.Feed.Title, g.Key)
			}
		} else if strings.Contains(g.Err.Error(), "hunter2") {
			t.Errorf("a secret is shown: %v", g.Err)
		}
		anywhere.Grow([]rows.Row{row("team", team, "url", path)})
	})
}

// TestWith puts feeds of rows beside others.
func TestWith(t *testing.T) {
	c := load(t, "testdata/good/each.yaml")
	f := func(key, place string, parents ...string) Feed {
		return Feed{Key: key, Block: "teams/{team}", Place: place, Parents: parents}
	}
	whole, refused := c.With([]Feed{
		f("teams/red", "line 2"), f("teams/blue", "line 3", "world"), f("teams/red", "line 4"), f("world", "line 5"),
		f("teams/x", "line 6", "teams/none"), f("teams/y", "line 7", "teams/x"), f("teams/ring", "line 8", "all", "teams/ring2"), f("teams/ring2", "line 9", "teams/ring"),
	})
	var keys, problems []string
	for _, f := range whole.Feeds {
		keys = append(keys, f.Key)
	}
	for _, r := range refused {
		problems = append(problems, r.Err.Error())
	}
	equal(t, "feeds", strings.Join(keys, " "), "world all teams/red teams/blue")
	equal(t, "refused", strings.Join(problems, "\n"), strings.Join([]string{
		"line 4 makes the feed teams/red, which line 2 makes too; that one stays",
		"line 5 makes the feed world, which stands in testdata/good/each.yaml on line 4",
		"line 6 makes the feed teams/x, which takes articles from teams/none, and there is no such feed",
		"line 7 makes the feed teams/y, which takes articles from teams/x, and there is no such feed",
		"line 8 makes the feed teams/ring, which would be made from itself by way of its word from",
		"line 9 makes the feed teams/ring2, which takes articles from teams/ring, and there is no such feed",
	}, "\n"))
	equal(t, "the configuration itself", len(c.Feeds), 2)
}

func TestIncludedFileOfStrangers(t *testing.T) {
	feeds := feedsByKey(t, "testdata/good/include-words.yaml")
	red := feeds["teams/red"].Sources[1].Feed.Fetch
	equal(t, "manners", fmt.Sprint(len(red.Headers), red.Headers["X-Key"].Reveal(), red.AllowPrivate, red.Only), "1hunter2-hunter2-hunter2[] [*.example.org]")
	equal(t, "manners of pages", fmt.Sprint(feeds["teams/red"].Sources[0].Fetch.Only), "[*.example.org]")
	equal(t, "folder", feeds["teams/red"].Sources[0].Files.Within, identity("testdata/good/include-words.d"))
	equal(t, "program", feeds["programs/list"].Sources[0].Command.Run, []string{"./list", "--json"})
	equal(t, "parents", feeds["teams/reds"].Parents, []string{"teams/red"})
	if feeds["world"].Sources[0].Fetch.Only != nil {
		t.Error("the main file's own feeds are kept to hosts")
	}
	equal(t, "the main file's folder", feeds["world"].Sources[0].Files.Within, "")
}
