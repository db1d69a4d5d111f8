package files

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"time"

	"feedmill/feed"
)

// mediaIndex is what is remembered of the files that articles refer to, by the articles' keys.
type mediaIndex map[string][]attached

// attached is one file that an article refers to, as it was when the article was read last.
type attached struct {
	Ref      string `json:"ref"`             // as the article refers to it
	Sound    bool   `json:"sound,omitempty"` // by the word audio
	Place    place  `json:"place"`           // where it was, or where it was first looked for
	Size     int64  `json:"size,omitempty"`
	Modified int64  `json:"modified,omitempty"` // 0, as is Size: it was not there
	// Media is what it is published as; nil when it is not.
	Media *feed.Media `json:"media,omitempty"`
	Wrong string      `json:"wrong,omitempty"` // why a file that is there is not
}

func (a attached) stamp() stamp { return stamp{a.Size, a.Modified} }

// mediaKey is where the index lies in the source's memory.
const mediaKey = "media"

func (x mediaIndex) encode() []byte {
	blob, err := json.Marshal(x)
	if err != nil {
		return nil // texts and numbers can always be written
	}
	return blob
}

// recallMedia makes the index what the memory says. One that cannot be read counts as none: pictures are read again with
// their articles.
func (f *Files) recallMedia(m feed.Memory) {
	blob := m.Get(mediaKey)
	if f.media == nil || !slices.Equal(blob, f.blob) {
		f.media = mediaIndex{}
		if err := json.Unmarshal(blob, &f.media); err != nil && blob != nil {
			f.log.Warn("what is known of pictures is read anew with their articles", "folder", f.base, "err", err)
			f.media = mediaIndex{}
		}
	}
	f.blob = nil // should this fetch end early, it agrees with nothing
}

// remember takes down to what an article refers.
func (f *Files) remember(t *take, key string, r result) {
	switch {
	case r.changed && r.awaited != "":
		t.unfinished[key] = r.awaited
	case r.changed || r.article == nil:
	case len(r.media) == 0 && f.media[key] == nil:
	case len(r.media) == 0:
		delete(f.media, key)
		t.mediaChanged = true
	default:
		f.media[key] = r.media
		t.mediaChanged = true
	}
}

// shot is a file that is not as it was taken, as the looks of this process saw it.
type shot struct {
	stamp
	began time.Time // when it was first seen to be another
	since time.Time // when it was first seen just like this
	done  bool      // it is not being written any more
	told  bool      // Watch has announced it like this
}

// patienceForMedia is how long an article waits for a file that is still being written.
const patienceForMedia = 5 * time.Minute

// see takes in how a file is that is not as it was taken, under f.mu.
func (f *Files) see(file string, now time.Time, s stamp) *shot {
	seen := f.shots[file]
	switch {
	case seen == nil:
		// What has lain there for a while when the process starts is not being written any more.
		seen = &shot{stamp: s, began: now, since: now, done: f.sights.looks <= 1 && now.Sub(time.Unix(0, s.modified)) >= settle}
		f.shots[file] = seen
	case seen.stamp != s:
		seen.stamp, seen.since, seen.done, seen.told = s, now, false, false
	case now.Sub(seen.since) >= settle:
		seen.done = true
	}
	return seen
}

// changedFiles are the files that articles refer to and that are not as they were taken.
type changedFiles struct {
	articles map[string]bool // the keys of their articles
	done     []*shot
	waiting  bool // some are still being written
}

// announce reports whether one of them was not announced yet, and marks them all as announced.
func (c changedFiles) announce() bool {
	news := false
	for _, s := range c.done {
		news = news || !s.told
		s.told = true
	}
	return news
}

// changedMedia asks how the files are that articles refer to, by their sizes and times alone. What is gone has not changed:
// it is kept. anew says that those that could not be read are to be tried again.
func (f *Files) changedMedia(now time.Time, anew bool) changedFiles {
	c := changedFiles{articles: map[string]bool{}}
	for key, list := range f.media {
		for _, a := range list {
			file, s, found := f.whereIs(key, a)
			switch {
			case !found:
			case s == a.stamp():
				delete(f.shots, file)
				if anew && a.Wrong != "" {
					c.articles[key] = true
				}
			default:
				seen := f.see(file, now, s)
				if seen.done {
					c.articles[key] = true
					c.done = append(c.done, seen)
				} else {
					c.waiting = true
				}
			}
		}
	}
	return c
}

// whereIs finds the file that is meant, at the first of its places that has one.
func (f *Files) whereIs(key string, a attached) (file string, s stamp, found bool) {
	for _, p := range f.places(key, a.Ref, a.Sound) {
		file = filepath.Join(f.root(p), filepath.FromSlash(p.Below))
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file, stampOf(info), true
		}
	}
	return "", stamp{}, false
}

// lastingMedia adds what is wrong with files that articles refer to.
func (f *Files) lastingMedia(t *take, all map[string]error) {
	for _, list := range f.media {
		for _, a := range list {
			if a.Wrong != "" {
				all[f.shown(a.Place)] = unfitFile(a.Wrong)
			}
		}
	}
	for _, file := range t.unfinished {
		all[file] = errUnfinished
	}
}

// shown is a place as reports name it.
func (f *Files) shown(p place) string {
	if p.Apart {
		return filepath.ToSlash(filepath.Join(cmp.Or(f.config.Media, "."), p.Below))
	}
	return f.prefix + p.Below
}
