package why

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/store"
)

// Unknown is the error of a name that nothing has.
type Unknown struct {
	Name    string
	Nearest []string
}

func (u Unknown) Error() string {
	text := fmt.Sprintf("there is no feed, article or document %q", u.Name)
	if len(u.Nearest) > 0 {
		text += "; the nearest are\n  " + strings.Join(u.Nearest, "\n  ")
	}
	return text
}

// Tell answers why what bears the name is as it is. A name is a feed's key, an article's id, link, file or slug, or the
// address of a document; it may mean several things in several feeds, and all are told. The error is [Unknown] when it means
// nothing.
func (t *Teller) Tell(ctx context.Context, name string) error {
	out := bufio.NewWriter(t.Out)
	told := *t
	told.Out = out
	if err := told.tell(ctx, name); err != nil {
		return err
	}
	return out.Flush()
}

func (t *Teller) tell(ctx context.Context, name string) error {
	all, err := t.subjects(ctx)
	if err != nil {
		return err
	}
	at := t.path(name)
	for i := range t.Config.Feeds {
		if key := t.Config.Feeds[i].Key; name == key || strings.Trim(at, "/") == key {
			return t.feed(ctx, all, key)
		}
	}
	for _, s := range all {
		found, err := t.document(ctx, s, at)
		if found || err != nil {
			return err
		}
	}
	found, err := t.articles(ctx, all, name)
	if err != nil || found {
		return err
	}
	if found, err = t.held(ctx, all, name); err != nil || found {
		return err
	}
	if t.unread(name) {
		return nil
	}
	nearest, err := nearest(ctx, all, name, at)
	if err != nil {
		return err
	}
	return Unknown{name, nearest}
}

// path is the address of a document below the base address, without a slash in front: whatever a browser shows behind it
// is left out.
func (t *Teller) path(name string) string {
	for _, base := range []string{t.Config.BaseURL + "/", "/"} {
		if below, ok := strings.CutPrefix(name, base); ok {
			name = below
			break
		}
	}
	if strings.Contains(name, "://") {
		return "" // it is elsewhere
	}
	name, _, _ = strings.Cut(name, "?")
	name, _, _ = strings.Cut(name, "#")
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

// articles tells of the articles of any feed that a name may mean.
func (t *Teller) articles(ctx context.Context, all []subject, name string) (found bool, err error) {
	for _, s := range all {
		rows, err := s.Articles(ctx, name)
		if err == nil && len(rows) == 0 {
			rows, err = t.file(ctx, s, name)
		}
		if err == nil && len(rows) == 0 {
			rows, err = t.page(ctx, s, t.path(name))
		}
		if err != nil {
			return found, err
		}
		for _, row := range rows {
			if found {
				fmt.Fprintln(t.Out)
			}
			if err := t.article(ctx, all, s, row); err != nil {
				return found, err
			}
			found = true
		}
	}
	return found, nil
}

// file takes a name as a path from where the operator is.
func (t *Teller) file(ctx context.Context, s subject, name string) ([]store.Article, error) {
	if strings.Contains(name, "://") {
		return nil, nil
	}
	file, err := filepath.Abs(name)
	if err != nil {
		return nil, nil //nolint:nilerr // where the operator is nobody knows: it is no file of theirs
	}
	if below, err := filepath.Rel(t.Config.Dir, file); err == nil && filepath.IsLocal(below) {
		file = below
	}
	return s.Articles(ctx, filepath.ToSlash(file))
}

// page takes a name as the address of an article's page.
func (t *Teller) page(ctx context.Context, s subject, at string) ([]store.Article, error) {
	slug, ours := strings.CutPrefix(at, s.words.Key+"/a/")
	if !ours {
		return nil, nil
	}
	return s.Articles(ctx, t.Config.BaseURL+"/"+s.words.Key+"/a/"+url.PathEscape(strings.TrimSuffix(slug, "/")))
}

// held tells of an article that a source gave and that is not believed yet.
func (t *Teller) held(ctx context.Context, all []subject, name string) (bool, error) {
	found := false
	for _, s := range all {
		batches, err := s.Withheld(ctx)
		if err != nil {
			return found, err
		}
		for _, b := range batches {
			i := slices.IndexFunc(b.Articles, func(a feed.Article) bool { return name == a.ID || name == a.Link || name == a.Key || name == a.Slug })
			if i < 0 {
				continue
			}
			found = true
			fmt.Fprintf(t.Out, "%s\n  %s · held, and not published\n\nSource %s gave it first %s, %s in a row, among %s that are not believed:\n"+
				"  %s.\nIf that is right: feedmill accept %s\n",
				cmp.Or(short(b.Articles[i].Title, 80), name), s.words.Key, b.Source, s.show(b.First), count(b.Times, "time"),
				count(len(b.Articles), "article"), b.Reason, s.words.Key)
		}
	}
	return found, nil
}

// mostNear bounds the names that are offered in place of one that nothing has.
const mostNear = 5

// looksNear is how many of the latest articles of a feed are compared with a name.
const looksNear = 300

// nearest are the addresses, files and titles that look most like a name.
func nearest(ctx context.Context, all []subject, name, at string) ([]string, error) {
	type candidate struct {
		shown string
		like  float64
	}
	var best []candidate
	offer := func(shown string, forms ...string) {
		like := 0.0
		for _, form := range forms {
			like = max(like, alike(below(name), below(form)), alike(at, form))
		}
		if like >= 0.5 {
			best = append(best, candidate{shown, like})
		}
	}
	for _, s := range all {
		offer(s.words.Key, s.words.Key)
		paths, err := s.Live(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			offer("/"+p, p)
		}
		rows, err := s.Latest(ctx, looksNear)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			shown := cmp.Or(row.Key, s.Link(row), row.ID)
			if strings.HasPrefix(shown, "~") {
				shown = cmp.Or(s.Link(row), row.ID)
			}
			offer(shown+"  ("+short(row.Said.Title, 60)+")", row.ID, row.Given, s.Link(row), row.Key, path.Base(row.Key), row.Slug, row.Said.Title)
		}
	}
	slices.SortStableFunc(best, func(a, b candidate) int { return cmp.Compare(b.like, a.like) })
	var shown []string
	for _, c := range best[:min(mostNear, len(best))] {
		shown = append(shown, c.shown)
	}
	return slices.Compact(shown), nil
}

// below is an address without its site, for all of a site's begin alike; anything else stays as it is.
func below(name string) string {
	if u, err := url.Parse(name); err == nil && u.Host != "" {
		return u.Path
	}
	return name
}

// alike is the share of pairs of neighbouring letters that two texts have in common, 0 to 1 (Dice's coefficient).
func alike(a, b string) float64 {
	const longest = 300
	pairs := map[string]int{}
	x, y := strings.ToLower(a[:min(len(a), longest)]), strings.ToLower(b[:min(len(b), longest)])
	for i := 1; i < len(x); i++ {
		pairs[x[i-1:i+1]]++
	}
	common := 0
	for i := 1; i < len(y); i++ {
		if pairs[y[i-1:i+1]] > 0 {
			pairs[y[i-1:i+1]]--
			common++
		}
	}
	if len(x)+len(y) <= 2 {
		return 0
	}
	return 2 * float64(common) / float64(len(x)+len(y)-2)
}
