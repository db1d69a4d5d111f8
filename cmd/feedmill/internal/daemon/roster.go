package daemon

import (
	"context"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/rows"
	"feedmill/source/each"
	"feedmill/source/files"
	"feedmill/source/json"
	"feedmill/source/sql"
)

// Roster knows the rows of every block of one configuration: the last good ones, from the shelf, until [Roster.Look] reads
// new ones. Feeds of rows that go are retired: they stay as they are, are served and known by name, and are refreshed
// again when their row comes back.
//
// 5,000 feeds of one block start in 1.8 s of processor time (BenchmarkRowsStart), their documents shown. Watching a folder
// for each, looked at every two seconds, takes 5.3 s of processor time a minute and 41 MB (BenchmarkRowsIdle), on two shared
// cores.
//
// Safe for concurrent use. Looks of one block must not overlap.
type Roster struct {
	config *config.Config
	shelf  Shelf
	reach

	mu     sync.Mutex
	blocks map[string]*standing
	// clashes are the rows whose feeds do not go together with others, by block, as the last [Roster.Config] found.
	clashes map[string][]error
}

// reach is what lists are read with, besides files.
type reach struct {
	client *fetch.Client
	pools  *sql.Pools
	now    func() time.Time
}

// standing is how a block stands.
type standing struct {
	record rows.Record
	feeds  map[string]config.Feed // of rows and of retired ones, by key
}

// Enroll makes a roster of what is kept of the blocks of c. It is to be closed. Lists on the web are asked for by the client.
func Enroll(ctx context.Context, c *config.Config, shelf Shelf, client *fetch.Client, now func() time.Time) (*Roster, error) {
	return enroll(ctx, c, shelf, reach{client, new(sql.Pools), now})
}

// Close ends connections to databases.
func (r *Roster) Close() { _ = r.pools.Close() } // nothing was written

// enroll is Enroll with connections that others use too.
func enroll(ctx context.Context, c *config.Config, shelf Shelf, with reach) (*Roster, error) {
	r := &Roster{config: c, shelf: shelf, reach: with, blocks: map[string]*standing{}}
	for _, b := range c.Blocks {
		body, err := shelf.Kept(ctx, keptRows+b.Key)
		if err != nil {
			return nil, err
		}
		s := &standing{feeds: map[string]config.Feed{}}
		if len(body) > 0 {
			if err := stdjson.Unmarshal(body, &s.record); err != nil {
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
	memory, err := r.recall(ctx, b, accept)
	if err != nil {
		return false, err
	}
	table, err := r.open(b, memory).Rows(ctx)
	if err != nil {
		return false, errors.Join(fmt.Errorf("rows of %s: %w; the feeds stay as they are", b.Key, err), r.remember(ctx, b, memory))
	}
	if table.Unchanged {
		return false, r.remember(ctx, b, memory)
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
	wrong := errors.Join(held, badRows(bad))
	if wrong != nil {
		memory.forget() // what was not taken over is to be read again
	}
	return held == nil && !sameRows(known, record), errors.Join(wrong, r.remember(ctx, b, memory))
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
		err = stdjson.Unmarshal(body, &now.record)
	}
	return s.record, now, err
}

func (r *Roster) save(ctx context.Context, b *config.Block, before, after rows.Record) error {
	was, err := stdjson.Marshal(before)
	if err != nil {
		return fmt.Errorf("keep the rows of %s: %w", b.Key, err)
	}
	is, err := stdjson.Marshal(after)
	if err != nil {
		return fmt.Errorf("keep the rows of %s: %w", b.Key, err)
	}
	if string(was) == string(is) {
		return nil
	}
	return r.shelf.Keep(ctx, keptRows+b.Key, is)
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
	return badRows(r.clashes[b.Key])
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

func (r *Roster) open(b *config.Block, m feed.Memory) rows.Reader {
	switch {
	case b.Each.JSON != nil:
		return json.NewRows(b.Each.JSON.JSON(), r.config.Dir, r.client, m, r.now)
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
