package mill

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"feedmill/feed"
	"feedmill/feed/store"
)

// unknown is the [fs.ErrNotExist] of an article.
type unknown struct{ feed, item string }

func (u unknown) Error() string {
	return fmt.Sprintf("feed %s has no article with the id, link, file or slug %q", u.feed, u.item)
}

func (unknown) Is(target error) bool { return target == fs.ErrNotExist }

// Withdraw takes an article out of every document: no rescan brings it back, only [Mill.Restore] does. item is its public
// id, its link, its key (a file's path) or its slug. The error is [fs.ErrNotExist] when the feed has no such article.
func (m *Mill) Withdraw(ctx context.Context, f *Feed, item string) (Report, error) {
	return m.operate(ctx, f, item, func(r *refresh, row *store.Article) error {
		if row.State == store.Withdrawn && row.Reason == byOperator {
			r.say(row, "withdrawn")
			r.outcomes[row].outcome.Details = []string{"it was already"}
		} else {
			r.withdraw(row, byOperator)
		}
		// The next refresh looks at all that waits: another article may have wanted this one's link.
		r.state.Wake = r.at
		return r.separateUpdates(ctx)
	})
}

// Restore undoes [Mill.Withdraw]: the article is what its source says of it now, with the id and first date it had. An
// article that its author or the lack of its file took out is an error of class Refused.
func (m *Mill) Restore(ctx context.Context, f *Feed, item string) (Report, error) {
	return m.operate(ctx, f, item, func(r *refresh, row *store.Article) error {
		switch {
		case row.State != store.Withdrawn:
			return feed.Classify(feed.Refused, fmt.Errorf("%s is not withdrawn: it is %s", name(row.Said), row.State))
		case row.Reason == byAuthor:
			return feed.Classify(feed.Refused, fmt.Errorf("%s says itself that it is withdrawn or a draft; change its status there", name(row.Said)))
		case row.Reason == byAbsence:
			return feed.Classify(feed.Refused, fmt.Errorf("%s was withdrawn because it is gone; put it back there", name(row.Said)))
		}
		row.State, row.Reason = store.Waiting, ""
		listed, err := r.ledger.Listed(ctx, r.state.Serial, []int64{row.Position})
		if err != nil {
			return err
		}
		if row.Number == 0 && len(listed) > 0 {
			row.Reason = store.LacksPage // it was withdrawn before it was whole
		}
		r.touch(row)
		r.say(row, "restored")
		return r.live(ctx)
	})
}

// operate does something to one article for an operator, and publishes the result.
func (m *Mill) operate(ctx context.Context, f *Feed, item string, do func(*refresh, *store.Article) error) (Report, error) {
	release, err := m.ledger.Lease(ctx, f.Name)
	if err != nil {
		return Report{Feed: f.Name}, err
	}
	defer release()
	r, err := m.begin(ctx, f)
	if err != nil {
		return Report{Feed: f.Name}, err
	}
	found, err := r.named(ctx, item)
	if err != nil {
		return r.report, err
	}
	switch len(found) {
	case 0:
		return r.report, unknown{f.Name, item}
	case 1:
	default:
		return r.report, fmt.Errorf("feed %s has %d articles that %q may mean; name one by its id, such as %s", f.Name, len(found), item, found[0].ID)
	}
	r.know(found)
	if err := do(r, r.rows[found[0].Position]); err != nil {
		return r.report, err
	}
	if err := r.commit(ctx); err != nil {
		return r.report, fmt.Errorf("commit: %w", err)
	}
	told := r.tell(ctx)
	rendered, delivered := r.issue(ctx)
	return r.report, errors.Join(told, rendered, delivered)
}

// named finds the articles that an operator may mean by item, which may be the address of a hosted page as the feed or as
// a browser shows it.
func (r *refresh) named(ctx context.Context, item string) ([]store.Article, error) {
	found, err := r.ledger.Named(ctx, r.state.Serial, item)
	if err != nil || len(found) > 0 {
		return found, err
	}
	escaped, hosted := strings.CutPrefix(item, hostedLink(r.feed, ""))
	slug, malformed := url.PathUnescape(escaped)
	if !hosted || malformed != nil {
		return nil, nil
	}
	return r.ledger.Named(ctx, r.state.Serial, hostedPath(slug))
}
