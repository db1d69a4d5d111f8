package files

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"feedmill/feed"
)

// take is one fetch under way.
type take struct {
	listing bool // there was no index
	first   bool // the first fetch of the process
	before  index
	next    index    // before itself until something changes
	keys    []string // of next: those of before in order, then those that were added; it may hold dropped ones
	changed bool     // next is another index than before

	jobs     []job
	articles map[string]feed.Article
	gone     []string
	problems []error
	unread   map[string]error // files that are finished and could not be read, by key
	again    bool             // a file changed while it was read

	mediaChanged bool              // what is remembered of media is something else than before
	unfinished   map[string]string // media for which articles wait, by the articles' keys
}

// job is one file to read, as it was when the look found it.
type job struct {
	key string
	seen
	anew bool // though it is as it was: a file that it refers to is not
}

// result is what came of a job.
type result struct {
	record  record
	article *feed.Article // nil when the content is what it was, or bad
	problem error         // no article can be made of the content
	unread  error         // the content could not be read
	changed bool          // the file changed meanwhile, or one that it refers to is being written
	media   []attached    // of the article
	awaited string        // the file that is being written
	fatal   error         // nothing more can be done
}

// own makes next a copy that may be changed.
func (t *take) own() {
	if !t.changed {
		t.changed = true
		t.next = make(index, len(t.before)+len(t.jobs))
		maps.Copy(t.next, t.before)
		t.keys = slices.Clone(t.keys)
	}
}

// take reads the files that are due and lets go of those that are gone.
func (f *Files) take(ctx context.Context, m feed.Memory, t *take, d due) error {
	results := make([]result, len(t.jobs))
	err := parallel(ctx, len(t.jobs), 1, func(i int) {
		old, known := t.next[t.jobs[i].key]
		results[i] = f.do(t.jobs[i], old, known, t.first)
		if a := results[i].article; a != nil {
			f.attach(ctx, m, a, &results[i])
		}
	})
	for _, r := range results {
		err = errors.Join(err, r.fatal)
	}
	if err != nil {
		return fmt.Errorf("read files in %s: %w", f.base, err)
	}
	t.again, t.unread, t.unfinished = false, map[string]error{}, map[string]string{}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, j := range t.jobs {
		t.add(j.key, results[i])
		f.remember(t, j.key, results[i])
		v := f.sights.files[j.key]
		if v == nil || v.seen != j.seen {
			continue // Watch has seen it change since
		}
		done := !results[i].changed && results[i].unread == nil
		v.taken, v.known = done, v.known || done
		v.told = !results[i].changed
	}
	for _, key := range append(d.gone, t.moved(results, d.stranded)...) {
		t.drop(key)
		delete(f.sights.files, key)
		if f.media[key] != nil {
			delete(f.media, key)
			t.mediaChanged = true
		}
	}
	return nil
}

// moved returns those of the stranded keys whose content lies under a new key now: they were moved before their folder
// was removed.
func (t *take) moved(results []result, stranded []string) []string {
	arrived := map[[len(record{}.sum)]byte]bool{}
	for i, j := range t.jobs {
		if _, known := t.before[j.key]; !known && results[i].article != nil {
			arrived[results[i].record.sum] = true
		}
	}
	var moved []string
	for _, key := range stranded {
		if sum := t.next[key].sum; arrived[sum] {
			delete(arrived, sum)
			moved = append(moved, key)
		}
	}
	return moved
}

func (t *take) add(key string, r result) {
	switch {
	case r.changed:
		t.again = true
		return
	case r.unread != nil:
		t.unread[key] = r.unread
		return
	case r.problem != nil:
		delete(t.articles, key)
		t.problems = append(t.problems, r.problem)
	case r.article != nil:
		t.articles[key] = *r.article
	}
	old, known := t.next[key]
	if known && old == r.record {
		return
	}
	t.own()
	t.next[key] = r.record
	if !known {
		t.keys = append(t.keys, key)
	}
}

func (t *take) drop(key string) {
	t.own()
	delete(t.next, key)
	delete(t.articles, key)
	if _, ok := t.before[key]; ok {
		t.gone = append(t.gone, key)
	}
}

// do reads one file and makes an article of it, unless the content is the one that the index knows already.
func (f *Files) do(j job, old record, known, first bool) result {
	r := result{record: record{seen: j.seen}}
	if j.size > maxSize {
		r.record.bad = true
		r.problem = &feed.Problem{Where: j.key, Err: feed.Classify(feed.Unreadable, fmt.Errorf(
			"the file has %d MB, an article at most %d MB; is this an article?", j.size>>20, maxSize>>20))}
		return r
	}
	if known && !old.bad && old.stamp == j.stamp && !j.anew { // only its folder is mounted anew
		r.record.sum = old.sum
		return r
	}
	data, err := readWhole(f.file(j.key), f.config.Within, j.stamp)
	if err != nil {
		r.changed = errors.Is(err, errChanged)
		if !r.changed {
			r.unread = readError(err)
		}
		return r
	}
	sum := sha256.Sum256(data)
	copy(r.record.sum[:], sum[:])
	if known && old.sum == r.record.sum && !j.anew && (!old.bad || !first) {
		r.record.bad = old.bad
		return r
	}
	a, err := f.guarded(j.key, func() (feed.Article, error) { return read(j.key, data, f.loc) })
	if err != nil {
		r.record.bad, r.problem = true, err
		return r
	}
	a.Key, a.Modified = j.key, time.Unix(0, j.modified).UTC()
	r.article = &a
	return r
}

// guarded calls a parser, whose panic is this file's problem and nobody else's.
func (f *Files) guarded(key string, parse func() (feed.Article, error)) (a feed.Article, err error) {
	defer func() {
		if p := recover(); p != nil {
			f.log.Error("panic while reading a file", "file", key, "panic", p, "stack", string(debug.Stack()))
			err = &feed.Problem{Where: key, Err: feed.Classify(feed.Internal,
				fmt.Errorf("feedmill itself failed on this file (%v); please report it together with the file", p))}
		}
	}()
	return parse()
}

var errChanged = errors.New("the file changed while it was read")

// errOutside is said of a link that leads out of [Config.Within].
var errOutside = errors.New("is a symbolic link that leads out of the folder of the file that names this source; put the article itself there")

// open opens a file for reading, by links only as far as within allows.
func open(path, within string) (*os.File, error) {
	// Without O_NONBLOCK the call would hang, had a named pipe taken the file's place.
	const how = os.O_RDONLY | syscall.O_NONBLOCK
	if within == "" {
		return os.OpenFile(path, how, 0)
	}
	below, err := inside(path, within)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(within) // which a link that is put there in this moment does not deceive
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(below, how, 0)
}

// inside is where a path leads, seen from within. The error is errOutside when that is not below it.
func inside(path, within string) (below string, err error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	if below, err = filepath.Rel(within, target); err != nil || !filepath.IsLocal(below) {
		return "", errOutside
	}
	return below, nil
}

// readWhole reads a file that still is as the look found it, and stays so until the last byte is read; else errChanged.
func readWhole(path, within string, want stamp) ([]byte, error) {
	file, err := open(path, within)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errChanged
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := unchanged(file, want); err != nil {
		return nil, err
	}
	data := make([]byte, want.size)
	if _, err := io.ReadFull(file, data); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errChanged
	} else if err != nil {
		return nil, err
	}
	return data, unchanged(file, want)
}

func unchanged(file *os.File, want stamp) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || stampOf(info) != want {
		return errChanged
	}
	return nil
}

// encode brings the keys in order, which they nearly are, and encodes the index.
func (t *take) encode() []byte {
	if len(t.keys) != len(t.next) {
		t.keys = slices.DeleteFunc(t.keys, func(key string) bool { _, ok := t.next[key]; return !ok })
	}
	slices.Sort(t.keys)
	t.keys = slices.Compact(t.keys) // a file may have gone and come back
	return t.next.encode(t.keys)
}

// finish makes the batch and puts the index.
func (f *Files) finish(m feed.Memory, t *take, l *listing, d due) feed.Batch {
	if t.listing {
		t.own()
	}
	b := feed.Batch{Extent: feed.Unchanged, WithdrawGone: f.config.Gone == Withdraw, Problems: t.problems}
	if t.changed {
		b.Extent = feed.Increment
		f.lastBlob = t.encode()
		m.Put(indexKey, f.lastBlob)
	}
	f.blob = m.Get(mediaKey)
	if t.mediaChanged {
		f.blob = f.media.encode()
		m.Put(mediaKey, f.blob)
	}
	if len(t.articles) > 0 && b.Extent == feed.Unchanged {
		b.Extent = feed.Increment // only what they refer to is new
	}
	if t.listing {
		b.Extent = feed.Listing
	}
	f.last, f.lastKeys = t.next, t.keys
	for _, key := range slices.Sorted(maps.Keys(t.articles)) {
		b.Articles = append(b.Articles, t.articles[key])
	}
	for _, key := range t.gone {
		if _, back := t.next[key]; !back {
			b.Gone = append(b.Gone, key)
		}
	}
	b.Link = f.Linker()
	b.Problems = append(b.Problems, f.news(f.lasting(t, l, d))...)
	return b
}

// lasting collects what is wrong as long as nobody mends it, by place.
func (f *Files) lasting(t *take, l *listing, d due) map[string]error {
	all := maps.Clone(l.blocked)
	maps.Copy(all, t.unread)
	for _, key := range d.restless {
		all[key] = feed.Classify(feed.Unavailable, errors.New("the file is still being written; it is read once it stays as it is for two seconds"))
	}
	f.lastingMedia(t, all)
	lost := map[string]int{}
	for _, key := range d.stranded {
		if _, known := t.next[key]; known {
			lost[path.Dir(key)]++
		}
	}
	for folder, n := range lost {
		if !under(l.blocked, folder) {
			all[folder] = feed.Classify(feed.Suspicious, fmt.Errorf(
				"the folder is gone, or is another than before, and with it %s; what was published stays; bring the folder back, or withdraw what is not wanted any more", plural(n, "file")))
		}
	}
	return all
}

// under reports whether a folder, or one above it, is among those that cannot be read.
func under(blocked map[string]error, folder string) bool {
	for ; ; folder = path.Dir(folder) {
		if blocked[folder] != nil {
			return true
		}
		if folder == path.Dir(folder) {
			return false
		}
	}
}

// news returns the problems that were not told before, in the order of their places.
func (f *Files) news(all map[string]error) []error {
	var problems []error
	told := make(map[string]string, len(all))
	for _, where := range slices.Sorted(maps.Keys(all)) {
		told[where] = all[where].Error()
		if f.standing[where] != told[where] {
			problems = append(problems, &feed.Problem{Where: where, Err: all[where]})
		}
	}
	f.standing = told
	return problems
}
