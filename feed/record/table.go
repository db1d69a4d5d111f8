package record

import "feedmill/feed/table"

// FromTable makes a document of a table: a list of objects that have its columns as members. Empty cells are left out.
func FromTable(t table.Table) any {
	names := make([]string, len(t.Header))
	for i, name := range t.Header {
		if t.Column(name) == i { // else another one before it has the name
			names[i] = name
		}
	}
	list := make([]any, 0, len(t.Rows))
	for _, row := range t.Rows {
		object := make(map[string]any, len(names))
		for i, cell := range row.Cells {
			if names[i] != "" && cell != "" {
				object[names[i]] = cell
			}
		}
		list = append(list, object)
	}
	return list
}
