package listing

// Block writes a finding as the words below page: of a source, a line each behind indent, that read the same articles.
func (f *Finding) Block(url, indent string) string {
	return indent + "url: " + Scalar(url) + "\n" + Mend{Selectors: Selectors{Items: f.Items, Fields: f.Fields}}.Block(indent)
}
