package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Plans tells how the database goes about each statement that was read with so far.
func (s *Store) Plans(ctx context.Context) (map[string]string, error) {
	texts := []string{selectFeed, selectMemory, selectETag}
	s.often.mu.Lock()
	for text := range s.often.read {
		texts = append(texts, text)
	}
	s.often.mu.Unlock()
	plans := map[string]string{}
	for _, text := range texts {
		args := 0
		for strings.Contains(text, "$"+strconv.Itoa(args+1)) {
			args++
		}
		steps, err := s.plan(ctx, text, args)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		plans[text] = steps
	}
	return plans, nil
}

func (s *Store) plan(ctx context.Context, text string, args int) (steps string, err error) {
	rows, err := s.read.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text, slices.Repeat([]any{0}, args)...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return "", err
		}
		steps += step + "\n"
	}
	return steps, rows.Err()
}
