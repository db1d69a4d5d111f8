package mill_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// An article that comes back after a withdrawal meets what happened meanwhile.

func TestComingBackToALinkThatIsTakenWaits(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	first := article("a.txt", "First")
	first.Status = feed.Withdrawn
	s.refresh(first)
	second := article("b.txt", "Second")
	second.Slug = "a"
	s.refresh(second)
	s.want("Second")
	page := string(s.site.documents["world/a/a"])
	r := s.refresh(article("a.txt", "First"))
	s.want("Second")
	if o := s.outcome(r, "a.txt"); o.Err == nil || !strings.Contains(o.Err.Error(), "b.txt") || feed.ClassOf(o.Err) != feed.Unreadable {
		t.Errorf("the report says %+v, of class %s", o, feed.ClassOf(o.Err))
	}
	if got := string(s.site.documents["world/a/a"]); got != page {
		t.Error("the page of the one became the page of the other")
	}
	second.Status = feed.Withdrawn
	s.refresh(second)
	again := article("a.txt", "First")
	again.Content += "<p>And more.</p>"
	s.refresh(again)
	s.want("First")
}

func TestComingBackUnderAnEmbargoWaits(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	before := s.entries()["First"]
	a := article("a.txt", "First")
	a.Status = feed.Draft
	s.refresh(a)
	s.want()
	a.Status = feed.Ready
	a.Published = s.now.Add(time.Hour)
	r := s.refresh(a)
	s.want()
	if o := s.outcome(r, "a.txt"); o.State != "waiting" || !strings.Contains(strings.Join(o.Details, " "), "until") {
		t.Errorf("the report says %+v", o)
	}
	if !r.Wake.Equal(a.Published) {
		t.Errorf("the mill wakes at %v, want %v", r.Wake, a.Published)
	}
	r = s.refreshBatch(feed.Batch{Extent: feed.Unchanged}) // another reason to look does not let it go
	s.want()
	if !r.Wake.Equal(a.Published) {
		t.Errorf("then the mill wakes at %v, want %v", r.Wake, a.Published)
	}
	s.now = a.Published.Add(-time.Minute)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("First")
	if got := s.entries()["First"]; got.id != before.id || got.published != before.published {
		t.Errorf("it came back as %+v, want id and date of %+v", got, before)
	}
}

// The page that an article had before it got a link of its own goes with the withdrawal.
func TestWithdrawnArticleLeavesNoPageBehind(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	a := article("a.txt", "First")
	a.Link = "https://news.example.org/first"
	s.refresh(a)
	a.Status = feed.Withdrawn
	s.refresh(a)
	s.want()
	if _, there := s.site.documents["world/a/a"]; there {
		t.Error("the page of the withdrawn article is still there")
	}
}

// A slug that passed on belongs to the one that is live, whatever is done to the other.
func TestAWithdrawnArticleTakesNoPageAway(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 1
	first := article("a.txt", "First")
	s.refresh(first)
	first.Status = feed.Withdrawn
	s.refresh(first)
	second := article("b.txt", "Second")
	second.Slug = "a"
	s.refresh(second)
	s.refresh(article("c.txt", "Third"))
	s.want("Third")
	first.Content += "<p>More.</p>"
	s.refresh(first)
	if page := string(s.site.documents["world/a/a"]); !strings.Contains(page, "Second") {
		t.Errorf("the page of the live article is %q", page)
	}
}

func TestAPanicWhileJudgingIsAnError(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	s.source.batch = feed.Batch{Extent: feed.Increment, Articles: []feed.Article{article("b.txt", "Second")},
		Link: func(feed.Article) (string, error) { panic("a link maker gone mad") }}
	_, err := s.mill.Refresh(t.Context(), s.feed)
	if err == nil || feed.ClassOf(err) != feed.Internal || !strings.Contains(err.Error(), "gone mad") {
		t.Fatalf("the error is %v", err)
	}
	s.refresh(article("b.txt", "Second")) // the lease was given back
	s.want("First", "Second")
}

// A reload may take an output away that loses all it had, and bring it back.
func TestDeliverBringsEverythingAgain(t *testing.T) {
	s := newStand(t)
	s.feed.Outputs[0].Volatile = true
	s.refresh(article("a.txt", "First"))
	s.site.documents = map[string][]byte{}
	if err := s.mill.Deliver(t.Context(), s.feed); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(s.titles(), "First") {
		t.Error("the feed is not there")
	}
}

func TestAWithdrawalByAnOperatorLeavesTheEmbargoOfOthers(t *testing.T) {
	s := newStand(t)
	later := article("b.txt", "Second")
	later.Published = s.now.Add(time.Hour)
	s.refresh(article("a.txt", "First"), later)
	report, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !report.Wake.Equal(later.Published) {
		t.Errorf("the mill wakes at %v, want %v", report.Wake, later.Published)
	}
	s.now = later.Published
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("Second")
}

func TestAnEmptyFeedIsAFeed(t *testing.T) {
	s := newStand(t)
	s.refreshBatch(feed.Batch{Extent: feed.Listing})
	s.want()
	before := string(s.site.documents["world.rss"])
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if got := string(s.site.documents["world.rss"]); got == "" || got != before {
		t.Errorf("the empty feed is %q, then %q", before, got)
	}
}

func TestAFeedWhoseSourceNeverAnsweredShowsNothing(t *testing.T) {
	s := newStand(t)
	s.source.err = feed.Classify(feed.Unavailable, errors.New("the folder does not exist"))
	_, err := s.mill.Refresh(t.Context(), s.feed)
	if feed.ClassOf(err) != feed.Unavailable || strings.Contains(err.Error(), "check") {
		t.Errorf("the error is %v", err)
	}
	if len(s.site.documents) > 0 {
		t.Errorf("%d documents were published", len(s.site.documents))
	}
}

// An installation moves to another address: its articles keep their pages, and their claims on them.
func TestPagesOutliveTheBaseAddress(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	s.feed.Channel.Base = "https://elsewhere.example/feeds"
	twin := article("b.txt", "Second")
	twin.Slug = "a"
	r := s.refresh(twin)
	if o := s.outcome(r, "b.txt"); o.Err == nil || !strings.Contains(o.Err.Error(), "https://elsewhere.example/feeds/world/a/a") {
		t.Errorf("the report says %+v", o)
	}
	s.want("First")
	if page, err := s.mill.Page(t.Context(), s.feed, "a"); err != nil || page.Path != "world/a/a" {
		t.Errorf("the page is %q, %v", page.Path, err)
	}
}

func TestALinkThatAnOperatorSetsFreeIsTaken(t *testing.T) {
	s := newStand(t)
	twin := article("b.txt", "Second")
	twin.Slug = "a"
	s.refresh(article("a.txt", "First"))
	s.refresh(twin)
	s.want("First")
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("Second")
}

func TestAnImportWithOneDateDoesNotReachIntoTheFuture(t *testing.T) {
	s := newStand(t)
	var all []feed.Article
	for i := range 500 {
		a := article(fmt.Sprintf("%03d.txt", i), fmt.Sprintf("Title %03d", i))
		a.Published = s.now
		all = append(all, a)
	}
	s.refresh(all...)
	latest := s.now.Add(30 * time.Second).Format(time.RFC3339)
	seen := map[string]bool{}
	for title, e := range s.entries() {
		if e.updated > latest || seen[e.updated] {
			t.Errorf("%s was updated %s, which is too late or another's; it is %s", title, e.updated, s.now)
		}
		seen[e.updated] = true
	}
}

// A page of ours is taken, however another article comes to name its address.
func TestALinkToAHostedPageIsAClaim(t *testing.T) {
	s := newStand(t)
	other := article("b.txt", "Second")
	other.Link = "https://feeds.example.org/world/a/a"
	s.refresh(article("a.txt", "First"))
	r := s.refresh(other)
	s.want("First")
	if o := s.outcome(r, "b.txt"); o.Err == nil || !strings.Contains(o.Err.Error(), "a.txt") {
		t.Errorf("the report says %+v", o)
	}
	s = newStand(t)
	s.refresh(other)
	s.refresh(article("a.txt", "First"))
	s.want("Second")
	s = newStand(t)
	s.refresh(article("a.txt", "First"), other)
	s.want("First")
}

func TestACopyWithTheSameIDWaits(t *testing.T) {
	s := newStand(t)
	first := article("a.txt", "A")
	first.ID = "7"
	copied := article("b.txt", "A, copied")
	copied.ID = "7"
	for name, batches := range map[string][][]feed.Article{
		"later":      {{first}, {copied}},
		"at once":    {{first, copied}},
		"read again": {{first}, {copied}, {first}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			var o feed.Outcome
			for _, b := range batches {
				if r := s.refresh(b...); b[len(b)-1].Key == "b.txt" {
					o = s.outcome(r, "b.txt")
				}
			}
			s.want("A")
			if o.State != "waiting" || o.Err == nil || !strings.Contains(o.Err.Error(), "a.txt") {
				t.Errorf("reported as %+v", o)
			}
		})
	}
	s.refresh(first, copied)
	id := s.entries()["A"].id
	s.refreshBatch(feed.Batch{Gone: []string{"a.txt"}, WithdrawGone: true, Extent: feed.Increment})
	copied.ID = "8"
	s.refresh(copied)
	if got := s.entries()["A, copied"].id; got == "" || got == id {
		t.Errorf("with an id of its own it has %q", got)
	}
}
