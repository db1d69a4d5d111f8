// Package field makes articles of what selectors find: the words of an article, each with its rules.
//
// [Fields] has one field a word and is read by the configuration as it stands; [Rule] is one way to find a value. Which
// language the selectors are in, and what they are applied to, is the caller's: CSS and XPath on pages
// (markup.Selector), jq on JSON (jq.Program). A new word of articles is a field of Fields, a line in its words, and a case in
// words.go that says what becomes of its values.
//
// The package reads no page and no clock of its own, and never fails an article because of one word: what cannot be
// used is a problem that names the word, and the rules behind it are tried.
package field
