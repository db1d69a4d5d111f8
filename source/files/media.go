package files

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/text/unicode/norm"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/media"
)

// mostMedia bounds how many files of one article are published.
const mostMedia = 500

// place is where a file that an article refers to may be: a path below the folder of articles, or the one of sound.
type place struct {
	Below string `json:"below"`
	Apart bool   `json:"apart,omitempty"` // in the folder of sound
}

func (f *Files) root(p place) string {
	if p.Apart {
		return f.folder
	}
	return f.base
}

// reference is one address by which an article may refer to a file.
type reference struct {
	address string
	sound   bool // of the word audio
}

// attach has the files kept that an article refers to, and makes them its media. What cannot be published is left as it is,
// and said in its notes.
func (f *Files) attach(ctx context.Context, m feed.Memory, a *feed.Article, r *result) {
	keeper, keeps := m.(feed.Keeper)
	if f.config.MediaURL != "" {
		f.elsewhere(a)
	}
	for _, ref := range references(a) {
		if !keeps || len(r.media) == mostMedia {
			break
		}
		one := attached{Ref: ref.address, Sound: ref.sound}
		err := f.attachOne(ctx, keeper, a, &one)
		switch {
		case errors.Is(err, errUnfinished):
			r.changed, r.awaited = true, f.shown(one.Place)
			return
		case errors.Is(err, errChanged):
			r.changed = true
			return
		case err != nil:
			r.fatal = err
			return
		}
		if one.Place.Below == "" {
			continue // it is no file of ours
		}
		r.media = append(r.media, one)
		if one.Media != nil {
			a.Media = append(a.Media, *one.Media)
		}
	}
	a.Enclosures = slices.DeleteFunc(a.Enclosures, func(e feed.Enclosure) bool {
		_, local := localPath(e.URL)
		return local && a.Refer(e.URL) == nil
	})
}

// attachOne finds the file that is meant, and has it kept unless it is as it was. The error is errUnfinished, errChanged, or
// the keeper's own.
func (f *Files) attachOne(ctx context.Context, keeper feed.Keeper, a *feed.Article, one *attached) error {
	places := f.places(a.Key, one.Ref, one.Sound)
	if len(places) == 0 {
		a.Notes = append(a.Notes, one.Ref+" lies outside of the folder and was left as it is")
		return nil
	}
	one.Place = places[0]
	before, known := f.attachedBefore(a.Key, one.Ref)
	kept := false
	if known && before.Media != nil {
		var err error
		if kept, err = keeper.HasMedia(ctx, before.Media.Name); err != nil {
			return err
		}
	}
	file, p, err := f.openMedia(places)
	if err != nil {
		f.absent(a, one, before, kept, err)
		return nil
	}
	defer file.Close()
	one.Place = p
	info, err := file.Stat()
	if err != nil {
		return f.bad(a, one, fmt.Errorf("cannot be read: %w", cause(err)))
	}
	now := stampOf(info)
	if kept && before.stamp() == now && before.Place == p {
		one.Media, one.Size, one.Modified = before.Media, now.size, now.modified
		return nil
	}
	if !f.ready(filepath.Join(f.root(p), filepath.FromSlash(p.Below)), now) {
		return errUnfinished
	}
	one.Size, one.Modified = now.size, now.modified
	return f.keep(ctx, keeper, file, a, one)
}

func (f *Files) attachedBefore(key, ref string) (attached, bool) {
	for _, one := range f.media[key] {
		if one.Ref == ref {
			return one, true
		}
	}
	return attached{}, false
}

// ready reports whether a file is not being written any more, or for so long that its article waits no longer: should it
// settle one day, the article changes.
func (f *Files) ready(file string, s stamp) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	seen := f.see(file, now, s)
	return seen.done || now.Sub(seen.began) >= patienceForMedia
}

// absent notes what becomes of a reference to a file that cannot be opened.
func (f *Files) absent(a *feed.Article, one *attached, before attached, kept bool, err error) {
	switch {
	case kept:
		*one = before
		a.Notes = append(a.Notes, one.Ref+" cannot be found any more; what was published of it stays")
	case errors.Is(err, fs.ErrNotExist) && one.Sound:
		a.Notes = append(a.Notes, one.Ref+" was not found, and the article has no sound")
	case errors.Is(err, fs.ErrNotExist):
		a.Notes = append(a.Notes, one.Ref+" was not found beside the article and is taken for an address")
	case errors.Is(err, fs.ErrPermission):
		_ = f.bad(a, one, errors.New("cannot be read: permission denied; let feedmill's user read it"))
	default:
		_ = f.bad(a, one, errors.New("leads out of the folder by a link, or cannot be opened; put the file itself there"))
	}
}

// bad notes that a file is not published, and why.
func (f *Files) bad(a *feed.Article, one *attached, why error) error {
	one.Wrong, one.Media = why.Error(), nil
	a.Notes = append(a.Notes, one.Ref+" "+one.Wrong)
	return nil
}

// keep has an open file kept, as it was found.
func (f *Files) keep(ctx context.Context, keeper feed.Keeper, file *os.File, a *feed.Article, one *attached) error {
	if one.Size > media.Most {
		return f.bad(a, one, fmt.Errorf("has %d MB, and files of at most %d MB are published", one.Size>>20, media.Most>>20))
	}
	watched := &watchedReader{from: io.LimitReader(file, one.Size)}
	in := bufio.NewReaderSize(watched, media.Head)
	head, _ := in.Peek(media.Head) // its error comes again when it is read
	name := path.Base(one.Place.Below)
	kind, err := media.Look(name, head)
	if err != nil && watched.err == nil {
		return f.bad(a, one, err)
	}
	kept, err := keeper.KeepMedia(ctx, strings.TrimSuffix(name, path.Ext(name))+kind.Extension, kind.Type, in)
	switch {
	case watched.err != nil:
		return f.bad(a, one, fmt.Errorf("cannot be read: %w", cause(watched.err)))
	case err != nil:
		return err
	case kept.Size != one.Size || unchanged(file, one.stamp()) != nil:
		return errChanged
	}
	kept.Ref, kept.Width, kept.Height = one.Ref, kind.Width, kind.Height
	one.Media = &kept
	return nil
}

// watchedReader tells an error of reading from one of whoever it is read for.
type watchedReader struct {
	from io.Reader
	err  error
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

var errUnfinished = feed.Classify(feed.Unavailable, errors.New("the file is still being written; the article that shows it waits up to five minutes for it"))

func unfitFile(why string) error {
	return feed.Classify(feed.Unreadable, errors.New(why))
}

// openMedia opens the first file there is at the places, by links only inside of their folder.
func (f *Files) openMedia(places []place) (file *os.File, at place, err error) {
	for _, p := range places {
		file, err = f.openBelow(f.root(p), p.Below)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return file, p, err
		}
	}
	return nil, place{}, err
}

func (f *Files) openBelow(folder, below string) (*os.File, error) {
	root, err := f.openRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	// Without O_NONBLOCK a named pipe would hold up everything.
	file, err := root.OpenFile(filepath.FromSlash(below), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fs.ErrNotExist, file.Close())
	}
	return file, nil
}

func (f *Files) openRoot(folder string) (*os.Root, error) {
	if f.config.Within == "" {
		return os.OpenRoot(folder)
	}
	below, err := inside(folder, f.config.Within)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(f.config.Within)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenRoot(below)
}

// places are where a file may be that an article refers to: for sound first the folder that is named for it, then beside
// the article; each in the ways that systems write accents. None when it lies outside of the folders, or is a hidden one.
func (f *Files) places(key, address string, sound bool) (all []place) {
	name, local := localPath(address)
	if !local {
		return nil
	}
	folders := []place{{Below: path.Dir(strings.TrimPrefix(key, f.prefix))}}
	if sound && f.folder != "" {
		folders = slices.Insert(folders, 0, place{Below: ".", Apart: true})
	}
	for _, p := range folders {
		below := path.Join(p.Below, name)
		if !fs.ValidPath(below) || below == "." || slices.ContainsFunc(strings.Split(below, "/"), ignored) {
			continue
		}
		for _, spelled := range []string{below, norm.NFC.String(below), norm.NFD.String(below)} {
			if one := (place{spelled, p.Apart}); !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	return all
}

// localPath is the path that a relative address means; false for one that can mean no file.
func localPath(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || u.RawQuery != "" || u.Path == "" || u.Path[0] == '/' {
		return "", false
	}
	return strings.ReplaceAll(u.Path, `\`, "/"), true
}

// references are the addresses of an article that may mean files, each once.
func references(a *feed.Article) (all []reference) {
	add := func(address string, sound bool) {
		if name, local := localPath(address); local && (sound || media.Means(name)) &&
			!slices.ContainsFunc(all, func(r reference) bool { return r.address == address }) {
			all = append(all, reference{address, sound})
		}
	}
	for _, e := range a.Enclosures {
		add(e.URL, true)
	}
	if a.Image.URL != "" {
		add(a.Image.URL, false)
	}
	content := a.Content
	if content == "" && mayRefer(a.Markdown) {
		content = clean.Markdown(a.Markdown)
	}
	clean.Readdress(content, func(address string) string {
		add(address, false)
		return address
	})
	return all
}

// mayRefer reports whether Markdown may hold a relative address: converting it takes longer than all the rest.
func mayRefer(text string) bool {
	if strings.Contains(text, "]:") || strings.Contains(text, "src") || strings.Contains(text, "href") {
		return true
	}
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "](")
		if !found {
			return false
		}
		if after != "" && !strings.HasPrefix(after, "http") && !strings.ContainsAny(after[:1], "#/") {
			return true
		}
		rest = after
	}
}

// elsewhere gives sound the address at which it lies already.
func (f *Files) elsewhere(a *feed.Article) {
	for i := range a.Enclosures {
		e := &a.Enclosures[i]
		name, local := localPath(e.URL)
		if !local {
			continue
		}
		if file, _, err := f.openMedia(f.places(a.Key, e.URL, true)); err == nil {
			if info, err := file.Stat(); err == nil {
				e.Length = info.Size()
			}
			_ = file.Close() // nothing was written
		} else {
			a.Notes = append(a.Notes, e.URL+" was not found here, and nobody is told how long it is")
		}
		e.URL = strings.TrimSuffix(f.config.MediaURL, "/") + "/" + escapePath(name)
	}
}
