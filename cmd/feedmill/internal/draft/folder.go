package draft

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"feedmill/feed/listing"
)

// mostEntries bounds how much of a folder is looked at.
const mostEntries = 20_000

// errEnough ends a walk.
var errEnough = errors.New("enough")

// Folder is the draft for a folder of articles. name is how the configuration writes it.
func Folder(folder fs.FS, name string) (Draft, error) {
	counts, deep, seen := map[string]int{}, false, 0
	err := fs.WalkDir(folder, ".", func(file string, e fs.DirEntry, err error) error {
		if seen++; seen > mostEntries {
			return errEnough
		}
		base := path.Base(file)
		hidden := file != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~") || strings.HasPrefix(base, "_"))
		switch {
		case err != nil && file == ".":
			return err
		case err != nil, e.IsDir() && hidden:
			return fs.SkipDir
		case e.IsDir(), hidden:
			return nil
		}
		if end := strings.ToLower(path.Ext(base)); slices.Contains([]string{".md", ".html", ".txt"}, end) {
			counts[end[1:]]++
			deep = deep || strings.Contains(file, "/")
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return Draft{}, err
	}
	var ends, told []string
	for _, end := range []string{"md", "html", "txt"} {
		if counts[end] > 0 {
			ends = append(ends, end)
			told = append(told, fmt.Sprintf("%d .%s", counts[end], end))
		}
	}
	if len(ends) == 0 {
		return Draft{}, fmt.Errorf("the folder %s holds no article; feedmill reads files that end in .md, .html or .txt", name)
	}
	glob := "*." + ends[0]
	if len(ends) > 1 {
		glob = "*.{" + strings.Join(ends, ",") + "}"
	}
	if deep {
		glob = "**/" + glob
	}
	return Draft{
		Key:   path.Base(name),
		Notes: []string{fmt.Sprintf("the folder %s holds articles: %s", name, strings.Join(told, ", "))},
		Source: "files:\n  path: " + listing.Scalar(path.Join(name, glob)) + "\n" +
			"  # permalink: \"https://news.example.org/{slug}\"    # where the articles stand on your site; without it feedmill makes a page for each\n",
	}, nil
}
