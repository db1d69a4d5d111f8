package batch_test

import (
	"strconv"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/source/sourcetest"
)

func article(i int) *feed.Article { return &feed.Article{ID: strconv.Itoa(i)} }

func TestMoreArticlesThanAreRemembered(t *testing.T) {
	m := sourcetest.NewMemory()
	k := batch.Recall(m, "known")
	for i := range 5000 {
		if k.Meet(article(i), false) {
			t.Fatalf("article %d is known before it was seen", i)
		}
	}
	k.Save(m)
	k = batch.Recall(m, "known")
	if !k.Meet(article(4999), false) {
		t.Error("an article that was seen is not known")
	}
	k.Save(m)
	if k = batch.Recall(m, "known"); !k.Meet(article(4999), false) || k.Meet(article(10), false) {
		t.Error("not those that were met last are remembered")
	}
}

func TestTheSameArticlesAreNotSavedAgain(t *testing.T) {
	m := sourcetest.NewMemory()
	for range 2 {
		m.Commit()
		k := batch.Recall(m, "known")
		for i := range 50 {
			k.Meet(article(i), false)
		}
		k.Save(m)
	}
	if m.Puts != 0 {
		t.Error("what did not change was put again")
	}
}

func TestARelativeDateStays(t *testing.T) {
	m := sourcetest.NewMemory()
	for i := range 2 {
		a := article(1)
		a.Published = time.Unix(1_000_000+int64(i), 0)
		k := batch.Recall(m, "known")
		k.Meet(a, true)
		k.Save(m)
		if a.Published.Unix() != 1_000_000 {
			t.Errorf("look %d: dated %v", i+1, a.Published)
		}
	}
}
