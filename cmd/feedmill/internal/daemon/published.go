package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/parse"
	"feedmill/feed/render"
)

// tellingMost are the formats by how much they tell of an article, with their media types.
var tellingMost = []struct {
	format    render.Format
	mediaType string
}{{render.Atom, feed.TypeAtom}, {render.JSON, feed.TypeJSON}, {render.RSS, feed.TypeRSS}}

// Published reads back what a file output has of the feed, its live document and then its archives, for
// [mill.Mill.Learn]; of several outputs the one that was written last. folder is that output's, empty when none has
// anything. What cannot be read is an error beside the rest.
func (p *Plan) Published(f *Feed, now time.Time) (folder string, shown []mill.Shown, err error) {
	var errs []error
	var newest mill.Shown
	for _, dir := range f.folders {
		live, found, err := readLive(dir, f, now)
		errs = append(errs, err)
		if found && (folder == "" || live.Modified.After(newest.Modified)) {
			folder, newest = dir, live
		}
	}
	if folder == "" {
		return "", nil, errors.Join(errs...)
	}
	archives, err := readArchives(folder, f, now)
	return folder, append([]mill.Shown{newest}, archives...), errors.Join(append(errs, err)...)
}

// readLive reads one live document: the others tell the same, though not as much.
func readLive(dir string, f *Feed, now time.Time) (live mill.Shown, found bool, err error) {
	var errs []error
	for _, t := range tellingMost {
		usual := render.Channel{Feed: f.Name}.Path(t.format) // as long as nothing was written at a new address
		for _, name := range slices.Compact([]string{f.Channel.Path(t.format), usual}) {
			live, err := readBack(dir, name, t.mediaType, f, now)
			if err == nil {
				return live, true, errors.Join(errs...)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return mill.Shown{}, false, errors.Join(errs...)
}

// readArchives reads the documents below the feed's reserved address for them, in the format that tells most, the last
// name first.
func readArchives(dir string, f *Feed, now time.Time) (shown []mill.Shown, err error) {
	byFormat := map[string][]string{}
	err = fs.WalkDir(os.DirFS(dir), path.Join(f.Name, "archive"), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			byFormat[path.Ext(name)] = append(byFormat[path.Ext(name)], name)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	errs := []error{err}
	for _, t := range tellingMost {
		names := byFormat["."+string(t.format)]
		for _, name := range slices.Backward(names) {
			s, err := readBack(dir, name, t.mediaType, f, now)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			s.Archive = true
			shown = append(shown, s)
		}
		if len(names) > 0 {
			break
		}
	}
	return shown, errors.Join(errs...)
}

func readBack(dir, name, mediaType string, f *Feed, now time.Time) (mill.Shown, error) {
	file := filepath.Join(dir, filepath.FromSlash(name))
	info, err := os.Stat(file)
	if err != nil {
		return mill.Shown{}, err
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return mill.Shown{}, err
	}
	base := f.Channel.Base + "/" + name
	parsed, err := parse.Parse(body, mediaType, base, time.UTC, now)
	if err != nil {
		return mill.Shown{}, fmt.Errorf("%s: %w", file, err)
	}
	if parsed.Self != "" && parsed.Self != base && !strings.HasSuffix(parsed.Self, "/"+name) {
		return mill.Shown{}, fmt.Errorf("%s is not the document of feed %s: it says that it lies at %s", file, f.Name, parsed.Self)
	}
	return mill.Shown{Document: feed.NewDocument(name, mediaType, info.ModTime(), body), Articles: parsed.Articles}, nil
}
