package sql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"feedmill/feed"
)

// The bounds of one fetch.
const (
	mostRows  = 20_000   // that are new; with :since the next fetch goes on
	mostBytes = 64 << 20 // in them
	mostRow   = 8 << 20  // bytes of one
)

// taken is a row that was read.
type taken struct {
	number  int
	mark    rowMark
	at      time.Time // of its updated; zero when it has none
	updated cell
	cells   []cell // nil: it is known already
}

// reading is what one fetch read.
type reading struct {
	*Source
	state *state
	query query
	shape shape
	table *table

	rows    []taken
	met     map[rowMark]bool
	fresh   int // rows that are not known
	bytes   int
	ordered bool // they came in the order of updated
	// cut says that there is more than was read; broken is why nothing came after the last row.
	cut    bool
	broken error
	large  []int // numbers of rows that are too large
	number int
}

// run reads everything that there is to be read, in one transaction.
func (r *reading) run(ctx context.Context, s session) error {
	if err := r.describe(ctx, s); err != nil {
		return err
	}
	if r.query.uses == 0 {
		return r.page(ctx, s, r.query.limit, nil)
	}
	if r.state.Since != nil {
		return r.pages(ctx, s, same(r.state.Since.cell(), r.query.uses))
	}
	for _, from := range r.shape.beginnings {
		if err := r.pages(ctx, s, from); err != nil || len(r.rows) > 0 {
			return err
		}
	}
	return nil
}

// describe finds the words that the columns bear.
func (r *reading) describe(ctx context.Context, s session) (err error) {
	ctx, stop := context.WithTimeout(ctx, r.timeout())
	defer stop()
	if r.shape, err = s.describe(ctx, r.query); err != nil {
		return err
	}
	if r.table, err = newTable(r.shape.columns); err != nil {
		return refused(err)
	}
	if _, ok := r.table.at["updated"]; r.query.uses > 0 && !ok {
		return refused(errors.Join(append([]error{errors.New("the query uses :since and gives no column updated, from which feedmill takes the moment; " +
			"write for example  modified_at AS updated")}, r.table.unknown...)...))
	}
	return nil
}

// pages asks again from where a page ended, until none says anything new. A LIMIT that is in the way is raised: what does not
// come in the order of updated, or is more at one moment than it lets through, would be lost.
func (r *reading) pages(ctx context.Context, s session, from []cell) error {
	rows := r.query.limit
	for {
		begun, number := len(r.rows), r.number
		if err := r.page(ctx, s, rows, from); err != nil || r.cut || r.broken != nil {
			return err
		}
		full := rows > 0 && r.number-number >= rows
		next, ok := r.last(begun, from)
		switch {
		case rows > 0 && !full, rows == 0 && (!ok || !r.ordered || len(r.rows) == begun):
			return nil
		case ok && r.ordered:
			from = same(next, r.query.uses)
		default:
			rows *= 4
		}
	}
}

// last is where the page that began with a row goes on: the newest updated but one, for more rows may share the newest. false:
// it does not go on, for there is none between.
func (r *reading) last(begun int, from []cell) (cell, bool) {
	var newest, before taken
	for _, t := range r.rows[begun:] {
		switch {
		case t.at.After(newest.at):
			newest, before = t, newest
		case t.at.After(before.at) && t.at.Before(newest.at):
			before = t
		}
	}
	if before.at.IsZero() || before.updated == from[0] {
		return cell{}, false
	}
	return before.updated, true
}

// page asks the database once.
func (r *reading) page(ctx context.Context, s session, limit int, from []cell) error {
	waiting, stop := context.WithTimeout(ctx, r.timeout())
	defer stop()
	err := s.rows(waiting, r.query.sql(r.config.DSN.driver, limit), r.shape, from, r.take)
	switch {
	case errors.Is(err, errStop):
		r.cut = true
		return nil
	case err != nil && ctx.Err() == nil && r.fresh > 0:
		r.broken = err // what came is good
		return nil
	}
	return err
}

// take takes a row.
func (r *reading) take(cells []cell) error {
	r.number++
	if len(cells) != len(r.table.columns) {
		return feed.Classify(feed.Unreadable, fmt.Errorf("a row has %d columns, the query said %d", len(cells), len(r.table.columns)))
	}
	t := taken{number: r.number, mark: markOf(cells)}
	if r.met[t.mark] {
		return nil
	}
	if i, ok := r.table.at["updated"]; ok && !cells[i].null {
		t.updated = cells[i]
		t.at, _ = dateOf(cells[i].text, r.table.columns[i].kind, r.loc)
	}
	if len(r.rows) > 0 && t.at.Before(r.rows[len(r.rows)-1].at) {
		r.ordered = false
	}
	if !r.state.seen[t.mark] {
		size := 0
		for _, c := range cells {
			size += len(c.text)
		}
		if r.fresh == mostRows || r.fresh > 0 && r.bytes+size > mostBytes {
			return errStop
		}
		r.fresh++
		if size > mostRow {
			r.large = append(r.large, t.number)
		} else {
			r.bytes += size
			t.cells = cells
		}
	}
	r.met[t.mark] = true
	r.rows = append(r.rows, t)
	return nil
}

func (s *Source) timeout() time.Duration { return time.Duration(s.config.Timeout) }
