package store_test

import (
	"errors"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// What a refresh reads must not take longer the more articles, pages and archives there are: no statement may walk through
// all of a feed's.
func TestStatementsUseIndexes(t *testing.T) {
	s, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, now := t.Context(), time.Unix(1, 0)
	read := func(_ any, err error) error { return err }
	media := func(_, _ any, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	err = errors.Join(
		read(s.Find(ctx, 1, store.Lookup{})), read(s.FindAll(ctx, 1, make([]store.Lookup, 2))),
		read(s.Taken(ctx, 1, "id", 1)), read(s.Articles(ctx, 1, []int64{1})),
		read(s.Published(ctx, 1, 1)), read(s.Pending(ctx, 1)), read(s.Expiring(ctx, 1, now)), read(s.NextExpiry(ctx, 1, now)),
		read(s.Noticed(ctx, 1, now, 30)), read(s.Window(ctx, 1, 30)), read(s.Shown(ctx, 1, 30, now)), read(s.ShownAgain(ctx, 1, now, 30)), read(s.Pinned(ctx, 1, 10)),
		read(s.Stale(ctx, 1, 1, "a/")), read(s.LastChunk(ctx, 1)), read(s.FirstChunk(ctx, 1)), read(s.Chunk(ctx, 1, 1)),
		read(s.ChunkOf(ctx, 1, 1)), read(s.Numbered(ctx, 1, 1, 2)), read(s.LiveNumbers(ctx, 1, 1)),
		read(s.ChangedNumbers(ctx, 1, 1, 2)), read(s.LiveDocuments(ctx, 1)), read(s.Pages(ctx, 1, 1)),
		read(s.Document(ctx, 1, "path")), read(s.Delivered(ctx, 1)),
		read(s.TouchMedia(ctx, "name", now)), media(s.ChangedMedia(ctx, 1, 1)), media(s.Media(ctx, "name")),
		read(s.SharedMedia(ctx, 1, "site", []string{"media/name"})),
		read(s.Newest(ctx, 1)), read(s.Added(ctx, 1, []int64{1})), read(s.Listed(ctx, 1, []int64{1})), read(s.ListedDue(ctx, 1, now, 20)),
		read(s.Retagged(ctx, 1, 1)), read(s.Tags(ctx, 1, []int64{1})), read(s.Facet(ctx, 1, "slug")), read(s.FacetOf(ctx, 1, "tag")),
		read(s.LargestFacets(ctx, 1, 40)), read(s.ChangedFacets(ctx, 1, 1)), read(s.Bearing(ctx, 1, store.Facet{}, 0, 30)),
		read(s.NextListed(ctx, 1, now)), read(s.FirstKept(ctx, 1)),
	)
	if err != nil {
		t.Fatal(err)
	}
	large := s.NewLarge(ctx, 1, 10)
	if _, err := large.Write([]byte("body")); err != nil {
		t.Fatal(err)
	}
	if err := large.Close(); err != nil {
		t.Fatal(err)
	}
	if body, err := large.Open(); err != nil || read(io.ReadAll(body)) != nil {
		t.Fatal("a large body cannot be read")
	}
	plans, err := s.Plans(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// A partial index, one that gives the order wanted of which the first rows are taken, or two conditions.
	good := regexp.MustCompile(`INDEX (article_(waiting|notice|pinned)|document_live|\S*chunk_1|sqlite_autoindex_delivery_1|sqlite_autoindex_media_1|media_use_name) |=\? AND (\w+[=<>]|rowid)`)
	for text, plan := range plans {
		for step := range strings.Lines(plan) {
			if (strings.HasPrefix(step, "SEARCH") || strings.HasPrefix(step, "SCAN")) && !good.MatchString(step) && !strings.Contains(text, "FROM feed ") {
				t.Errorf("%s\ngoes about it so:\n%s", text, plan)
				break
			}
		}
		if strings.Contains(text, "revision > $2") && !strings.Contains(plan, "article_revision") {
			t.Errorf("%s\ndoes not begin at the revision:\n%s", text, plan)
		}
		if testing.Verbose() {
			t.Logf("%.90s\n%s", text[max(0, strings.Index(text, "WHERE")):], plan)
		}
	}
}
