package mill

import (
	"context"

	"feedmill/feed/store"
)

// lookup names what may recognise the article.
func (in *incoming) lookup() store.Lookup {
	return store.Lookup{Given: in.ID, Key: in.Key, Link: in.Link, Digest: in.digest}
}

// lookUpAtOnce makes the first lookup of every incoming article together: for a feed of which one article is new, the
// others are most of the work.
func (r *refresh) lookUpAtOnce(ctx context.Context) error {
	if len(r.incoming) < 2 {
		return nil
	}
	lookups := make([]store.Lookup, len(r.incoming))
	for i, in := range r.incoming {
		lookups[i] = in.lookup()
	}
	found, err := r.ledger.FindAll(ctx, r.state.Serial, lookups)
	if err != nil {
		return err
	}
	r.know(found)
	given, key, link, gone := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for i := range found {
		row := &found[i]
		given[row.Given]++
		key[row.Key]++
		link[row.Link]++
		if row.Gone {
			gone[row.Digest]++
		}
	}
	delete(given, "")
	delete(key, "")
	delete(link, "")
	r.looked = make(map[store.Lookup]int, len(lookups))
	for _, l := range lookups {
		// One that is found by several of its words counts several times: only none or some is asked for.
		r.looked[l] = given[l.Given] + key[l.Key] + link[l.Link] + gone[l.Digest]
	}
	return nil
}
