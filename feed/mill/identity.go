package mill

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"feedmill/feed"
	"feedmill/feed/store"
)

// incoming is an article on its way in, and the stored article that it was recognised as.
type incoming struct {
	feed.Article
	batch    *batch
	digest   string
	material string
	named    bool           // its id is its own: no other of the batch has it
	tells    bool           // its link is its own: no other of the batch has it, and it is not the web site's
	doubles  []*incoming    // the same article in later sources
	row      *store.Article // nil: not known yet
	dropped  string         // the filter that dropped it
	filtered string         // how many filters there are, and a line for each that did something with it
	sifted   bool           // it is new or changed, and was sent through the filters
	enrichment
}

// enrichment is what an incoming article has to do with pages: see enrich.go.
type enrichment struct {
	raw     feed.Article  // as its source listed it
	listed  *store.Listed // what is stored of it while it waits for a page; nil when it does not
	resumed bool          // it waited, and its time has come
	// inherited says that it waited for a source with other words: the same one, as it was before its words changed.
	inherited bool
	pages     map[string]added // what its pages add to it, by what asked for them
	gained    []string         // those of them that are new
	asks      string           // what asks for a page that is not there; empty when none does
	asked     feed.Article     // as it is then
	whole     feed.Article     // what came of asking in this refresh
	failure   error
	lacked    error // why it goes on without its page
}

// recognise finds for every incoming article the stored one that it is. The rules go from certain to likely, and a stored
// article is given away once:
//
//  1. the id given by the source, unless another file that is still there has it;
//  2. the same key with the same words: nothing happened;
//  3. the same words under another key, when the article that had them lost its key (renamed, moved, swapped);
//  4. the same key: edited, unless both have given ids and these differ;
//  5. the same link, if it tells articles apart, for sources without keys: whoever has it, and even if the given ids differ,
//     for sites change all their ids at once; for files only when the other's origin is gone and no ids differ;
//  6. the same title or most of the words, when exactly one origin vanished (renamed and edited);
//  7. for sources without keys, what a listing no longer has (vanished.go).
func (r *refresh) recognise(ctx context.Context) error {
	if r.state.Position == 0 {
		return nil
	}
	if err := r.lookUp(ctx); err != nil {
		return err
	}
	r.known = r.index()
	r.settle()
	gone := r.goneKeys()
	incomingKeys := map[string]*incoming{}
	for _, in := range r.incoming {
		incomingKeys[in.Key] = in
	}
	// lostKey: the row's key stands for other words now, or for nothing.
	lostKey := func(row *store.Article) bool {
		other := incomingKeys[row.Key]
		return row.Gone || gone[row.Key] || (other != nil && other.digest != row.Digest)
	}
	taken := map[*store.Article]bool{}
	match := func(among func(*incoming) []*store.Article, fits func(*incoming, *store.Article) bool) {
		for _, in := range r.incoming {
			if in.row != nil {
				continue
			}
			if row := only(among(in), func(row *store.Article) bool { return !taken[row] && fits(in, row) }); row != nil {
				in.row, taken[row] = row, true
			}
		}
	}
	match(func(in *incoming) []*store.Article { return r.known.given[in.ID] },
		func(in *incoming, row *store.Article) bool {
			if in.Key == "" { // an id that is no URI means something within its source only
				if !in.named && !sameAddress(in, row) {
					return false
				}
				return isURI(in.ID) || row.Source == in.batch.digest || !r.has(row.Source) && sameAddress(in, row)
			}
			return in.Key == row.Key || lostKey(row)
		})
	match(func(in *incoming) []*store.Article { return r.known.key[in.Key] },
		func(in *incoming, row *store.Article) bool { return in.digest == row.Digest })
	match(func(in *incoming) []*store.Article { return r.known.digest[in.digest] },
		func(in *incoming, row *store.Article) bool { return in.Key != "" && lostKey(row) && sameGiven(in, row) })
	match(func(in *incoming) []*store.Article { return r.known.key[in.Key] }, sameGiven)
	match(func(in *incoming) []*store.Article { return r.known.link[place(in.Link)] },
		func(in *incoming, row *store.Article) bool {
			if in.Key == "" {
				// Another id of the same source is another article unless all it has lies before us; who still has the
				// old id was given the article before.
				return sameGiven(in, row) || in.tells && (in.batch.Extent == feed.Listing || row.Source != in.batch.digest)
			}
			return lostKey(row) && sameGiven(in, row)
		})
	if err := r.recogniseLearned(ctx, taken); err != nil {
		return err
	}
	r.recogniseEdited(gone, taken)
	if err := r.recogniseAdopted(ctx, taken); err != nil {
		return err
	}
	return r.recogniseVanished(ctx, taken)
}

// known finds stored articles by what may recognise them; the empty word finds none.
type known struct{ given, key, link, digest map[string][]*store.Article }

func (r *refresh) index() known {
	k := known{map[string][]*store.Article{}, map[string][]*store.Article{}, map[string][]*store.Article{}, map[string][]*store.Article{}}
	for _, row := range r.sortedRows() {
		k.given[row.Given] = append(k.given[row.Given], row)
		k.key[row.Key] = append(k.key[row.Key], row)
		k.link[place(row.Link)] = append(k.link[place(row.Link)], row)
		k.digest[row.Digest] = append(k.digest[row.Digest], row)
	}
	delete(k.given, "")
	delete(k.key, "")
	delete(k.link, "")
	return k
}

// only returns the row that fits, nil when none does or several do, for then none is certain.
func only(rows []*store.Article, fits func(*store.Article) bool) *store.Article {
	var found *store.Article
	for _, row := range rows {
		if !fits(row) {
			continue
		}
		if found != nil {
			return nil
		}
		found = row
	}
	return found
}

// sameGiven reports that no two different given ids speak against the match.
func sameGiven(in *incoming, row *store.Article) bool {
	return in.ID == "" || row.Given == "" || in.ID == row.Given
}

// sameAddress reports that both have the same link, or neither has one and the titles are the same.
func sameAddress(in *incoming, row *store.Article) bool {
	return place(in.Link) == place(row.Said.Link) && (in.Link != "" || in.Title == row.Said.Title)
}

// lookUp reads every stored article that may be one of the incoming, or whose origin is gone.
func (r *refresh) lookUp(ctx context.Context) error {
	if err := r.lookUpAtOnce(ctx); err != nil {
		return err
	}
	for _, in := range r.incoming {
		for _, one := range append([]*incoming{in}, in.doubles...) {
			if err := r.lookUpOne(ctx, one); err != nil {
				return err
			}
		}
	}
	for _, b := range r.batches {
		for _, key := range b.Gone {
			if _, err := r.find(ctx, store.Lookup{Key: key}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *refresh) lookUpOne(ctx context.Context, in *incoming) error {
	found, err := r.find(ctx, in.lookup())
	if err == nil && found == 0 && in.Key == "" {
		err = r.findAddress(ctx, in.Link)
	}
	return err
}

// findAddress looks for those whose link leads to the same place.
func (r *refresh) findAddress(ctx context.Context, link string) error {
	for _, form := range formsOf(link) {
		if _, err := r.find(ctx, store.Lookup{Link: form}); err != nil {
			return err
		}
	}
	return nil
}

func (r *refresh) find(ctx context.Context, l store.Lookup) (int, error) {
	if n, looked := r.looked[l]; looked {
		return n, nil
	}
	found, err := r.ledger.Find(ctx, r.state.Serial, l)
	r.know(found)
	return len(found), err
}

// know adds stored articles to those looked at, each position once.
func (r *refresh) know(found []store.Article) {
	for i := range found {
		if r.rows[found[i].Position] == nil {
			r.rows[found[i].Position] = &found[i]
		}
	}
}

func (r *refresh) sortedRows() []*store.Article {
	rows := make([]*store.Article, 0, len(r.rows))
	for _, row := range r.rows {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *store.Article) int { return int(a.Position - b.Position) })
	return rows
}

func (r *refresh) goneKeys() map[string]bool {
	gone := map[string]bool{}
	for _, b := range r.batches {
		for _, key := range b.Gone {
			gone[key] = true
		}
	}
	return gone
}

// space is the UUID namespace of feedmill's own ids (RFC 9562 section 5.5).
var space = uuid.MustParse("7f1c2f52-5b1e-5a0e-9d0c-5e0a4f1d6b3a")

// opaque makes an id that shows nothing and is the same for the same words, so that a lost state does not make every
// article new to its readers.
func opaque(words ...string) string {
	return uuid.NewSHA1(space, []byte(strings.Join(words, "\x00"))).URN()
}

func feedID(f *Feed) string { return opaque("feed", f.Channel.Base, f.Name) }

// publicID chooses the id that the article keeps for ever: the given one if it is a URI, else one made of it; else the
// article's own link; else an opaque one. An id that another article has is never used again.
func (r *refresh) publicID(ctx context.Context, row *store.Article, used map[string]bool) (string, error) {
	for _, id := range append(r.idsOf(row), opaque("article", r.feed.Name, row.Key, row.Link, fmt.Sprint(row.Position))) {
		if used[id] {
			continue
		}
		taken, err := r.taken(ctx, id, row.Position)
		if err != nil {
			return "", err
		}
		if !taken {
			used[id] = true
			return id, nil
		}
	}
	return "", fmt.Errorf("every id of article %s is taken", row.Key)
}

// idsOf are the ids that the article would get, the first that is free.
func (r *refresh) idsOf(row *store.Article) []string {
	var candidates []string
	switch {
	case isURI(row.Given):
		candidates = append(candidates, row.Given)
	case row.Given != "":
		candidates = append(candidates, opaque("id", r.feed.Name, row.Given))
	case !row.Hosted && row.Link != "":
		candidates = append(candidates, row.Link)
	}
	return append(candidates, opaque("article", r.feed.Name, row.Key, row.Link))
}

// taken reports whether a stored article has the id.
func (r *refresh) taken(ctx context.Context, id string, position int64) (bool, error) {
	if r.stored() == 0 {
		return false, nil
	}
	return r.ledger.Taken(ctx, r.state.Serial, id, position)
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Opaque != "" || u.Host != "") && !strings.ContainsAny(s, " <>\"{}|\\^`") &&
		strings.IndexFunc(s, func(c rune) bool { return c > 0x7e || c < 0x21 }) < 0
}
