package mill

// Hold bounds what m holds in memory: bodies of documents, those of so many articles, the pieces they are stored in, and how
// many articles and pages at once.
func (m *Mill) Hold(document, all int64, many, piece, articles, pages int) {
	m.sizes = sizes{document, all, many, piece, articles, pages}
}
