package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/rows"
	"feedmill/source/each"
	"feedmill/source/files"
	"feedmill/source/sql"
)

// Shelf keeps the last good form of what a configuration is made of.
type Shelf interface {
	Kept(ctx context.Context, name string) ([]byte, error)
	Keep(ctx context.Context, name string, body []byte) error
}

// The names under which things are kept begin so.
const (
	keptRows = "each "
	keptFile = "include "
)

// Roster knows the rows of every block of one configuration: the last good ones, from the shelf, until [Roster.Look] reads
// new ones. Feeds of rows that go are retired: they stay as they are, are served and known by name, and are refreshed
// again when their row comes back.
//
// Safe for concurrent use. Looks of one block must not overlap.
type Roster struct {
	config *config.Config
	shelf  Shelf
	pools  *sql.Pools

	mu     sync.Mutex
	blocks map[string]*standing
	// clashes are the rows whose feeds do not go together with others, by block, as the last [Roster.Config] found.
	clashes map[string][]error
}

// standing is how a block stands.
type standing struct {
	record rows.Record
	feeds  map[string]config.Feed // of rows and of retired ones, by key
}

// Enroll makes a roster of what is kept of the blocks of c. It is to be closed.
func Enroll(ctx context.Context, c *config.Config, shelf Shelf) (*Roster, error) {
	return enroll(ctx, c, shelf, new(sql.Pools))
}

// Close ends connections to databases.
func (r *Roster) Close() { _ = r.pools.Close() } // nothing was written

// enroll is Enroll with connections that others use too.
func enroll(ctx context.Context, c *config.Config, shelf Shelf, pools *sql.Pools) (*Roster, error) {
	r := &Roster{config: c, shelf: shelf, pools: pools, blocks: map[string]*standing{}}
	for _, b := range c.Blocks {
		body, err := shelf.Kept(ctx, keptRows+b.Key)
		if err != nil {
			return nil, err
		}
		s := &standing{feeds: map[string]config.Feed{}}
		if len(body) > 0 {
			if err := json.Unmarshal(body, &s.record); err != nil {
				return nil, fmt.Errorf("read the rows kept of %s: %w", b.Key, err)
			}
		}
		s.grow(b)
		r.blocks[b.Key] = s
	}
	return r, nil
}

// grow makes the feeds of a record. A row that was good once and is not any more, for the block has other words now, makes
// none; the next look says so.
func (s *standing) grow(b *config.Block) {
	var list []rows.Row
	for _, k := range slices.Concat(s.record.Rows, s.record.Retired) {
		list = append(list, k.Row)
	}
	for _, g := range b.Grow(list) {
		if g.Err == nil {
			s.feeds[g.Key] = g.Feed
		}
	}
}

// Look reads the rows of a block, and takes them over when they are to be believed. accept believes them anyway. changed
// says that the configuration has other feeds now.
//
// The error says all that is wrong with the rows: that they cannot be read, are not believed, or which of them are bad.
// In every case what can be done is done.
func (r *Roster) Look(ctx context.Context, b *config.Block, accept bool) (changed bool, err error) {
	table, err := r.open(b).Rows(ctx)
	if err != nil {
		return false, fmt.Errorf("rows of %s: %w; the feeds stay as they are", b.Key, err)
	}
	known, before, err := r.before(ctx, b)
	if err != nil || before == nil {
		return false, err
	}
	list, feeds, bad := sift(b, table, before)
	record, held := rows.Judge(before.record, list, b.Digest, len(table.Problems) > 0, accept,
		rows.Guard{Shrink: b.Guard.Shrink, ReleaseAfter: b.Guard.ReleaseAfter})
	after := &standing{feeds: feeds}
	for name, f := range before.feeds {
		if _, fresh := feeds[name]; !fresh {
			feeds[name] = f
		}
	}
	after.record = record
	if err := r.save(ctx, b, before.record, record); err != nil {
		return false, err
	}
	r.mu.Lock()
	r.blocks[b.Key] = after
	r.mu.Unlock()
	return held == nil && !sameRows(known, record), errors.Join(held, badRows(b, bad))
}

// before is how a block stands: the rows that this process knows, and those of the shelf, which another process may have
// written. Nil: there is no such block.
func (r *Roster) before(ctx context.Context, b *config.Block) (known rows.Record, now *standing, err error) {
	r.mu.Lock()
	s := r.blocks[b.Key]
	r.mu.Unlock()
	if s == nil {
		return known, nil, nil
	}
	now = &standing{record: s.record, feeds: s.feeds}
	body, err := r.shelf.Kept(ctx, keptRows+b.Key)
	if err == nil && len(body) > 0 {
		now.record = rows.Record{}
		err = json.Unmarshal(body, &now.record)
	}
	return s.record, now, err
}

func (r *Roster) save(ctx context.Context, b *config.Block, before, after rows.Record) error {
	was, err := json.Marshal(before)
	if err != nil {
		return fmt.Errorf("keep the rows of %s: %w", b.Key, err)
	}
	is, err := json.Marshal(after)
	if err != nil {
		return fmt.Errorf("keep the rows of %s: %w", b.Key, err)
	}
	if string(was) == string(is) {
		return nil
	}
	return r.shelf.Keep(ctx, keptRows+b.Key, is)
}

// sift makes feeds of the rows that are new or changed, and leaves out those of which none can be made. Of a row that was
// good before and is bad now the last good form holds.
func sift(b *config.Block, table rows.Table, before *standing) (list []rows.Kept, feeds map[string]config.Feed, bad []error) {
	bad = slices.Clone(table.Problems)
	feeds = map[string]config.Feed{}
	old := map[string]rows.Kept{}
	for _, k := range slices.Concat(before.record.Rows, before.record.Retired) {
		old[k.Name] = k
	}
	firsts := map[string]rows.Row{}
	var fresh []rows.Row
	var places []int
	for _, row := range table.Rows {
		name, err := b.KeyOf(row)
		whole := row
		row = row.Only(b.Columns)
		first, twice := firsts[name]
		switch {
		case err != nil:
			bad = append(bad, fmt.Errorf("%s: %w", whole.Place, err))
			continue
		case twice && first.Same(row):
			continue
		case twice:
			bad = append(bad, fmt.Errorf("%s: makes the feed %s, as does %s, which stays; give one of them another name", whole.Place, name, first.Place))
			continue
		}
		firsts[name] = row
		k, known := old[name]
		f, made := before.feeds[name]
		if !known || !made || !k.Row.Same(row) {
			fresh, places = append(fresh, row), append(places, len(list))
		} else {
			feeds[name] = f
		}
		list = append(list, rows.Kept{Name: name, Row: row})
	}
	gone := map[int]bool{}
	for i, g := range b.Grow(fresh) {
		at := places[i]
		name := list[at].Name
		if g.Err == nil {
			feeds[name] = g.Feed
			continue
		}
		bad = append(bad, g.Err)
		if f, made := before.feeds[name]; made {
			list[at], feeds[name] = old[name], f
		} else {
			gone[at] = true
		}
	}
	kept := list[:0]
	for i, k := range list {
		if !gone[i] {
			kept = append(kept, k)
		}
	}
	return kept, feeds, bad
}

// mostBad bounds how many bad rows one message names.
const mostBad = 10

func badRows(b *config.Block, bad []error) error {
	if len(bad) == 0 {
		return nil
	}
	var texts []string
	for i, err := range bad {
		if i == mostBad {
			texts = append(texts, fmt.Sprintf("and %d more", len(bad)-i))
			break
		}
		texts = append(texts, err.Error())
	}
	what := "rows are bad and left out"
	if len(bad) == 1 {
		what = "row is bad and left out"
	}
	return feed.Classify(feed.Unreadable, fmt.Errorf("%d %s, the others are taken: %s", len(bad), what, strings.Join(texts, "\n")))
}

func sameRows(a, b rows.Record) bool {
	same := func(a, b rows.Kept) bool { return a.Name == b.Name && a.Row.Same(b.Row) }
	return slices.EqualFunc(a.Rows, b.Rows, same) && slices.EqualFunc(a.Retired, b.Retired, same)
}

// Config is the configuration with the feeds of all rows.
func (r *Roster) Config() *config.Config {
	r.mu.Lock()
	defer r.mu.Unlock()
	var grown []config.Feed
	for _, b := range r.config.Blocks {
		s := r.blocks[b.Key]
		for i, k := range slices.Concat(s.record.Rows, s.record.Retired) {
			if f, ok := s.feeds[k.Name]; ok {
				f.Retired = i >= len(s.record.Rows)
				grown = append(grown, f)
			}
		}
	}
	whole, refused := r.config.With(grown)
	r.clashes = map[string][]error{}
	for _, one := range refused {
		r.clashes[one.Block] = append(r.clashes[one.Block], one.Err)
	}
	return whole
}

// Clashes says which rows of a block make feeds that do not go together with others.
func (r *Roster) Clashes(b *config.Block) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return badRows(b, r.clashes[b.Key])
}

// Fed reports how many feeds the rows of a block make, and how many have retired; read is false before the first look.
func (r *Roster) Fed(key string) (feeds, retired int, read bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.blocks[key]
	if s == nil {
		return 0, 0, false
	}
	return len(s.record.Rows), len(s.record.Retired), s.record.Read
}

func (r *Roster) open(b *config.Block) rows.Reader {
	switch {
	case b.Each.SQL != nil:
		return sql.NewRows(*b.Each.SQL, r.config.Dir, r.pools)
	case b.Each.Files != nil:
		return files.NewRows(b.Each.Files.Files(), r.config.Dir)
	}
	return each.New(*b.Each.CSV, r.config.Dir)
}

// LookAll reads the rows of every block once, for a verb that ends by itself. What is wrong with them is told by block.
func (r *Roster) LookAll(ctx context.Context) map[string]error {
	wrong := map[string]error{}
	for _, b := range r.config.Blocks {
		if _, err := r.Look(ctx, b, false); err != nil {
			wrong[b.Key] = err
		}
	}
	_ = r.Config()
	for _, b := range r.config.Blocks {
		if err := errors.Join(wrong[b.Key], r.Clashes(b)); err != nil {
			wrong[b.Key] = err
		}
	}
	return wrong
}

// LookOnce is [Roster.LookAll] for the blocks of which nothing is known yet.
func (r *Roster) LookOnce(ctx context.Context) map[string]error {
	wrong := map[string]error{}
	for _, b := range r.config.Blocks {
		if _, _, read := r.Fed(b.Key); !read {
			if _, err := r.Look(ctx, b, false); err != nil {
				wrong[b.Key] = err
			}
		}
	}
	return wrong
}

// KeptAs is the name under which the last good text of an included file is kept.
func KeptAs(id string) string { return keptFile + id }

// KeepFiles keeps the included files that are good.
func KeepFiles(ctx context.Context, shelf Shelf, c *config.Config) error {
	for _, f := range c.Included {
		if f.Broken != nil {
			continue
		}
		before, err := shelf.Kept(ctx, keptFile+f.ID)
		if err == nil && string(before) != string(f.Text) {
			err = shelf.Keep(ctx, keptFile+f.ID, f.Text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Scratch is a shelf in memory over another one, which it only reads: for a verb that must change nothing.
type Scratch struct {
	Under interface {
		Kept(ctx context.Context, name string) ([]byte, error)
	}
	own map[string][]byte
}

// Kept returns what is kept.
func (s *Scratch) Kept(ctx context.Context, name string) ([]byte, error) {
	if body, ok := s.own[name]; ok {
		return body, nil
	}
	return s.Under.Kept(ctx, name)
}

// Keep keeps in memory.
func (s *Scratch) Keep(_ context.Context, name string, body []byte) error {
	if s.own == nil {
		s.own = map[string][]byte{}
	}
	s.own = maps.Clone(s.own)
	s.own[name] = body
	return nil
}
