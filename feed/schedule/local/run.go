package local

import (
	"container/heap"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"feedmill/feed"
)

// Run works until ctx ends; see [feedmill/feed/schedule.Engine]. A refresh that was cut off keeps its stored due time, so that the
// next start makes up for it. The error is that of the last Save, or that the engine ran before.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.start(); err != nil {
		return err
	}
	var workers sync.WaitGroup
	for range e.config.Workers {
		workers.Go(func() { e.work(ctx) })
	}
	// Recover stands inside: a panic that went through SkipIfStillRunning would make it skip for ever.
	beats := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(cron.DiscardLogger), cron.WithChain(
		cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(panics{e.config.Log})))
	beats.Schedule(cron.Every(time.Second), cron.FuncJob(e.look))
	if e.config.Save != nil {
		saver := saver{engine: e}
		beats.Schedule(cron.Every(time.Second), cron.FuncJob(func() { saver.beat(ctx) }))
	}
	e.look()
	beats.Start()

	<-ctx.Done()
	beaten := beats.Stop()
	e.stop()
	<-beaten.Done()
	workers.Wait()
	return e.saveLast(ctx)
}

func (e *Engine) start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stage != fresh {
		return errors.New("run schedule: it was run before; make a new engine")
	}
	e.stage = running
	return nil
}

func (e *Engine) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stage = stopped
	e.turn.Broadcast()
}

// look makes ready what is due.
func (e *Engine) look() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	if now.Before(e.looked) {
		e.setBack(now)
	}
	e.looked = now
	for len(e.agenda) > 0 && !e.agenda[0].at().After(now) {
		j := heap.Pop(&e.agenda).(*job)
		e.makeReady(j)
	}
}

// setBack answers a clock that was set back: a job must not wait until the time it was due is reached once more.
func (e *Engine) setBack(now time.Time) {
	for _, j := range e.agenda {
		j.due = earlier(j.due, j.next(now))
	}
	heap.Init(&e.agenda)
}

// work refreshes what is ready, one job after the other, until the engine stops.
func (e *Engine) work(ctx context.Context) {
	for j := e.take(); j != nil; j = e.take() {
		e.refresh(ctx, j)
	}
}

// take waits for a ready job and makes it busy. Nil: the engine stopped.
func (e *Engine) take() *job {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.stage == running {
		if j := e.firstReady(); j != nil {
			j.phase, j.prompt = busy, false
			if !j.wake.After(e.now()) {
				j.wake = time.Time{}
			}
			return j
		}
		e.turn.Wait()
	}
	return nil
}

// firstReady takes the next job off the lists, passing over those that moved up or were removed since.
func (e *Engine) firstReady() *job {
	for _, list := range []*[]*job{&e.prompt, &e.catchUp} {
		for len(*list) > 0 {
			j := (*list)[0]
			(*list)[0] = nil
			*list = (*list)[1:]
			if j.phase == ready {
				return j
			}
		}
	}
	return nil
}

// outcome is how a refresh ended.
type outcome struct {
	started  time.Time
	wake     time.Time
	err      error
	panicked bool
}

func (e *Engine) refresh(ctx context.Context, j *job) {
	o := outcome{started: e.now(), panicked: true}
	recovering := cron.NewChain(cron.Recover(panics{e.config.Log.With("feed", j.name)}))
	recovering.Then(cron.FuncJob(func() {
		o.wake, o.err = e.config.Refresh(ctx, j.name)
		o.panicked = false
	})).Run()
	cutOff := ctx.Err() != nil && (o.err != nil || o.panicked)
	e.finish(j, o, cutOff)
}

// finish sets when j runs next.
func (e *Engine) finish(j *job, o outcome, cutOff bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	j.phase = waiting
	if j.gone {
		delete(e.jobs, j.name)
		return
	}
	switch {
	case o.wake.After(o.started):
		j.wake = o.wake.Round(0)
	case o.err == nil && !o.panicked:
		j.wake = time.Time{}
	}
	if cutOff {
		return
	}
	j.due = j.next(e.now())
	e.changed[j.name] = j.at()
	switch {
	case j.again:
		j.again = false
		e.makeReady(j)
	case !j.at().IsZero():
		heap.Push(&e.agenda, j)
	}
}

// panics writes what robfig/cron's Recover caught.
type panics struct{ log *slog.Logger }

func (panics) Info(string, ...any) {}

func (p panics) Error(err error, _ string, stack ...any) {
	p.log.With("class", feed.Internal, "error", err).Error("panic in the schedule, an error of feedmill: it goes on at the next tick", stack...)
}
