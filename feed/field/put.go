package field

import "slices"

// Put sets the rules of a word. It reports false when there is no such word.
func (f *Fields[S]) Put(word string, rules Rules[S]) bool {
	all := [...]*Rules[S]{
		&f.ID, &f.Title, &f.Link, &f.Published, &f.Updated, &f.Expires, &f.Author, &f.Summary, &f.Content, &f.Tags, &f.Image, &f.Caption,
		&f.Credit, &f.Language, &f.Status, &f.Correction, &f.Minor, &f.Pin, &f.Audio,
	}
	i := slices.Index(Words[:], word)
	if i < 0 {
		return false
	}
	*all[i] = rules
	return true
}
