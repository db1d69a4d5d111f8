// Package markup holds a foreign web page as a tree, and the selectors that find things in it.
//
// A page is bounded before and after it is parsed (bounds.go): 16 MB, 500,000 elements and texts, as many attributes, 512
// levels. What is nested deeper is flattened, what is larger is an error; the largest takes about 150 MB. Its bytes become text by what HTTP, its byte order mark and its head say of
// the charset (charset.go); addresses in it are relative to [Page.Base].
//
// A [Selector] is CSS (css.go) or XPath (xpath.go), may end in @attribute, and may go on in jq (embedded.go). What it finds
// is a [Match]: an element, the text of an attribute or an expression, or a JSON value. match.go says what a match is as a
// text, as HTML, as an address and as a picture.
//
// The package fetches nothing, changes no tree that it has made, and decides nothing about articles.
package markup
