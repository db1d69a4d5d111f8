package listing

import (
	"strings"

	"feedmill/feed/late"
)

// standing is what is to be thought of a class: from those that last to those that are made anew with every release.
type standing int

const (
	microformat standing = iota // agreed upon for everybody
	written                     // a name for what it is
	layout                      // how it looks: col-6, mt-4, flex
	module                      // a name with a made ending: Card_title__x8Jk2
	generated                   // made: css-1x2y3z; or of one article or moment only: post-1234, active
)

var (
	word = late.Regexp(`^-?[A-Za-z_\x{80}-\x{10ffff}][A-Za-z0-9_\-\x{80}-\x{10ffff}]*$`)
	// attribute and value are what can stand in [a="b"] without being quoted themselves.
	attribute = late.Regexp(`^[a-z][a-z0-9-]{0,40}$`)
	value     = late.Regexp(`^[A-Za-z][A-Za-z0-9_ :.-]{0,40}$`)

	microformats = late.Regexp(`^(h-entry|h-feed|hentry|p-(name|summary|author|category)|u-(url|photo|featured)|dt-(published|updated)|e-content|entry-(title|content|summary|date))$`)

	// made are the marks of tools that make classes.
	made = late.Regexp(`^(css|sc|jsx|jss|emotion|svelte|astro|styled|tss)-|^(jss|ember|makeStyles)[0-9]+$|^Mui[A-Z]`)
	// modules are names with an ending made by a build tool.
	modules = late.Regexp(`^([A-Za-z][A-Za-z0-9-]*(?:_[A-Za-z0-9]+)*__?)([A-Za-z0-9_+-]{4,10})$`)
	// moments are classes that say how something is now, or which of many it is.
	moments = late.Regexp(`(?i)^(is-.*|has-.*|no-.*|active|selected|current|visible|hidden|show|shown|open|opened|closed|collapsed|expanded|loaded|loading|lazy.*|first|last|odd|even|new|old|unread|read|visited|hover|focus|js-loaded|animated|fade.*|sticky|alt|status-.*|format-.*|type-.*|tag-.*|category-.*|author-.*|clearfix|cf|group)$`)
	// looks are classes of grids and of utilities.
	looks = late.Regexp(`(?i)^(col(s|umn|umns)?|row|grid|container|container-fluid|wrapper|wrap|inner|outer|flex|block|inline|inline-block|relative|absolute|left|right|center|clear|small|medium|large|bold|italic|underline|uppercase|truncate|rounded|shadow|border|d-.*|col-.*|offset-.*|span\d+|grid-.*|gap-.*|[mp][trblxyse]?-.*|w-.*|h-\d.*|h-full|h-auto|min-.*|max-.*|text-.*|bg-.*|font-.*|flex-.*|items-.*|justify-.*|self-.*|order-.*|space-.*|leading-.*|tracking-.*|border-.*|rounded-.*|shadow-.*|z-.*|top-.*|bottom-.*|left-.*|right-.*|overflow-.*|object-.*|opacity-.*|transition.*|duration-.*|ease-.*|cursor-.*|float-.*|align-.*|position-.*|pull-.*|push-.*|size-.*|large-.*|medium-.*|small-.*|[sml]g?-\d+|one-.*|two-.*|three-.*|uk-.*|u-.*|t-.*|f\d|fs-.*|fw-.*|lh-.*)$`)
)

// judge tells what is to be thought of a class, or an id.
func judge(class string) standing {
	switch {
	case !isWord(class) || len(class) > 50:
		return generated
	case microformats().MatchString(class):
		return microformat
	case made().MatchString(class) || moments().MatchString(class):
		return generated
	case modulePart(class) != "":
		return module
	case looks().MatchString(class):
		return layout
	}
	for part := range strings.FieldsFuncSeq(class, func(r rune) bool { return r == '-' || r == '_' }) {
		if isNumber(part) && len(part) > 1 || isHash(part) {
			return generated
		}
	}
	if len(class) == 1 {
		return layout
	}
	return written
}

// modulePart returns the beginning of a class before an ending made by a build tool, empty when there is none.
func modulePart(class string) string {
	m := modules().FindStringSubmatch(class)
	if m == nil || !isHash(strings.Trim(m[2], "_+-")) {
		return ""
	}
	return m[1]
}

// isHash reports whether part of a name looks drawn by lot: digits amid letters, capitals without order, no vowel.
func isHash(part string) bool {
	if len(part) < 4 {
		return false
	}
	var digits, turns, capitals, vowels, letters int
	var before byte
	for i := range len(part) {
		b := part[i]
		switch {
		case b >= 0x80:
			return false
		case b >= '0' && b <= '9':
			digits++
		default:
			letters++
			if strings.IndexByte("aeiouyAEIOUY", b) >= 0 {
				vowels++
			}
			if b >= 'A' && b <= 'Z' {
				capitals++
				if before >= 'A' && before <= 'Z' {
					turns++
				}
			}
		}
		if i > 0 && isDigit(b) != isDigit(before) {
			turns++
		}
		before = b
	}
	switch {
	case digits > 0 && letters > 0:
		return digits > 1 && (turns > 1 || letters < 4) || len(part) > 4 && vowels == 0 // h2title, article2 and top10 are names
	case digits > 0:
		return false
	case len(part) >= 5 && vowels == 0:
		return true
	case capitals > 0 && capitals < letters:
		return capitals*2 >= letters || len(part) <= 8 && capitals > 1 && vowels*4 < letters
	}
	return false
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isWord reports whether s can stand in a selector as it is.
func isWord(s string) bool { return word().MatchString(s) }

func isAttribute(s string) bool { return attribute().MatchString(s) }

func isValue(s string) bool { return value().MatchString(s) && !hasDigit(s) }
