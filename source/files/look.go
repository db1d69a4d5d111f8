package files

import (
	"slices"
	"time"
)

const (
	// settle is how long a file must keep its size and time before it is read, and how long one must be away before
	// it is believed to be gone.
	settle = 2 * time.Second
	// patience is how long a new file waits for a missing one, and the other way round, so that the two ends of a
	// renaming come in one batch: the time to settle and two looks more.
	patience = 3 * settle
	// looksAtMost is how many looks a fetch takes when nobody watches, and after how many that found it changed a file
	// is reported as still being written.
	looksAtMost = 5
)

// phase is where a file stands between being noticed and being handed over.
type phase int

const (
	fresh    phase = iota // seen once like this
	settled               // two looks agreed
	missing               // not there, though its folder is
	lost                  // not there in two looks: gone
	stranded              // not there, and neither is the folder in which it was: believed to be still somewhere
)

// sight is what the looks of this process know of one file.
type sight struct {
	seen
	phase   phase
	since   time.Time // when it was first seen like this, or first missed
	look    int       // the number of the last look that found it
	changes int       // how often it was found changed without settling
	known   bool      // the index has it
	taken   bool      // the index has it just like this: nothing is to be done
	told    bool      // Watch has announced it like this
}

// sights are all files seen in this process or remembered in the index, by key.
type sights struct {
	files map[string]*sight
	looks int
}

// observe takes in what a look found.
func (s *sights) observe(now time.Time, l *listing) {
	s.looks++
	for i := range l.files {
		s.meet(now, &l.files[i], l)
	}
	for key := range l.blocked {
		if v := s.files[key]; v != nil {
			v.look = s.looks
		}
	}
	for key, v := range s.files {
		switch {
		case v.look == s.looks:
		case v.known:
			if anew, ok := l.remounted[v.folder]; ok {
				v.folder = anew
			}
			v.miss(now, l.folders[v.folder])
		default:
			delete(s.files, key)
		}
	}
}

// meet takes in one file that is there.
func (s *sights) meet(now time.Time, f *found, l *listing) {
	v := s.files[f.key]
	if v == nil {
		v = &sight{}
		s.files[f.key] = v
	}
	isNew := v.look == 0 && !v.known
	v.look = s.looks
	if v.folder != f.folder {
		// The same file in the same inode of another device: this is the same folder, mounted anew.
		if v.known && v.folder.inode == f.folder.inode {
			l.remounted[v.folder] = f.folder
		}
		v.folder, v.taken, v.told = f.folder, false, false
	}
	switch {
	case isNew || v.stamp != f.stamp:
		v.stamp, v.since, v.phase, v.taken, v.told = f.stamp, now, fresh, false, false
		v.changes++
		// What has lain there for a while when the process starts is not being written any more.
		if s.looks == 1 && now.Sub(time.Unix(0, f.modified)) >= settle {
			v.settle()
		}
	case v.phase == fresh && now.Sub(v.since) >= settle, v.phase >= missing && v.taken:
		v.settle()
	case v.phase >= missing:
		v.phase, v.since = fresh, now
	}
}

func (v *sight) settle() { v.phase, v.changes = settled, 0 }

// miss takes in that a known file is not there; folder says whether the folder in which it was is.
func (v *sight) miss(now time.Time, folder bool) {
	switch {
	case !folder:
		v.phase = stranded
	case v.phase < missing || v.phase == stranded:
		v.phase, v.since, v.told = missing, now, false
	case v.phase == missing && now.Sub(v.since) >= settle:
		v.phase = lost
	}
}

// reconcile takes over what the index says, which may be less than what was last put: a commit can fail. Again says
// that bad files are to be tried once more.
func (s *sights) reconcile(now time.Time, x index, again bool) {
	for key, v := range s.files {
		if _, ok := x[key]; !ok {
			v.known, v.taken = false, false
			if v.phase >= missing {
				delete(s.files, key)
			}
		}
	}
	for key, r := range x {
		v := s.files[key]
		if v == nil {
			v = &sight{seen: r.seen, phase: settled, since: now}
			s.files[key] = v
		}
		v.known, v.taken = true, v.seen == r.seen
		if v.taken && v.phase == fresh {
			v.settle()
		}
		v.taken = v.taken && (!r.bad || !again)
	}
}

// due is what a fetch has to do.
type due struct {
	ready    []string // files to read
	gone     []string // known files that are no more
	restless []string // files that will not settle
	stranded []string // known files that vanished with their folder
	waiting  bool     // another look will tell more
}

// due says what there is to do. A renaming is seen as a file that is gone and a new one: neither is due while the other
// may still turn up, but they wait for each other no longer than patience. A new file is never due before one that is
// gone: the mill knows an article again under its new name once it has lost the old one, but not the other way round.
func (s *sights) due(now time.Time) due {
	missed, arriving := false, false
	for _, v := range s.files {
		missed = missed || v.phase == missing
		arriving = arriving || v.phase == fresh && !v.known
	}
	held := func(v *sight) bool { return v.phase == lost && arriving && now.Sub(v.since) < patience }
	for _, v := range s.files {
		missed = missed || held(v)
	}
	var d due
	var waiting []string // files that are gone and held
	arrived := false     // a new file is due
	for key, v := range s.files {
		switch v.phase {
		case fresh:
			d.waiting = true
			if v.changes >= looksAtMost {
				d.restless = append(d.restless, key)
			}
		case settled:
			switch {
			case v.taken:
			case !v.known && missed && now.Sub(v.since) < patience:
				d.waiting = true
			default:
				d.ready = append(d.ready, key)
				arrived = arrived || !v.known
			}
		case missing:
			d.waiting = true
		case lost:
			if held(v) {
				waiting = append(waiting, key)
			} else {
				d.gone = append(d.gone, key)
			}
		case stranded:
			d.stranded = append(d.stranded, key)
		}
	}
	if arrived {
		d.gone = append(d.gone, waiting...)
	} else {
		d.waiting = d.waiting || len(waiting) > 0
	}
	slices.Sort(d.ready)
	slices.Sort(d.gone)
	return d
}

// announce reports whether there is something to do that Watch has not announced yet, and marks it as announced.
func (s *sights) announce(d due) bool {
	news := false
	for _, keys := range [][]string{d.ready, d.gone} {
		for _, key := range keys {
			v := s.files[key]
			news = news || !v.told
			v.told = true
		}
	}
	return news
}
