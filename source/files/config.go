package files

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"feedmill/feed/setting"
)

// Config says which files are articles and what happens to them.
type Config struct {
	// Path is a pattern of files, relative to the folder of the configuration: * stands for any part of a name, ** for
	// any folders, {md,txt} for one of several, [0-9] for one character. Never read are dot files and dot folders, lock
	// and temporary files of editors and synchronisers (~$*, .~lock*, ._*, *.sb-*), and folders behind a symbolic link,
	// unless the link stands before the first wildcard.
	Path string `yaml:"path"`
	// Permalink is the address of an article that names no link of its own: {slug}, {title}, {id},
	// {published:2006/01/02}, and {path}, the file's path below the folder before the first wildcard, without
	// extension. Without it feedmill hosts a page for the article.
	Permalink setting.Template `yaml:"permalink"`
	// Watch is how often to look for changes; 0 looks only on schedule. A file is read when it has kept its size and
	// time for two seconds.
	Watch setting.Duration `yaml:"watch"`
	// Gone says what a deleted file means: keep leaves its article published, withdraw withdraws it. A folder that
	// vanished, or an empty one in its place (an unmounted share), withdraws nothing.
	Gone Gone `yaml:"gone"`
	// Report writes _feedmill.txt into the folder before the first wildcard, with a line for each file that says what
	// became of it.
	Report bool `yaml:"report"`
	// Media is a folder in which the sound that articles name with the word audio is looked for before it is looked for
	// beside them. Relative to the folder of the configuration.
	Media string `yaml:"media"`
	// MediaURL is an address below which that sound lies already: feedmill does not publish it then. The file itself, in
	// Media or beside the article, only tells its length.
	MediaURL string `yaml:"media_url"`
	// Within is the absolute folder, free of links, out of which no symbolic link may lead. Empty: they lead anywhere. No word of
	// a source says so, but what the file that holds it may do.
	Within string `yaml:"-"`
}

// Gone says what a deleted file means for its article. The zero value is Keep.
type Gone string

// The words for [Gone].
const (
	Keep     Gone = "keep"
	Withdraw Gone = "withdraw"
)

// UnmarshalText reads keep or withdraw.
func (g *Gone) UnmarshalText(text []byte) error {
	switch word := Gone(text); word {
	case Keep, Withdraw:
		*g = word
		return nil
	}
	return fmt.Errorf("%q is not known; write keep or withdraw", text)
}

// Default returns the configuration that holds where nothing is written.
func Default() Config {
	return Config{Watch: setting.Duration(2 * time.Second), Gone: Keep}
}

// shortest is the shortest time between two looks; more often only warms the disk, for a file needs two seconds anyway.
const shortest = time.Second

// Validate reports in one sentence what is wrong with the configuration.
func (c Config) Validate() error {
	const example = "articles/**/*.{md,html,txt}"
	if c.Path == "" {
		return errors.New("path is empty; write a pattern such as " + example)
	}
	if !doublestar.ValidatePattern(c.Path) {
		return fmt.Errorf("path %q is no pattern: a [ or { is not closed, or a \\ stands at its end", c.Path)
	}
	base, rest := doublestar.SplitPattern(c.Path)
	if rest == "" || strings.HasSuffix(rest, "/") {
		return fmt.Errorf("path %q names a folder; write a pattern of files such as %s", c.Path, path.Join(base, rest, "**/*.{md,html,txt}"))
	}
	for part := range strings.SplitSeq(rest, "/") {
		if part == ".." {
			return fmt.Errorf("path %q has .. after a wildcard, which no file fits; write it at the beginning", c.Path)
		}
	}
	if w := time.Duration(c.Watch); w < 0 || w > 0 && w < shortest {
		return fmt.Errorf("watch %v is too short; write %v or more, or 0 to look only on schedule", c.Watch, shortest)
	}
	if c.MediaURL != "" {
		if _, ok := webAddress(c.MediaURL); !ok {
			return fmt.Errorf("media_url %q is no whole address; begin it with https:// or http://", c.MediaURL)
		}
	}
	return c.validatePermalink()
}

// Reads reports whether the pattern fits the pages of an output that writes into the folder. Relative paths begin at dir. It
// looks at names only.
func (c Config) Reads(dir, folder string) bool {
	base, p := split(c.Path)
	from, to := filepath.FromSlash(base), filepath.Clean(folder)
	if !filepath.IsAbs(from) {
		from = filepath.Join(dir, from)
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(dir, to)
	}
	below, err := filepath.Rel(from, to)
	if err != nil || !filepath.IsLocal(below) {
		return false
	}
	return slices.ContainsFunc([]string{".", "feed", "feed/a/article"}, func(folder string) bool {
		return p.reaches(path.Join(filepath.ToSlash(below), folder), "index.html")
	})
}

// ReportFile is the path of the report that the source writes, empty when it writes none. Relative paths begin at dir.
func (c Config) ReportFile(dir string) string {
	if !c.Report {
		return ""
	}
	base, _ := split(c.Path)
	if base = filepath.FromSlash(base); !filepath.IsAbs(base) {
		base = filepath.Join(dir, base)
	}
	return filepath.Join(base, reportName)
}

// reaches reports whether the walk comes to the folder and finds that the file in it fits.
func (p pattern) reaches(folder, name string) bool {
	if folder != "." {
		parts := strings.Split(folder, "/")
		for i, part := range parts {
			if ignored(part) || !p.mayHold(strings.Join(parts[:i+1], "/")) {
				return false
			}
		}
	}
	return p.matches(path.Join(folder, name), name)
}

func (c Config) validatePermalink() error {
	link := c.Permalink.String()
	switch {
	case link == "":
		return nil
	case !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://"):
		return fmt.Errorf("permalink %q is no whole address; begin it with https:// or http://", link)
	case !strings.Contains(link, "{"):
		return fmt.Errorf("permalink %q is the same for every article; put {slug} or {path} into it", link)
	}
	return nil
}
