package local

import (
	"container/heap"
	"time"

	"feedmill/feed"
)

// phase is where a job stands: it waits for its time, is ready for a worker, or a worker is at it.
type phase int

const (
	waiting phase = iota
	ready
	busy
)

type job struct {
	name     string
	schedule feed.Schedule
	due      time.Time // the next tick; zero: none
	wake     time.Time // an extra time; zero: none
	phase    phase
	prompt   bool // ready, and before those that catch up
	again    bool // busy, and asked for meanwhile
	gone     bool // busy, and no longer listed
	place    int  // in the agenda; -1: not in it
}

// at returns when the job is to run, zero for never.
func (j *job) at() time.Time { return earlier(j.due, j.wake) }

func (j *job) next(now time.Time) time.Time { return j.schedule.Next(now).Round(0) }

// earlier returns the earlier of two times; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// agenda holds the jobs that wait, the next one first: a heap for package container/heap.
type agenda []*job

// newAgenda orders the waiting jobs among all.
func newAgenda(all map[string]*job) agenda {
	a := make(agenda, 0, len(all))
	for _, j := range all {
		j.place = -1
		if j.phase == waiting && !j.at().IsZero() {
			j.place = len(a)
			a = append(a, j)
		}
	}
	heap.Init(&a)
	return a
}

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, k int) bool { return a[i].at().Before(a[k].at()) }

func (a agenda) Swap(i, k int) {
	a[i], a[k] = a[k], a[i]
	a[i].place, a[k].place = i, k
}

// Push adds a job; call heap.Push.
func (a *agenda) Push(x any) {
	j := x.(*job)
	j.place = len(*a)
	*a = append(*a, j)
}

// Pop removes the last job; call heap.Pop.
func (a *agenda) Pop() any {
	last := len(*a) - 1
	j := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	j.place = -1
	return j
}
