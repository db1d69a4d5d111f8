package alert

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/store"
)

// The words for what is wrong; besides these, the class of the error is the word.
const (
	Held   = "held"   // what a source gave is not believed, the old articles are kept
	Silent = "silent" // the feed has had nothing new for longer than it should
	Output = "output" // an output did not take the documents
)

// The subjects of conditions; those of a source and of an output end in its name.
const (
	ofFeed    = "feed"
	ofSilence = "silence"
	ofSource  = "source "
	ofOutput  = "output "
)

// The subjects of what is no feed, but makes feeds: see [Desk.Part].
const (
	Rows = "rows" // of a block
	File = "file" // an included one
)

// sighting is what one refresh showed.
type sighting struct {
	wrong    []store.Condition // by subject
	errs     map[string]error  // by subject
	answered []string          // sources that did not fail
	// whole: the refresh came to its end, so that whoever is not named as wrong is well, or is there no more.
	whole bool
	// removed: the feed is no longer configured.
	removed bool
}

// see takes a refresh's error apart.
func see(r mill.Report, err error) sighting {
	broken := map[string]error{}
	bySubject(err, broken)
	s := sighting{errs: broken, answered: r.Answered, whole: broken[ofFeed] == nil}
	for subject, err := range broken {
		words, _, _ := strings.Cut(err.Error(), "\ngoroutine ") // the stack of a panic differs every time
		class := feed.ClassOf(err)
		s.wrong = append(s.wrong, store.Condition{
			Feed: r.Feed, Subject: subject, Kind: kind(subject, class), Class: class,
			Text: words, Mark: string(class) + " " + places.ReplaceAllString(words, ""),
		})
	}
	slices.SortFunc(s.wrong, func(a, b store.Condition) int { return cmp.Compare(a.Subject, b.Subject) })
	return s
}

// places are what differs from time to time though the trouble is the same: where it lies in a document.
var places = regexp.MustCompile(`[0-9]+|<[^<>]*>`)

// bySubject puts the failures that err joins under their subjects.
func bySubject(err error, broken map[string]error) {
	switch e := any(err).(type) { // not errors.As: it would find the first of those joined
	case nil:
	case *mill.SourceError:
		broken[ofSource+e.Source] = errors.Join(broken[ofSource+e.Source], e.Err)
	case *mill.OutputError:
		broken[ofOutput+e.Output] = errors.Join(broken[ofOutput+e.Output], e.Err)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			bySubject(one, broken)
		}
	default:
		subject := ofFeed
		if feed.ClassOf(err) == feed.Suspicious { // of a feed as a whole nothing else is: it is no failure of the refresh
			subject = ofSilence
		}
		broken[subject] = errors.Join(broken[subject], err)
	}
}

func kind(subject string, class feed.Class) string {
	switch {
	case strings.HasPrefix(subject, ofOutput):
		return Output
	case subject == ofSilence:
		return Silent
	case class == feed.Suspicious:
		return Held
	}
	return string(class)
}

// saysWell reports that a refresh in which nothing of the subject was wrong shows it to be well; else it is either unknown
// or there no more.
func (s sighting) saysWell(subject string) bool {
	name, source := strings.CutPrefix(subject, ofSource)
	if source {
		return slices.Contains(s.answered, name)
	}
	return s.whole && !s.removed
}
