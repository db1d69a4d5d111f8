package mill

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"feedmill/feed"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// Archives hold what the live documents no longer do: closed chunks of articles by publication number, each half as many
// as the live document shows. A chunk is closed when one of its articles would be in no document otherwise, so that live
// document and archives hold every article at any speed of publishing. A closed chunk changes only when an article is
// taken out of it or comes back, and with the base address that it names.

// history is what the archives need in one rendering.
type history struct {
	*choice
	channel render.Channel // with those of its formats that have archives; none: there are no archives
	size    int64          // articles in a chunk
	last    store.Chunk
	closed  []store.Chunk
	forgot  []store.Chunk
	made    []store.Document
	removed []string // paths
	moved   bool     // the documents of old archives name another base address, or another one of the live document
}

// mostArchived bounds how many articles two archives hold, however many the live document shows.
const mostArchived = 1000

// closedAtOnce bounds how many chunks are closed in one rendering: after a large import the live documents need not wait
// for all of them.
const closedAtOnce = 50

// archived are the formats that have archives.
var archived = [...]render.Format{render.RSS, render.Atom}

func (r *refresh) openHistory(ctx context.Context, c *choice, dressed bool) (*history, error) {
	h := &history{choice: c, channel: c.Channel, size: int64(min(c.Limit.usual()+1, mostArchived)) / 2}
	h.channel.MaxSize = 0
	h.channel.Formats = slices.DeleteFunc(slices.Clone(h.channel.Formats), func(f render.Format) bool {
		return !slices.Contains(archived[:], f)
	})
	var err error
	if h.last, err = r.library.LastChunk(ctx, r.state.Serial); err != nil || !dressed {
		return h, err
	}
	for _, f := range archived { // all are made anew at once, the newest one last
		path := render.ArchivePath(h.channel, h.last.Number, f)
		newest, err := r.library.Document(ctx, r.state.Serial, path)
		if err != nil {
			return nil, err
		}
		if newest == nil {
			continue
		}
		body, err := newest.Bytes()
		if err != nil {
			return nil, err
		}
		for _, named := range []string{path, h.channel.Path(f)} {
			h.moved = h.moved || !bytes.Contains(body, []byte(`"`+h.channel.Base+"/"+named+`"`))
		}
	}
	return h, nil
}

// extend closes as many chunks as it takes for every article to stand in the live documents or an archive. It reports
// whether it closed any.
func (h *history) extend(ctx context.Context, live []store.Document) (bool, error) {
	open, err := h.library.LiveNumbers(ctx, h.state.Serial, h.last.Last)
	if err != nil {
		return false, err
	}
	shown, err := shownEverywhere(h.feed.Channel, live)
	if err != nil {
		return false, err
	}
	last := int64(0) // the newest article that is not shown
	for number, position := range open {
		if _, refused := h.now.Refused[position]; !shown[position] && (!refused || h.aged[position]) {
			last = max(last, number)
		}
	}
	if last <= h.last.Last {
		return false, nil
	}
	kept, err := h.library.FirstKept(ctx, h.state.Serial)
	if err != nil {
		return false, err
	}
	before := h.last
	for h.last.Last < last {
		if len(h.closed) == closedAtOnce {
			h.unfinished = true
			break
		}
		next := store.Chunk{Number: h.last.Number + 1, First: h.last.Last + 1, Last: min(h.last.Last+h.size, h.state.Number)}
		if kept > 0 && next.Last >= kept {
			break // one of its articles waits for its page
		}
		if err := h.make(ctx, next); err != nil {
			return false, err
		}
		h.last, h.closed = next, append(h.closed, next)
	}
	return h.last != before, nil
}

// shownEverywhere are the positions of the articles that stand in the live document of every format.
func shownEverywhere(c render.Channel, live []store.Document) (map[int64]bool, error) {
	in, formats := map[int64]int{}, 0
	for _, f := range c.Formats {
		if f == render.NewsSitemap { // it shows what is new, however much
			continue
		}
		formats++
		for _, d := range live {
			if d.Path != c.Path(f) {
				continue
			}
			made, err := remade(d)
			if err != nil {
				return nil, err
			}
			for _, p := range made.Parts {
				in[p.Position]++
			}
		}
	}
	shown := map[int64]bool{}
	for position, n := range in {
		shown[position] = n == formats
	}
	return shown, nil
}

// mend makes the closed chunks anew that hold an article that was taken back, or lack one that came back.
func (h *history) mend(ctx context.Context) error {
	if h.last.Number == 0 {
		return nil
	}
	changed, err := h.library.ChangedNumbers(ctx, h.state.Serial, h.state.Rendered, h.last.Last)
	if err != nil {
		return err
	}
	var chunk store.Chunk
	for _, number := range slices.Sorted(maps.Keys(changed)) {
		if number <= chunk.Last {
			continue // it is done
		}
		found, err := h.library.ChunkOf(ctx, h.state.Serial, number)
		if err != nil {
			return err
		}
		if found.Number == 0 {
			continue // no longer kept
		}
		chunk = found
		if err := h.make(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

// complete makes the documents of closed chunks that are lacking, such as those of a format that is new, makes all anew
// when the base address is another one, and takes away those in formats that are no longer wanted.
func (h *history) complete(ctx context.Context) error {
	first, err := h.library.FirstChunk(ctx, h.state.Serial)
	if err != nil || first.Number == 0 {
		return err
	}
	for n := first.Number; n <= h.last.Number; n++ {
		lacking := h.moved
		for _, f := range archived {
			path := render.ArchivePath(h.channel, n, f)
			tag, err := h.library.ETag(ctx, h.state.Serial, path)
			if err != nil {
				return err
			}
			switch wanted := slices.Contains(h.channel.Formats, f); {
			case wanted && tag == "":
				lacking = true
			case !wanted && tag != "":
				h.removed = append(h.removed, path)
			}
		}
		if !lacking {
			continue
		}
		chunk, err := h.library.Chunk(ctx, h.state.Serial, n)
		if err != nil {
			return err
		}
		if err := h.make(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

// make makes the documents of a chunk: those that are lacking, and those that hold an article that was taken back or lack
// one that came back. What else stands in its old ones stays as it is, edits or not.
func (h *history) make(ctx context.Context, chunk store.Chunk) error {
	rows, err := h.library.Numbered(ctx, h.state.Serial, chunk.First, chunk.Last)
	if err != nil {
		return err
	}
	s := render.Snapshot{Channel: h.channel, AsOf: h.state.AsOf, Archive: chunk.Number}
	for _, row := range rows {
		switch row.State {
		case store.Live:
			if it := h.item(row); !h.refuses(it) {
				s.Items = append(s.Items, it)
			}
		case store.Withdrawn:
			s.Deleted = append(s.Deleted, render.Deleted{ID: row.ID, When: row.Updated})
		}
	}
	lacking := s
	lacking.Channel.Formats = nil
	for _, f := range h.channel.Formats {
		path := render.ArchivePath(h.channel, chunk.Number, f)
		old, err := h.library.Document(ctx, h.state.Serial, path)
		if err != nil {
			return err
		}
		if old == nil || h.moved {
			lacking.Channel.Formats = append(lacking.Channel.Formats, f)
			continue
		}
		made, err := remade(*old)
		if err != nil {
			return err
		}
		one, differs := keep(s, made.Parts)
		if !differs {
			continue
		}
		one.Channel.Formats = []render.Format{f}
		if err := h.document(ctx, one, map[string]render.Made{path: made}); err != nil {
			return err
		}
	}
	if len(lacking.Channel.Formats) == 0 {
		return nil
	}
	return h.document(ctx, lacking, nil)
}

// keep has the articles that stand in the parts taken from there. It reports whether there is more to do: an article that
// does not stand there, or something else that does.
func keep(s render.Snapshot, parts render.Parts) (kept render.Snapshot, differs bool) {
	was := map[int64]render.Version{}
	for _, p := range parts {
		was[p.Position] = p.Version
	}
	kept = s
	kept.Items = nil
	for _, it := range s.Items {
		if v, ok := was[it.Version.Position]; ok {
			kept.Listed = append(kept.Listed, render.Listed{Version: v, ID: it.ID, Published: it.Published, Updated: it.Updated})
		} else {
			kept.Items = append(kept.Items, it)
		}
	}
	return kept, len(kept.Items) > 0 || len(kept.Listed) < len(parts)
}

func (h *history) document(ctx context.Context, s render.Snapshot, before map[string]render.Made) error {
	large := map[string]*store.Large{}
	made, err := h.press(ctx, s, large).Documents(s, before)
	if err != nil {
		return feed.Classify(feed.Internal, fmt.Errorf("archive %d: %w", s.Archive, err))
	}
	for _, d := range h.storable(made, large) {
		d.Page = true
		h.made = append(h.made, d)
	}
	for _, it := range s.Items {
		if err := h.hostPage(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// Archive returns an archive of the feed by its path. The error is [fs.ErrNotExist] when there is none, and of class Gone when
// the feed is over.
func (m *Mill) Archive(ctx context.Context, f *Feed, path string) (feed.Document, error) {
	state, err := m.ledger.Feed(ctx, f.Name, feedID(f))
	if err != nil {
		return feed.Document{}, err
	}
	d, err := m.library.Document(ctx, state.Serial, path)
	if err != nil {
		return feed.Document{}, err
	}
	if d == nil && f.Over(m.now()) {
		return feed.Document{}, feed.Classify(feed.Gone, fmt.Errorf("archive %s: feed %s has ended", path, f.Name))
	}
	if d == nil {
		return feed.Document{}, fmt.Errorf("archive %s: %w", path, fs.ErrNotExist)
	}
	return d.Document, nil
}
