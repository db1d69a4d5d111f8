package field

import (
	"html"
	"mime"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/markup"
)

// set is the one place where values become a word of the article. It reports false when they say nothing, with an error
// when they say something that cannot be used.
func (m *maker[S]) set(word string, s settings) (bool, error) {
	a := &m.article
	switch word {
	case "id":
		return setText(&a.ID, s.values, clean.Line)
	case "title":
		return setText(&a.Title, s.values, clean.Line)
	case "summary":
		return setText(&a.Summary, s.values, summary)
	case "caption":
		return setText(&a.Image.Caption, s.values, clean.Line)
	case "credit":
		return setText(&a.Image.Credit, s.values, clean.Line)
	case "correction":
		return setText(&a.Correction, s.values, clean.Line)
	case "link":
		return m.setAddress(&a.Link, s.values, markup.Match.Address)
	case "image":
		return m.setAddress(&a.Image.URL, s.values, markup.Match.Image)
	case "audio":
		return m.setAudio(s.values)
	case "published":
		return m.setTime(&a.Published, s)
	case "updated":
		return m.setTime(&a.Updated, s)
	case "expires":
		return m.setTime(&a.Expires, s)
	case "author":
		return m.setAuthors(s.values), nil
	case "tags":
		return m.setTags(s.values), nil
	case "content":
		return m.setContent(s), nil
	case "language":
		return setLanguage(&a.Language, s.values)
	case "status":
		return setStatus(&a.Status, s.values)
	case "minor":
		return setBool(&a.Minor, s.values)
	case "pin":
		return setBool(&a.Pin, s.values)
	}
	return false, nil
}

// setText joins the texts of values.
func setText(to *string, values []markup.Match, tidy func(string) string) (bool, error) {
	var texts []string
	for _, v := range values {
		if text := tidy(v.Text()); text != "" {
			texts = append(texts, text)
		}
	}
	*to = strings.Join(texts, " ")
	return *to != "", nil
}

// summary is plain text, though values that are no elements may hold markup.
func summary(s string) string {
	if strings.Contains(s, "<") {
		return clean.Line(clean.PlainText(s))
	}
	return clean.Line(s)
}

// setAddress takes the first value that is or holds an address.
func (m *maker[S]) setAddress(to *string, values []markup.Match, of func(markup.Match) string) (bool, error) {
	var failed error
	for _, v := range values {
		written := of(v)
		if written == "" {
			continue
		}
		address, err := m.address(written)
		if err == nil {
			*to = address
			return true, nil
		}
		if failed == nil {
			failed = err
		}
	}
	return false, failed
}

// setAudio makes an enclosure of each value.
func (m *maker[S]) setAudio(values []markup.Match) (bool, error) {
	var failed error
	for _, v := range values {
		var address string
		if set, err := m.setAddress(&address, []markup.Match{v}, markup.Match.Address); !set {
			failed = err
			continue
		}
		known := slices.ContainsFunc(m.article.Enclosures, func(e feed.Enclosure) bool { return e.URL == address })
		if !known {
			m.article.Enclosures = append(m.article.Enclosures, feed.Enclosure{URL: address, Type: mediaType(v, address)})
		}
	}
	return len(m.article.Enclosures) > 0, failed
}

// mediaType is what an element says of its type, else what the ending of the address says.
func mediaType(v markup.Match, address string) string {
	if t := v.Attribute("type"); strings.Contains(t, "/") {
		return t
	}
	file, _, _ := strings.Cut(address, "?")
	switch ending := strings.ToLower(path.Ext(file)); ending {
	case ".mp3":
		return "audio/mpeg"
	case ".m4a":
		return "audio/x-m4a"
	case ".ogg", ".oga":
		return "audio/ogg"
	case ".opus":
		return "audio/opus"
	case ".mp4", ".m4v":
		return "video/mp4"
	default:
		if t, _, _ := mime.ParseMediaType(mime.TypeByExtension(ending)); strings.HasPrefix(t, "audio/") || strings.HasPrefix(t, "video/") {
			return t
		}
	}
	return "audio/mpeg"
}

// setAuthors makes a person of each value. A link to a page of theirs comes along.
func (m *maker[S]) setAuthors(values []markup.Match) bool {
	for _, v := range values {
		p := feed.Person{Name: v.Text()}
		if object, ok := v.JSON.(map[string]any); ok {
			p.Email, _ = object["email"].(string)
			p.URL, _ = object["url"].(string)
		} else if v.IsElement() && v.Node.Data == "a" {
			p.URL = v.Attribute("href")
		}
		if mail, ok := strings.CutPrefix(p.URL, "mailto:"); ok {
			p.URL, p.Email = "", mail
		}
		if p.URL != "" {
			p.URL, _ = m.address(p.URL) // one that cannot be used is left out
		}
		known := slices.ContainsFunc(m.article.Authors, func(other feed.Person) bool { return other.Name == p.Name })
		if p.Name != "" && !known {
			m.article.Authors = append(m.article.Authors, p)
		}
	}
	return len(m.article.Authors) > 0
}

// setTags makes a tag of each value; a single one is cut at its commas.
func (m *maker[S]) setTags(values []markup.Match) bool {
	var texts []string
	for _, v := range values {
		texts = append(texts, v.Text())
	}
	if len(texts) == 1 {
		texts = strings.Split(texts[0], ",")
	}
	for _, text := range texts {
		if tag := clean.Line(text); tag != "" && !slices.Contains(m.article.Tags, tag) {
			m.article.Tags = append(m.article.Tags, tag)
		}
	}
	return len(m.article.Tags) > 0
}

// setContent joins values as HTML, or as the Markdown they are.
func (m *maker[S]) setContent(s settings) bool {
	var parts []string
	for _, v := range s.values {
		part := ""
		switch s.as {
		case Markdown:
			part = strings.TrimSpace(v.Raw())
		case Plain:
			part = paragraphs(v.Raw())
		default:
			part = v.HTML(len(s.values) == 1)
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	switch s.as {
	case Markdown:
		m.article.Markdown = strings.Join(parts, "\n\n")
		return m.article.Markdown != ""
	default:
		m.article.Content = strings.Join(parts, "\n")
	}
	if !clean.HasText(m.article.Content) && !strings.Contains(m.article.Content, "<img") && !strings.Contains(m.article.Content, "<video") &&
		!strings.Contains(m.article.Content, "<audio") && !strings.Contains(m.article.Content, "<iframe") {
		m.article.Content = ""
	}
	return m.article.Content != ""
}

// paragraphs makes HTML of plain text.
func paragraphs(text string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		var lines []string
		for line := range strings.SplitSeq(paragraph, "\n") {
			if line = clean.Line(line); line != "" {
				lines = append(lines, html.EscapeString(line))
			}
		}
		if len(lines) > 0 {
			b.WriteString("<p>" + strings.Join(lines, "<br>\n") + "</p>\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func setLanguage(to *string, values []markup.Match) (bool, error) {
	text := strings.ReplaceAll(values[0].Text(), "_", "-")
	if text == "" {
		return false, nil
	}
	tag, err := language.Raw.Parse(text)
	if err != nil || tag == language.Und {
		return false, notUsable("language; it takes a tag such as en or de-AT", text)
	}
	*to = tag.String()
	return true, nil
}

func setStatus(to *feed.Status, values []markup.Match) (bool, error) {
	switch text := strings.ToLower(values[0].Text()); text {
	case "":
		return false, nil
	case "ready", "published":
		*to = feed.Ready
	case string(feed.Draft), string(feed.Withdrawn):
		*to = feed.Status(text)
	default:
		return false, notUsable("status; there are draft, ready and withdrawn", text)
	}
	return true, nil
}

func setBool(to *bool, values []markup.Match) (bool, error) {
	text := strings.ToLower(values[0].Text())
	if text == "yes" || text == "no" {
		*to = text == "yes"
		return true, nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		return false, notUsable("answer; it takes true or false", text)
	}
	*to = b
	return true, nil
}

// setTime takes the first value that is a date.
func (m *maker[S]) setTime(to *time.Time, s settings) (bool, error) {
	var failed error
	for _, v := range s.values {
		text := dateText(v)
		if text == "" {
			continue
		}
		t, err := m.date(text, s)
		if err == nil {
			*to = t
			return true, nil
		}
		if failed == nil {
			failed = err
		}
	}
	return false, failed
}
