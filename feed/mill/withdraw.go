package mill

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"feedmill/feed/store"
)

// Withdraw takes an article out of every document, for good: no rescan brings it back. item is its public id, its link,
// its key (a file's path) or its slug. The error is [fs.ErrNotExist] when the feed has no such article.
func (m *Mill) Withdraw(ctx context.Context, f *Feed, item string) (Report, error) {
	release, err := m.ledger.Lease(ctx, f.Name)
	if err != nil {
		return Report{Feed: f.Name}, err
	}
	defer release()
	r, err := m.begin(ctx, f)
	if err != nil {
		return Report{Feed: f.Name}, err
	}
	found, err := m.ledger.Named(ctx, r.state.Serial, item)
	if err != nil {
		return r.report, err
	}
	switch len(found) {
	case 0:
		return r.report, fmt.Errorf("feed %s has no article with the id, link, key or slug %q: %w", f.Name, item, fs.ErrNotExist)
	case 1:
	default:
		return r.report, fmt.Errorf("feed %s has %d articles that %q may mean; name one by its id, such as %s", f.Name, len(found), item, found[0].ID)
	}
	r.know(found)
	row := &found[0]
	if row.State == store.Withdrawn && row.Reason == byOperator {
		r.say(row, "withdrawn")
		r.outcomes[row].outcome.Details = []string{"it was already"}
	} else {
		r.withdraw(row, byOperator)
	}
	if err := r.wake(ctx); err != nil {
		return r.report, err
	}
	if err := r.commit(ctx); err != nil {
		return r.report, fmt.Errorf("commit: %w", err)
	}
	rendered := r.render(ctx)
	return r.report, errors.Join(rendered, r.deliver(ctx))
}
