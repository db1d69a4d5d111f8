package files

import (
	"context"
	"time"
)

// Watch looks for changes as often as the configuration says and calls changed when there is something to fetch, so that
// an article is known five seconds after it was saved: it asks the file system again and again, for network shares tell
// of no change by themselves. It calls once for each change, and not before the first fetch. It returns nil when ctx
// ends; a look that fails is logged, once until one succeeds.
func (f *Files) Watch(ctx context.Context, changed func()) error {
	every := time.Duration(f.config.Watch)
	if every <= 0 {
		<-ctx.Done()
		return nil
	}
	f.setWatching(true)
	defer f.setWatching(false)
	failing := false
	for pause := every; wait(ctx, pause) == nil; {
		news, waiting, err := f.glance(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			f.log.Warn("cannot look for changes", "folder", f.base, "err", err)
		case err == nil && failing:
			f.log.Info("can look for changes again", "folder", f.base)
		}
		failing = err != nil
		if news {
			changed()
		}
		pause = every
		if waiting {
			pause = min(every, settle)
		}
	}
	return nil
}

func (f *Files) setWatching(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watching = on
}

// glance takes a look and reports whether there is something to announce, and whether another look is to follow soon.
func (f *Files) glance(ctx context.Context) (news, waiting bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	l, err := f.walk(ctx)
	if err != nil {
		return false, false, err
	}
	f.sights.observe(now, l)
	d := f.sights.due(now)
	changed := f.changedMedia(now, false)
	news = f.sights.announce(d) // both are to be told of
	news = changed.announce() || news
	return f.fetched && news, d.waiting || changed.waiting, nil
}
